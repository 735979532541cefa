/// Where a Segment workspace takes batches.
///
/// Source: Twilio Segment, "Regional Segment".
package struct SegmentEndpoint: Sendable, Equatable {
    let url: String

    package static let us = SegmentEndpoint(host: "https://api.segment.io")
    package static let eu = SegmentEndpoint(host: "https://events.eu1.segmentapis.com")

    private init(host: String) { url = "\(host)/v1/batch" }

    /// Reads `us`, `eu` or a URL, with or without `/v1` or `/v1/batch` and a slash at its end.
    package init?(_ text: String) {
        switch text.lowercased() {
        case "us": self = .us
        case "eu": self = .eu
        default:
            var base = text[...]
            while base.hasSuffix("/") { base = base.dropLast() }
            for ending in ["/v1/batch", "/v1"] where base.hasSuffix(ending) {
                base = base.dropLast(ending.utf8.count)
            }
            guard Self.isBase(base) else { return nil }
            self.init(host: String(base))
        }
    }

    /// A scheme, a host, and a path at most: no user, no query, nothing that is no URL.
    private static func isBase(_ text: Substring) -> Bool {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.utf8.count)
            guard let first = rest.utf8.first, first != UInt8(ascii: "/"),
                first != UInt8(ascii: ":")
            else { return false }
            return rest.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !#"@?#\<>"{}|^`"#.utf8.contains(byte)
            }
        }
        return false
    }
}
