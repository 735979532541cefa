internal import Formats

/// Method and path of an event, with what the front put before the path taken off again.
///
/// A front does not always say what it put there. Where a stage has the name of a route's first
/// segment, or a domain of one's own maps to it, a path can be read in several ways: ``segments`` is
/// the likeliest, and ``others(of:_:)`` are for where that leads nowhere.
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
            // A stage is not in the path: who has named it `v1` and calls `/v1/track` means that.
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

    // MARK: - What stands before the path

    /// The end of a path that its route's template stands for; nil where that does not say.
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
        // A root says least: who asks a stage named `health` for its root wants to know that.
        guard let rest = withoutStage(whole, context), !rest.isEmpty else { return whole }
        // On a domain of one's own stands whatever that maps to the stage, or nothing.
        let domain = context?["domainName"]?.string ?? ""
        let isGateways = domain.utf8.split(separator: UInt8(ascii: "."))
            .contains { $0.elementsEqual("execute-api".utf8) }
        return domain.isEmpty || isGateways ? rest : whole
    }

    /// An HTTP API's path on its own domain begins with the stage; nil where there is none.
    private static func withoutStage(_ whole: [String], _ context: JSONValue?) -> [String]? {
        guard let stage = context?["stage"]?.string, stage != "$default", whole.first == stage
        else { return nil }
        return Array(whole.dropFirst())
    }

    /// How many segments a template stands for: `{name}` for one, `{proxy+}` for its value's.
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
