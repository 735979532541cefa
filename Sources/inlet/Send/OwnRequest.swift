import AWS
import Formats
import Partners
import Platform
import Samples
import Secrets
import Senders
import Store
import Transport

/// A request of a partner's, as the options of `send` ask for it.
struct OwnRequest {
    static let sender = Option(
        name: "sender", value: "SENDER",
        help: "the protocol to send by (default: by the partner's senders and signing)",
        choices: SenderName.allCases.map(\.rawValue))
    static let file = Option(
        name: "file", value: "FILE", help: "a body to send in place of the sample; - reads it",
        isFile: true)
    static let header = Option.headerLine(help: "a header to send along; may be repeated")
    static let tokenFile = Option(
        name: "token-file", value: "FILE", help: "holds the partner's token; - reads it",
        isFile: true)
    static let svix = Option(
        name: "svix", help: "sign by the svix-* headers in place of webhook-*")

    let request: SampleRequest
    /// True if a placeholder stands in the token's place.
    let lacksToken: Bool
    /// True if the body is the contents of a file that is still there.
    let path: String?
    let isSigned: Bool

    /// Makes the request; `showsOnly` lets a placeholder stand for a token that is not known.
    init(_ session: Session, showsOnly: Bool) throws(InletError) {
        let name = session.arguments.operands[0]
        let entry = try session.reading(name) { catalog throws(StoreError) in
            try catalog.entry(name: name)
        }
        let partner = try session.reading(name) { _ throws(StoreError) in try entry.partner() }
        let sender =
            session.arguments.value(Self.sender).flatMap(SenderName.init(rawValue:))
            ?? partner.mainSender
        if let refusal = partner.refusal(as: sender) {
            session.console.note("The partner is refused today: \(refusal).")
        }
        let id = Session.randomID().text
        var headers = try session.arguments.values(Self.header).map { line throws(InletError) in
            try HTTPField(line: line, "--header")
        }
        let path = session.arguments.value(Self.file)
        let body: [UInt8]
        if let path {
            body = try session.contents(of: path)
        } else {
            let sample = try Self.sample(of: partner, as: sender, id: id, session)
            body = Array(sample.text.utf8)
            headers = sample.headers.filter { headers[$0.name] == nil } + headers
        }
        let signature = try Self.signature(of: partner, as: sender, id: "msg_\(id)", session)
        var token = try Self.token(of: entry, session)
        let isOpen = sender == .customerIO && signature != nil
        lacksToken = token == nil && !isOpen
        if lacksToken, showsOnly { token = WebhookAddress.tokenPlaceholder }
        do throws(SampleError) {
            request = try SampleRequest(body, headers: headers, as: sender, token: token, signature)
        } catch {
            throw .request(.sample(error))
        }
        isSigned = signature != nil
        self.path = path == "-" ? nil : path
    }

    private static func sample(
        of partner: Partner, as sender: SenderName, id: String, _ session: Session
    ) throws(InletError) -> Sample {
        let values = SampleValues(id: id, at: session.system.now())
        guard let sample = Sample(for: partner, of: RouteTable.sender(sender), values) else {
            throw .request(.noSample(partner.name))
        }
        return sample
    }

    /// The token that was given, else the one whose place the context knows, else the one that stands
    /// in the registry.
    private static func token(
        of entry: PartnerEntry, _ session: Session
    ) throws(InletError) -> String? {
        if let path = session.arguments.value(tokenFile) {
            return try token(session.contents(of: path), in: path)
        }
        guard let place = session.context?.token(of: entry.name) else { return entry.plainToken }
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        let bytes: [UInt8]
        do throws(SecretError) {
            bytes = try reader.read(place, within: session.system.budget(of: Session.patience))
        } catch {
            throw .store(.secret(error), about: entry.name)
        }
        return try token(bytes, in: place.description)
    }

    private static func token(_ bytes: [UInt8], in place: String) throws(InletError) -> String {
        guard let token = try Token(existing: bytes).text else {
            throw .request(.tokenIsHash(place: place))
        }
        return token
    }

    /// What the sender's requests are signed with; nil if they are not signed.
    private static func signature(
        of partner: Partner, as sender: SenderName, id: String, _ session: Session
    ) throws(InletError) -> SampleRequest.Signature? {
        if case .writeKey = RouteTable.sender(sender).guide.credentials { return nil }
        guard let rule = partner.signing else {
            if let hint = RouteTable.sender(sender).hint(about: partner) {
                throw .request(.notSendable(hint))
            }
            return nil
        }
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        let keys = rule.keys(by: reader, within: session.system.budget(of: Session.patience))
        var key: [UInt8]?
        var problem: SigningKeyError?
        for found in keys where key == nil {
            switch found {
            case .success(let bytes): key = bytes
            case .failure(let error): problem = error
            }
        }
        guard let key else { throw .request(.signingKey(reason: problem?.reason ?? "")) }
        do throws(SampleError) {
            return try SampleRequest.Signature(
                by: rule, as: sender, session.arguments.has(svix) ? .svix : .webhook, key: key,
                id: id, at: session.system.now())
        } catch {
            throw .request(.sample(error))
        }
    }
}

extension HTTPField {
    /// A header as curl takes it: the name in lower case, the value without blanks around it.
    init(line: some StringProtocol, _ what: String) throws(InletError) {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
            line[..<colon].utf8.allSatisfy(Self.isOfName)
        else { throw .request(.headerLine(what)) }
        let value = line[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
        self.init(line[..<colon].lowercased(), String(value))
    }

    /// Visible ASCII, as names of headers are.
    private static func isOfName(_ byte: UInt8) -> Bool { 0x21...0x7E ~= byte }
}

extension Option {
    /// A header as curl has it.
    static func headerLine(help: String) -> Option {
        Option(name: "header", value: "LINE", help: help)
    }
}
