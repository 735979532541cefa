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
        self.method = Self.isUpper(method) ? method : method.uppercased()
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
        self.segments = format.pathIsEncoded ? segments.map(Self.decoded) : segments
    }

    private static func isUpper(_ method: String) -> Bool {
        method.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 }
    }

    private static func decoded(_ segment: String) -> String {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return segment }
        return String(decoding: PercentEncoding.decode(segment.utf8.span), as: UTF8.self)
    }

    private static func segments(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    /// How many segments a REST resource stands for: `{name}` for one, `{proxy+}` for its value's.
    private static func segmentCount(of event: JSONValue) -> Int? {
        let slash = UInt8(ascii: "/")
        guard let resource = event["resource"]?.utf8, resource.first == slash else { return nil }
        var count = 0
        for segment in resource.split(separator: slash) {
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
