import Formats
import LocalServer

/// Whom a server on this machine answers: what calls it by a name of its own, and no other site's page.
///
/// A page that is open in a browser here can reach servers here. It may come under its own site's
/// name, after having had that name lead to this machine (DNS rebinding), or call this one's from
/// another origin.
struct LocalAccess {
    let request: LocalRequest

    /// What answers in place of the server; nil for a request that may pass.
    ///
    /// With `isPublic` a page of any origin may pass, as browsers' SDKs do.
    func refusal(isPublic: Bool) -> LocalResponse? {
        guard namesServer else {
            return Self.refusal(
                "foreign_host",
                "This emulator answers to \(authorities.joined(separator: ", ")) only, and the "
                    + "request's Host is none of them.")
        }
        guard isPublic || isOfOwnOrigin else {
            return Self.refusal(
                "foreign_origin",
                "Pages of other sites may neither read messages nor invoke functions here.")
        }
        return nil
    }

    /// What the one `Host` of a request may be; the port is left out where it is HTTP's own.
    private var authorities: [String] {
        ["localhost", "127.0.0.1", "[::1]"].flatMap { name in
            ["\(name):\(request.port)"] + (request.port == 80 ? [name] : [])
        }
    }

    private var namesServer: Bool {
        let hosts = values(of: "host")
        return hosts.count == 1 && hosts.allSatisfy(authorities.contains)
    }

    /// No `Origin`, as programs have none, or one of this server; and a browser that says from where a
    /// page asks says nothing else.
    private var isOfOwnOrigin: Bool {
        let origins = authorities.map { "http://\($0)" }
        return values(of: "origin").allSatisfy(origins.contains)
            && values(of: "sec-fetch-site").allSatisfy(["same-origin", "none"].contains)
    }

    private func values(of name: String) -> [String] {
        request.headers.filter { $0.name.lowercased() == name }.map { $0.value.lowercased() }
    }

    private static func refusal(_ code: String, _ message: String) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", message)
        }
        return .json(403, writer.text)
    }
}

extension LocalServer {
    /// A server for programs of this machine alone; no page of another origin may call it.
    convenience init(
        port: UInt16 = 0, forProgramsWith maximumBody: Int,
        tooLarge: @escaping @Sendable (LocalRequest) -> LocalResponse = { _ in
            LocalResponse(status: 413)
        },
        handler: @escaping @Sendable (LocalRequest) -> LocalResponse
    ) throws(LocalServerError) {
        try self.init(
            port: port, maximumBody: maximumBody,
            tooLarge: { LocalAccess(request: $0).refusal(isPublic: false) ?? tooLarge($0) },
            handler: { LocalAccess(request: $0).refusal(isPublic: false) ?? handler($0) })
    }
}
