extension String {
    /// True for what SNS delivers as the value of a message attribute: printable characters of the
    /// basic plane, one at least and 256 at most.
    ///
    /// An attribute with any other loses its message: SNS refuses it, or takes it and does not
    /// deliver it, as with a line break.
    package var isDeliveredAttribute: Bool {
        let maximumCount = 256
        let bytes = utf8.span
        guard !bytes.isEmpty else { return false }
        // Most values are ASCII, and looking at characters takes ten times as long.
        if bytes.count <= maximumCount, Self.isPrintableASCII(bytes) { return true }
        let scalars = unicodeScalars
        return scalars.count <= maximumCount
            && scalars.allSatisfy { scalar in
                switch scalar.value {
                case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFFFD: true
                default: false
                }
            }
    }

    private static func isPrintableASCII(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where !(0x20...0x7E).contains(bytes[index]) { return false }
        return true
    }
}
