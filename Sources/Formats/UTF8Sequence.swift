// RFC 3629: UTF-8, a transformation format of ISO 10646

/// Finds the end of a character in UTF-8.
///
/// Overlong forms, surrogates and anything over U+10FFFF are malformed.
public enum UTF8Sequence {
    /// The index after the character that starts at `start`, or nil when it is malformed.
    public static func end(from start: Int, in bytes: Span<UInt8>) -> Int? {
        let lead = bytes[start]
        if lead < 0x80 { return start + 1 }
        let length: Int
        // The first continuation byte has a narrower range after four of the leads.
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return nil
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
        for index in start + 2..<max(start + 2, start + length) where bytes[index] & 0xC0 != 0x80 {
            return nil
        }
        return start + length
    }

    /// True when every byte belongs to a well-formed character.
    public static func isValid(_ bytes: [UInt8]) -> Bool {
        let span = bytes.span
        var at = 0
        while at < span.count {
            at = span.firstPlace(from: at) { $0.others }
            guard at < span.count else { break }
            guard let next = end(from: at, in: span) else { return false }
            at = next
        }
        return true
    }
}
