import AWS
import Formats
import Partners
import Platform
import Samples
import Secrets
import Senders
import Store

extension Command {
    private static let headers = Option(
        name: "headers", value: "FILE", help: "the request's headers, one Name: value in a line",
        isFile: true)
    private static let body = Option(
        name: "body", value: "FILE", help: "the request's body, byte by byte", isFile: true)
    private static let sender = Option(
        name: "sender", value: "SENDER",
        help: "the protocol of the request (default: by the partner's senders and signing)",
        choices: SenderName.allCases.map(\.rawValue))
    private static let secretFile = Option(
        name: "secret-file", value: "FILE",
        help: "holds the secret that the sender signs with, to try it too", isFile: true)
    private static let at = Option(
        name: "at", value: "TIME", help: "when the request arrived, as RFC 3339 (default: now)")

    static let verify = Command(
        words: ["verify"], summary: "Say why a request's signature does not count.",
        operands: [Operand(name: "NAME", kind: .partner)],
        options: [headers, body, sender, secretFile, at],
        details: """
            The steps are those by which the functions check a request. What is printed holds no secret.
            If no secret of the partner made the signature, what else may have been signed is tried out:
            the same JSON in other bytes, the body alone, a secret in another form. --secret-file tells
            apart whether the secret or the body is another. The exit code is 1 if the request is refused.
            """,
        examples: [
            Example(
                "inlet verify signed --headers headers.txt --body webhook.json",
                "whether the signature of a captured request counts, and if not, why")
        ]
    ) { session throws(InletError) in
        guard let headersPath = session.arguments.value(headers),
            let bodyPath = session.arguments.value(body)
        else { throw .usage("--headers and --body say what was sent", ["verify"]) }
        let name = session.arguments.operands[0]
        let partner = try session.reading(name) { catalog throws(StoreError) in
            try catalog.entry(name: name).partner()
        }
        let sender =
            session.arguments.value(sender).flatMap(SenderName.init(rawValue:))
            ?? partner.mainSender
        let fields = try session.headers(in: headersPath)
        let bytes = try session.contents(of: bodyPath)
        let now = try session.time(at)
        let standing = partner.refusal(as: sender)
        guard let rule = partner.signing, sender != .segmentAPI else {
            return try session.showUnsigned(partner, as: sender, standing)
        }
        guard let content = sender.signedContent(of: bytes, headers: fields, by: rule) else {
            throw .request(.notSendable(RouteTable.sender(sender).hint(about: partner) ?? ""))
        }
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        let review = SignatureReview(
            content, rule, headers: fields, body: bytes,
            keys: rule.keys(by: reader, within: session.system.budget(of: Session.patience)),
            sendersKey: try session.arguments.value(secretFile).map { path throws(InletError) in
                try session.key(in: path, of: rule)
            }, at: now)
        try session.show(review, of: rule, standing)
        guard review.isPassed, standing == nil else { throw .negative }
    }
}

extension Session {
    /// Header fields as they stand in a file, one in a line; a request line before them is left out.
    fileprivate func headers(in path: String) throws(InletError) -> [HTTPField] {
        let text = String(decoding: try contents(of: path), as: UTF8.self)
        var fields: [HTTPField] = []
        for (place, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            if place == 0, line.contains(" HTTP/") { continue }
            fields.append(try HTTPField(line: line, "line \(place + 1) of \(path)"))
        }
        guard !fields.isEmpty else { throw .request(.headerLine("what is in \(path)")) }
        return fields
    }

    fileprivate func time(_ option: Option) throws(InletError) -> Timestamp {
        guard let text = arguments.value(option) else { return system.now() }
        guard let time = Timestamp(rfc3339: text.utf8) else {
            throw .malformed("--\(option.name)", expected: "a time such as 2026-01-05T10:00:00Z")
        }
        return time
    }

    /// The key of a secret in a file, whose line end is not a part of it.
    fileprivate func key(in path: String, of rule: SigningRule) throws(InletError) -> [UInt8] {
        var secret = try contents(of: path)
        while secret.last == 0x0A || secret.last == 0x0D { secret.removeLast() }
        do throws(PartnerError) {
            return try rule.recipe.key.bytes(of: secret, at: printable(path))
        } catch {
            throw .secretMissing(error)
        }
    }

    fileprivate func show(
        _ review: SignatureReview, of rule: SigningRule, _ standing: String?
    ) throws(InletError) {
        if isJSON {
            return try print(json: { writer in
                writer.object { object in
                    object.member("passes", review.isPassed && standing == nil)
                    object.member("scheme", rule.scheme.rawValue)
                    object.name("steps")
                    object.array { array in
                        for finding in review.findings {
                            array.object { step in
                                step.member("step", finding.step.rawValue)
                                step.member("passed", finding.isPassed)
                                step.member("text", finding.text)
                            }
                        }
                    }
                    object.name("causes")
                    object.array { array in for cause in review.causes { array.string(cause) } }
                    if let standing { object.member("refusal", standing) }
                }
            })
        }
        try print("scheme \(rule.scheme.rawValue)")
        for finding in review.findings {
            try print(
                "\(finding.isPassed ? "✓" : "✗") \(finding.step.rawValue): \(printable(finding.text))"
            )
        }
        for cause in review.causes { try print(printable(cause)) }
        if let standing { try print("✗ partner: \(standing)") }
        if review.isPassed, standing == nil { try print("The signature counts.") }
    }

    /// A request whose signature nobody looks at.
    fileprivate func showUnsigned(
        _ partner: Partner, as sender: SenderName, _ standing: String?
    ) throws(InletError) {
        let hint =
            partner.signing == nil ? RouteTable.sender(sender).hint(about: partner) : nil
        let text = hint ?? "The partner's requests are not signed: the token is enough."
        if isJSON {
            try print(json: { writer in
                writer.object { object in
                    object.member("passes", standing == nil && hint == nil)
                    object.name("causes")
                    object.array { $0.string(text) }
                    if let standing { object.member("refusal", standing) }
                }
            })
        } else {
            try print(text)
            if let standing { try print("✗ partner: \(standing)") }
        }
        guard standing == nil, hint == nil else { throw .negative }
    }
}
