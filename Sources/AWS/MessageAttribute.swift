internal import Formats

extension String {
    /// True for what SNS delivers as the value of a message attribute: see ``MessageAttribute``.
    package var isDeliveredAttribute: Bool { MessageAttribute.isDelivered(utf8.span) }
}

/// The rule for the values of message attributes.
package enum MessageAttribute {
    private static let maximumCount = 256

    /// True for what SNS delivers as the value of a message attribute: printable characters of the
    /// basic plane, one at least and 256 at most.
    ///
    /// An attribute with any other loses its message: SNS refuses it, or takes it and does not
    /// deliver it, as with a line break. `utf8` must be valid UTF-8.
    package static func isDelivered(_ utf8: Span<UInt8>) -> Bool {
        guard !utf8.isEmpty else { return false }
        // Most values are ASCII, and looking at characters takes ten times as long.
        if utf8.count <= maximumCount, utf8.isPrintableASCII { return true }
        // No character has more than four bytes.
        guard utf8.count <= maximumCount * 4 else { return false }
        let bytes = utf8.indices.map { utf8[$0] }
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        return scalars.count <= maximumCount
            && scalars.allSatisfy { scalar in
                switch scalar.value {
                case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFFFD: true
                default: false
                }
            }
    }
}
