import Formats

/// What SDKs compare with their own to see that a message arrived whole.
///
/// Source: Amazon SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
enum MessageDigest {
    static func body(_ text: String) -> String { Hex.encode(Digest.md5(Array(text.utf8))) }

    /// Nil without attributes.
    static func attributes(_ attributes: [SNSMessage.Attribute]) -> String? {
        guard !attributes.isEmpty else { return nil }
        var bytes: [UInt8] = []
        for attribute in attributes.sorted(by: { $0.name < $1.name }) {
            append(Array(attribute.name.utf8), to: &bytes)
            append(Array(attribute.type.utf8), to: &bytes)
            bytes.append(attribute.isBinary ? 2 : 1)
            append(attribute.bytes, to: &bytes)
        }
        return Hex.encode(Digest.md5(bytes))
    }

    /// A part after its length, which takes four bytes.
    private static func append(_ part: [UInt8], to bytes: inout [UInt8]) {
        let count = UInt32(part.count)
        for shift in [24, 16, 8, 0] as [UInt32] {
            bytes.append(UInt8(truncatingIfNeeded: count >> shift))
        }
        bytes += part
    }
}
