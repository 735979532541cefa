// RFC 8259, section 7: Strings

/// A string's two forms: the characters, and what stands between the quotes.
package enum JSONString {
    /// The characters of checked string content, with every escape resolved.
    static func unescaped(_ content: ArraySlice<UInt8>) -> [UInt8] {
        // No escape is shorter than what it stands for.
        [UInt8](capacity: content.count) { out in
            var at = content.startIndex
            let end = content.endIndex
            while at < end {
                let byte = content[at]
                guard byte == UInt8(ascii: "\\") else {
                    out.append(byte)
                    at += 1
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
                at += 2
            }
        }
    }

    /// Appends the character of the `\u` escape at `at`, or of the surrogate pair that starts there.
    ///
    /// - Returns: the index after what was read.
    private static func appendCodePoint(
        of content: ArraySlice<UInt8>, at: Int, to out: inout OutputSpan<UInt8>
    ) -> Int {
        let unit = codeUnit(of: content, at: at)
        var scalar = UInt32(unit)
        var next = at + 6
        if 0xD800...0xDBFF ~= unit, next + 6 <= content.endIndex,
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

    /// The code unit of a checked `\uXXXX`.
    private static func codeUnit(of content: ArraySlice<UInt8>, at: Int) -> UInt16 {
        var unit: UInt16 = 0
        for digit in content[at + 2..<at + 6] {
            unit = unit << 4 | UInt16(Hex.value(of: digit) ?? 0)
        }
        return unit
    }

    /// Appends a quoted string for these characters; `utf8` must be valid UTF-8.
    package static func append(_ utf8: Span<UInt8>, to out: inout [UInt8]) {
        // Room for the worst case, so that nothing is checked or moved in between.
        out.append(addingCapacity: utf8.count * 6 + 2) { out in
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
