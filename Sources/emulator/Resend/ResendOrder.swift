import Formats
import LocalServer
import Partners
import Platform

/// What the live page asks to be sent: a recorded request again, changed or not, or a new one.
struct ResendOrder {
    /// The request to send.
    let request: LocalRequest

    /// Reads `base`, `method`, `target`, `headers` and `body`, all of them optional.
    ///
    /// What is left out is as in the request whose id is `base`, whose credentials also replace
    /// their marks. With `partner`, that partner's token replaces its mark: the one in `token`, else
    /// the one that is known. With `sign`, the request is signed anew.
    init(
        _ asked: LocalRequest, _ recorder: RequestRecorder, _ samples: SampleDesk
    ) throws(ResendError) {
        guard let root = (try? JSONText(asked.body))?.root, root.kind == .object else {
            throw .notSendable
        }
        var base: RecordedRequest?
        if let id = root["base"]?.unlessNull?.string {
            guard let record = recorder.record(id) else { throw .noSuchRequest }
            base = record
        }
        let sent = root["body"]?.unlessNull
        guard sent != nil || base?.isTrimmed != true else { throw .bodyIsGone }
        let marks = Marks(mask: base?.mask, token: try Self.token(root, samples))
        let own = base.map { "\($0.request.path)\($0.request.query.map { "?\($0)" } ?? "")" }
        guard let target = try root["target"]?.string.map(marks.target) ?? own,
            target.hasPrefix("/")
        else { throw .notSendable }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var headers = base?.request.headers ?? []
        if let list = root["headers"] {
            headers = []
            for field in list.elements {
                let name = field["name"]?.string ?? ""
                headers.append(
                    HTTPField(name, try marks.header(name, field["value"]?.string ?? "")))
            }
        }
        let text = try sent?.string.map(marks.text)
        let body = text.map { Array($0.utf8) } ?? base?.request.body ?? []
        if root["sign"]?.bool == true {
            headers = try Self.sign(headers, body, root, base, samples)
        }
        request = LocalRequest(
            method: root["method"]?.string ?? base?.request.method ?? "POST",
            path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
            headers: headers, body: body, peer: asked.peer, port: asked.port)
    }

    /// The token of the partner that the order names, if any is known.
    private static func token(
        _ root: JSONValue, _ samples: SampleDesk
    ) throws(ResendError) -> [UInt8]? {
        if let given = root["token"]?.unlessNull?.utf8, !given.isEmpty { return given }
        return root["partner"]?.string.flatMap { samples.tokens[$0] }
    }

    private static func sign(
        _ headers: [HTTPField], _ body: [UInt8], _ root: JSONValue, _ base: RecordedRequest?,
        _ samples: SampleDesk
    ) throws(ResendError) -> [HTTPField] {
        guard let reading = samples.partners?.reading() else { throw .noSuchPartner }
        let named = root["partner"]?.string.flatMap(samples.partner)
        let sender = root["sender"]?.string.flatMap(SenderName.init(rawValue:))
        let role =
            if let named, let sender {
                SigningRole(named, as: sender)
            } else {
                base.flatMap { SigningRole(of: $0, reading) }
            }
        guard let role else { throw .notSigned(reason: "such requests have no signature") }
        switch role.key(reading) {
        case .success(let key): return role.sign(headers, body, key: key, at: System.wallClock())
        case .failure(let error): throw .notSigned(reason: error.reason)
        }
    }

    /// What stands for credentials in what the page sends.
    private struct Marks {
        let mask: CredentialMask?
        let token: [UInt8]?

        func target(_ text: String) throws(ResendError) -> String {
            try replaced(text) { $0.target($1) }
        }

        func header(_ name: String, _ value: String) throws(ResendError) -> String {
            try replaced(value) { $0.header(name, $1) }
        }

        func text(_ text: String) throws(ResendError) -> String {
            try replaced(text) { $0.text($1) }
        }

        private func replaced(
            _ text: String, _ replace: (TokenMark, String) -> String
        ) throws(ResendError) -> String {
            let revealed = mask?.reveal(text) ?? text
            guard revealed.contains(TokenMark.text) else { return revealed }
            guard let token else { throw .tokenUnknown }
            return replace(TokenMark(token: token), revealed)
        }
    }
}

/// Why nothing was sent.
enum ResendError: Error, Equatable {
    case notSendable
    case noSuchRequest
    case bodyIsGone
    case noSuchPartner
    case noSample
    case tokenUnknown
    case notSigned(reason: String)

    var response: LocalResponse {
        switch self {
        case .notSendable:
            .error(400, "not_sendable", "Send a JSON object with a base, or with a target.")
        case .noSuchRequest: .noSuchRequest
        case .bodyIsGone:
            .error(410, "body_is_gone", "Its body was given up for newer requests.")
        case .noSuchPartner:
            .error(404, "no_such_partner", "The registry has no such partner, or cannot be read.")
        case .noSample:
            .error(422, "no_sample", "The partner's rules are too special for a sample.")
        case .tokenUnknown:
            .error(
                400, "token_unknown", "The partner's token has not been seen yet: give it as token."
            )
        case .notSigned(let reason):
            .error(400, "not_signed", "It cannot be signed anew: \(reason).")
        }
    }
}
