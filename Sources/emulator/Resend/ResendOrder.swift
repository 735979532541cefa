import Formats
import LocalServer

/// What the live page asks to be sent: a recorded request again, changed or not, or a new one.
struct ResendOrder {
    /// The request to send.
    let request: LocalRequest

    /// Reads `base`, `method`, `target`, `headers` and `body`, all of them optional.
    ///
    /// What is left out is as in the request whose id is `base`, whose credentials also replace
    /// their marks.
    init(_ asked: LocalRequest, _ recorder: RequestRecorder) throws(ResendError) {
        guard let root = (try? JSONText(asked.body))?.root, root.kind == .object else {
            throw .notSendable
        }
        var base: RecordedRequest?
        if let id = root["base"]?.unlessNull?.string {
            guard let record = recorder.record(id) else { throw .noSuchRequest }
            base = record
        }
        let body = root["body"]?.unlessNull
        guard body != nil || base?.isTrimmed != true else { throw .bodyIsGone }
        let mask = base?.mask
        func text(_ value: JSONValue?) -> String? {
            value?.string.map { mask?.reveal($0) ?? $0 }
        }
        let own = base.map { "\($0.request.path)\($0.request.query.map { "?\($0)" } ?? "")" }
        guard let target = text(root["target"]) ?? own, target.hasPrefix("/") else {
            throw .notSendable
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let headers = root["headers"].map { list in
            list.elements.map { HTTPField($0["name"]?.string ?? "", text($0["value"]) ?? "") }
        }
        request = LocalRequest(
            method: root["method"]?.string ?? base?.request.method ?? "POST",
            path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
            headers: headers ?? base?.request.headers ?? [],
            body: text(body).map { Array($0.utf8) } ?? base?.request.body ?? [],
            peer: asked.peer, port: asked.port)
    }
}

/// Why nothing was sent.
enum ResendError: Error, Equatable {
    case notSendable
    case noSuchRequest
    case bodyIsGone

    var response: LocalResponse {
        switch self {
        case .notSendable:
            .error(400, "not_sendable", "Send a JSON object with a base, or with a target.")
        case .noSuchRequest: .noSuchRequest
        case .bodyIsGone:
            .error(410, "body_is_gone", "Its body was given up for newer requests.")
        }
    }
}
