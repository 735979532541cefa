internal import Formats

/// Method and path of an event, with what the front put before the path taken off again.
///
/// A front does not always say what it put there. If a stage has the name of a route's first
/// segment, or a custom domain maps to it, a path can be read in several ways. ``segments`` is the
/// likeliest one; ``others(of:_:)`` are tried if it has no route.
struct RequestTarget {
    let method: String
    let segments: [String]

    init?(_ event: JSONValue, _ format: GatewayFormat) {
        let method =
            format.isVersion2 ? event["requestContext"]?["http"]?["method"] : event["httpMethod"]
        guard let method = method?.string, let whole = Self.whole(event, format) else { return nil }
        self.method = Self.isUpper(method) ? method : method.uppercased()
        segments = Self.decoded(
            Self.described(whole, event, format) ?? Self.likeliest(whole, event, format), format)
    }

    /// All ways to read the path, however unlikely.
    static func others(of event: JSONValue, _ format: GatewayFormat) -> [[String]] {
        guard let whole = whole(event, format) else { return [] }
        let context = event["requestContext"]
        var readings = [whole]
        switch format {
        case .rest:
            // The path does not hold the stage: if a stage is named `v1`, `/v1/track` is still the
            // route.
            if let path = context?["path"]?.string { readings.append(split(path)) }
        case .http1, .http2:
            if let rest = withoutStage(whole, context) { readings.append(rest) }
        case .functionURL, .loadBalancer: break
        }
        return readings.map { decoded($0, format) }
    }

    private static func isUpper(_ method: String) -> Bool {
        method.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 }
    }

    private static func whole(_ event: JSONValue, _ format: GatewayFormat) -> [String]? {
        let path =
            format.isVersion2
            ? event["rawPath"] ?? event["requestContext"]?["http"]?["path"] : event["path"]
        return (path?.string).map(split)
    }

    private static func split(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    private static func decoded(_ segments: [String], _ format: GatewayFormat) -> [String] {
        guard format.pathIsEncoded else { return segments }
        return segments.map { segment in
            guard segment.utf8.contains(UInt8(ascii: "%")) else { return segment }
            return String(decoding: PercentEncoding.decode(segment.utf8.span), as: UTF8.self)
        }
    }

    // MARK: - Stages and base paths

    /// The part of a path that its route's template covers; nil if the template does not tell.
    private static func described(
        _ whole: [String], _ event: JSONValue, _ format: GatewayFormat
    ) -> [String]? {
        let template: ArraySlice<UInt8>? =
            switch format {
            case .rest, .http1: event["resource"]?.utf8?[...]
            case .http2: event["routeKey"]?.utf8?.drop { $0 != 0x20 }.dropFirst()
            case .functionURL, .loadBalancer: nil
            }
        guard let template, let count = segmentCount(of: template, event), count <= whole.count
        else { return nil }
        return count == whole.count ? whole : Array(whole.suffix(count))
    }

    private static func likeliest(
        _ whole: [String], _ event: JSONValue, _ format: GatewayFormat
    ) -> [String] {
        guard format == .http1 || format == .http2 else { return whole }
        let context = event["requestContext"]
        // The root is the least likely: `/health` on a stage named `health` asks for the health.
        guard let rest = withoutStage(whole, context), !rest.isEmpty else { return whole }
        // On a custom domain the path begins with whatever the domain maps to the stage, if that
        // is anything.
        let domain = context?["domainName"]?.string ?? ""
        let isGateways = domain.utf8.split(separator: UInt8(ascii: "."))
            .contains { $0.elementsEqual("execute-api".utf8) }
        return domain.isEmpty || isGateways ? rest : whole
    }

    /// A path without the stage with which it begins on an HTTP API's own domain; nil if it does
    /// not.
    private static func withoutStage(_ whole: [String], _ context: JSONValue?) -> [String]? {
        guard let stage = context?["stage"]?.string, stage != "$default", whole.first == stage
        else { return nil }
        return Array(whole.dropFirst())
    }

    /// How many segments a template covers: `{name}` one, `{proxy+}` as many as its value has.
    private static func segmentCount(of template: ArraySlice<UInt8>, _ event: JSONValue) -> Int? {
        let slash = UInt8(ascii: "/")
        guard template.first == slash else { return nil }
        var count = 0
        for segment in template.split(separator: slash) {
            guard segment.suffix(2).elementsEqual("+}".utf8) else {
                count += 1
                continue
            }
            let name = String(decoding: segment.dropFirst().dropLast(2), as: UTF8.self)
            guard let value = event["pathParameters"]?[name]?.utf8 else { return nil }
            count += value.split(separator: slash).count
        }
        return count
    }
}
