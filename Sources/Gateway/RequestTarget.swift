internal import Formats

/// Method and path of an event, with what the front put before the path taken off again.
struct RequestTarget {
    let method: String
    let segments: [String]

    init?(_ event: JSONValue, _ format: GatewayFormat) {
        let context = event["requestContext"]
        let http = context?["http"]
        let is2 = format == .http2 || format == .functionURL
        guard let method = (is2 ? http?["method"] : event["httpMethod"])?.string,
            let path = (is2 ? event["rawPath"] ?? http?["path"] : event["path"])?.string
        else { return nil }
        self.method = method.uppercased()
        var segments = Self.segments(of: path)
        switch format {
        case .rest:
            // A custom domain's base path stands before the part that the resource describes.
            if let count = Self.segmentCount(of: event), count < segments.count {
                segments.removeFirst(segments.count - count)
            }
        case .http1, .http2:
            if let stage = context?["stage"]?.string, stage != "$default", segments.first == stage {
                segments.removeFirst()
            }
        case .functionURL, .loadBalancer: break
        }
        self.segments =
            format.pathIsEncoded
            ? segments.map { String(decoding: PercentEncoding.decode($0.utf8.span), as: UTF8.self) }
            : segments
    }

    private static func segments(of path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    /// How many segments a REST resource stands for: `{name}` for one, `{proxy+}` for its value's.
    private static func segmentCount(of event: JSONValue) -> Int? {
        guard let resource = event["resource"]?.string, resource.hasPrefix("/") else { return nil }
        var count = 0
        for segment in segments(of: resource) {
            guard segment.hasSuffix("+}") else {
                count += 1
                continue
            }
            let name = String(segment.dropFirst().dropLast(2))
            guard let value = event["pathParameters"]?[name]?.string else { return nil }
            count += segments(of: value).count
        }
        return count
    }
}
