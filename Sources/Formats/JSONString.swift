// RFC 8259, section 7: Strings

/// A string's two forms: its characters, and its bytes between the quotes.
package enum JSONString {
    /// The index of the next byte that a string cannot hold as it is, or that begins a character
    /// outside of ASCII; the count if there is none.
    static func endOfPlain(from start: Int, in bytes: Span<UInt8>) -> Int {
        var at = start
        // Eight bytes at a time. A byte's highest bit is set if the byte is a quote, a backslash,
        // below a space, or not ASCII. A borrow can set a wrong bit only after the first of those.
        while at &+ 8 <= bytes.count {
            let word = word(at: at, in: bytes)
            let quotes = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslashes = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            let controls = word &- 0x2020_2020_2020_2020
            let found = (quotes | backslashes | controls | word) & 0x8080_8080_8080_8080
            if found != 0 { return at &+ found.trailingZeroBitCount >> 3 }
            at &+= 8
        }
        while at < bytes.count, isPlain(bytes[at]) { at &+= 1 }
        return at
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && 0x20..<0x80 ~= byte
    }

    /// Eight bytes, the first one lowest: the compiler makes one load of it.
    @inline(__always)
    private static func word(at start: Int, in bytes: Span<UInt8>) -> UInt64 {
        let eight = bytes.extracting(start..<(start &+ 8))
        return UInt64(eight[0]) | UInt64(eight[1]) << 8 | UInt64(eight[2]) << 16
            | UInt64(eight[3]) << 24 | UInt64(eight[4]) << 32 | UInt64(eight[5]) << 40
            | UInt64(eight[6]) << 48 | UInt64(eight[7]) << 56
    }

    /// The characters of checked string content; U+FFFD stands for a surrogate without its partner.
    package static func text(_ content: ArraySlice<UInt8>) -> String {
        String(decoding: unescaped(content), as: UTF8.self)
    }

    /// The characters of checked string content, with every escape resolved.
    static func unescaped(_ slice: ArraySlice<UInt8>) -> [UInt8] {
        let content = slice.span
        // No escape is shorter than what it stands for.
        return [UInt8](capacity: content.count) { out in
            var at = 0
            let end = content.count
            while at < end {
                let byte = content[at]
                guard byte == UInt8(ascii: "\\") else {
                    out.append(byte)
                    at &+= 1
                    continue
                }
                switch content[at + 1] {
                case UInt8(ascii: "b"): out.append(0x08)
                case UInt8(ascii: "f"): out.append(0x0C)
                case UInt8(ascii: "n"): out.append(0x0A)
                case UInt8(ascii: "r"): out.append(0x0D)
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "u"):
                    at = appendCodePoint(of: content, at: at, to: &out)
                    continue
                case let other: out.append(other)
                }
                at &+= 2
            }
        }
    }

    /// Appends the character of the `\u` escape at `at`, or of the surrogate pair that starts there.
    ///
    /// - Returns: the index after what was read.
    private static func appendCodePoint(
        of content: Span<UInt8>, at: Int, to out: inout OutputSpan<UInt8>
    ) -> Int {
        let unit = codeUnit(of: content, at: at)
        var scalar = UInt32(unit)
        var next = at + 6
        if 0xD800...0xDBFF ~= unit, next + 6 <= content.count,
            content[next] == UInt8(ascii: "\\"), content[next + 1] == UInt8(ascii: "u")
        {
            let low = codeUnit(of: content, at: next)
            if 0xDC00...0xDFFF ~= low {
                scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
                next += 6
            }
        }
        for byte in String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8 { out.append(byte) }
        return next
    }

    /// True where checked string content has an escaped surrogate without its partner.
    package static func hasUnpairedSurrogate(_ slice: ArraySlice<UInt8>) -> Bool {
        let content = slice.span
        var at = 0
        var high = false
        while at < content.count {
            var isLow = false
            var isHigh = false
            var length = 1
            if content[at] == UInt8(ascii: "\\") {
                length = 2
                if content[at + 1] == UInt8(ascii: "u") {
                    length = 6
                    let unit = codeUnit(of: content, at: at)
                    isHigh = 0xD800...0xDBFF ~= unit
                    isLow = 0xDC00...0xDFFF ~= unit
                }
            }
            if high != isLow { return true }
            high = isHigh
            at += length
        }
        return high
    }

    /// The code unit of a checked `\uXXXX`.
    private static func codeUnit(of content: Span<UInt8>, at: Int) -> UInt16 {
        var unit: UInt16 = 0
        for index in at + 2..<at + 6 {
            unit = unit << 4 | UInt16(Hex.value(of: content[index]) ?? 0)
        }
        return unit
    }

    /// Up to this many bytes, room for the worst case costs less than counting.
    private static let shortCount = 1024

    /// How many bytes these characters take as a quoted string, or more if they are few.
    private static func quotedCount(_ utf8: Span<UInt8>) -> Int {
        guard utf8.count > shortCount else { return utf8.count * 6 + 2 }
        var count = utf8.count &+ 2
        for index in utf8.indices {
            switch utf8[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x0A: count &+= 1
            case 0..<0x20: count &+= 5
            default: continue
            }
        }
        return count
    }

    /// Appends a quoted string for these characters; `utf8` must be valid UTF-8.
    package static func append(_ utf8: Span<UInt8>, to out: inout [UInt8]) {
        // Room for all of it, so that nothing is checked or moved in between.
        out.append(addingCapacity: quotedCount(utf8)) { out in
            out.append(UInt8(ascii: "\""))
            for index in utf8.indices {
                let byte = utf8[index]
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    out.append(UInt8(ascii: "\\"))
                    out.append(byte)
                case 0x0A:
                    out.append(UInt8(ascii: "\\"))
                    out.append(UInt8(ascii: "n"))
                case 0..<0x20:
                    for byte in "\\u00".utf8 { out.append(byte) }
                    out.append(Hex.digit(byte >> 4))
                    out.append(Hex.digit(byte & 15))
                default:
                    out.append(byte)
                }
            }
            out.append(UInt8(ascii: "\""))
        }
    }
}
