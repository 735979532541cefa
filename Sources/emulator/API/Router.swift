import Formats

/// Finds the route of a request.
///
/// At each segment a literal beats `{name}`, which beats `{name+}`, which beats `$default`; on the
/// best path a method beats `ANY`. In a REST API's resource tree less good paths are not looked at,
/// even when the best has no such method, and a slash at the end does not count. An HTTP API looks
/// at them, decodes the whole path first, and tells a path with that slash from one without.
struct Router: Sendable {
    struct Match {
        let api: Template.API
        let route: Template.Route
        /// Decoded, in the order of the path.
        let pathParameters: [NamedValue]
    }

    private let apis: [Template.API]

    init(_ apis: [Template.API]) { self.apis = apis }

    /// The best route for a percent-encoded path.
    func match(method: String, path: String) -> Match? {
        var best: (rank: [Int], match: Match)?
        for api in apis {
            let segments = Self.segments(of: path, in: api)
            for route in api.routes {
                guard let found = Self.compare(route.path, segments) else { continue }
                let methodRank = route.method == method ? 0 : route.method == "ANY" ? 1 : 2
                guard methodRank < 2 || api.kind == .rest else { continue }
                let rank = found.rank + [methodRank]
                guard best.map({ rank.lexicographicallyPrecedes($0.rank) }) ?? true else {
                    continue
                }
                best = (rank, Match(api: api, route: route, pathParameters: found.parameters))
            }
        }
        guard let match = best?.match, [method, "ANY"].contains(match.route.method) else {
            return nil
        }
        return match
    }

    /// The decoded segments; the last is empty if an HTTP API's path ends with a slash.
    private static func segments(of path: String, in api: Template.API) -> [String] {
        func decoded(_ text: some StringProtocol) -> String {
            String(decoding: PercentEncoding.decode(Array(text.utf8).span), as: UTF8.self)
        }
        guard api.kind != .rest else { return path.split(separator: "/").map { decoded($0) } }
        let whole = decoded(path)
        let segments = whole.split(separator: "/").map(String.init)
        return whole.hasSuffix("/") && !segments.isEmpty ? segments + [""] : segments
    }

    /// The rank of each segment (lower is better) and the parameters; nil when they differ.
    private static func compare(
        _ pattern: String, _ segments: [String]
    ) -> (rank: [Int], parameters: [NamedValue])? {
        guard pattern != "$default" else { return ([3], []) }
        var rank: [Int] = []
        var parameters: [NamedValue] = []
        let parts = pattern.split(separator: "/")
        for (index, part) in parts.enumerated() {
            guard index < segments.count else { return nil }
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                guard part == segments[index] else { return nil }
                rank.append(0)
                continue
            }
            let name = part.dropFirst().dropLast()
            guard name.hasSuffix("+") else {
                parameters.append(NamedValue(String(name), segments[index]))
                rank.append(1)
                continue
            }
            let rest = segments[index...].joined(separator: "/")
            parameters.append(NamedValue(String(name.dropLast()), rest))
            return (rank + [2], parameters)
        }
        return parts.count == segments.count ? (rank, parameters) : nil
    }
}
