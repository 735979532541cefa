import Compression
import Formats

/// A body as it is shown: inflated, and with marks in place of credentials.
struct ShownBody {
    /// What is inflated at most: no sender takes a larger body.
    private static let maximum = 5 << 20

    /// Nil if it is no text: a key in it could not be hidden.
    let text: [UInt8]?
    let isInflated: Bool

    init(_ body: [UInt8], _ mask: CredentialMask) {
        let content = Self.content(of: body)
        isInflated = content.count != body.count || content != body
        text = UTF8Sequence.isValid(content) ? mask.hide(content) : nil
    }

    /// The bytes without their compression, if that is gzip.
    static func content(of body: [UInt8]) -> [UInt8] {
        guard Gzip.isGzip(body) else { return body }
        return (try? Gzip.inflate(body, maximum: maximum)) ?? body
    }

    /// The text as JSON, with U+FEFF before it or not; nil if it is none.
    var json: JSONText? { text.flatMap { try? JSONText($0) } }
}
