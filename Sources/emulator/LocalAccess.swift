import Formats
import LocalServer

/// Decides whom a server on this machine answers.
///
/// A caller must use one of the server's own names, and must not be a page of another site.
/// A page in a browser on this machine can reach servers on it. It may make its own site's name
/// lead to this machine (DNS rebinding), or call the server from another origin.
struct LocalAccess {
    let request: LocalRequest

    /// The refusal of a request; nil if it may pass.
    ///
    /// With `isPublic` a page of any origin may pass, because SDKs in browsers call from there.
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

    /// The values that `Host` may have; without the port if that is HTTP's own.
    private var authorities: [String] {
        ["localhost", "127.0.0.1", "[::1]"].flatMap { name in
            ["\(name):\(request.port)"] + (request.port == 80 ? [name] : [])
        }
    }

    private var namesServer: Bool {
        let hosts = values(of: "host")
        return hosts.count == 1 && hosts.allSatisfy(authorities.contains)
    }

    /// True without an `Origin`, as programs call, and for an `Origin` of this server.
    ///
    /// A browser's `Sec-Fetch-Site` must agree.
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
    /// A server for programs of this machine; no page of another origin may call it.
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
