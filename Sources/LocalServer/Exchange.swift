import CMicroHTTPD

/// One request on its way in; only its connection's thread touches it.
final class Exchange {
    private let target: String
    private var isBegun = false
    private var isTooLarge = false
    private var body: [UInt8] = []

    /// Begins a request with its target as sent.
    init(target: String) { self.target = target }

    /// Takes the next part: first nothing, then the body in pieces, then nothing again.
    func proceed(
        on connection: Connection, method: String, chunk: [UInt8], callbacks: Callbacks
    ) -> MHD_Result {
        guard isBegun else {
            isBegun = true
            return .YES
        }
        guard chunk.isEmpty else {
            if body.count + chunk.count > callbacks.maximumBody {
                isTooLarge = true
                body = []
            }
            if !isTooLarge { body += chunk }
            return .YES
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = LocalRequest(
            method: method, path: parts.first.map(String.init) ?? "",
            query: parts.count == 2 ? String(parts[1]) : nil, headers: connection.headers,
            body: body, peer: connection.peer, port: connection.port)
        body = []
        let response = isTooLarge ? callbacks.tooLarge(request) : callbacks.handler(request)
        return response.isDropped ? .NO : connection.send(response)
    }
}
