// RFC 8259, section 7: Strings

/// A string's two forms: its characters, and its bytes between the quotes.
public enum JSONString {
    /// The index of the next byte that a string cannot hold as it is, or that begins a character
    /// outside of ASCII; the count if there is none.
    @inline(__always)
    static func endOfPlain(from start: Int, in bytes: Span<UInt8>) -> Int {
        var at = bytes.firstPlace(from: start) { $0.specials }
        while at < bytes.count, isPlain(bytes[at]) { at &+= 1 }
        return at
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && 0x20..<0x80 ~= byte
    }

    /// The characters of checked string content; U+FFFD stands for a surrogate without its partner.
    public static func text(_ content: ArraySlice<UInt8>) -> String {
        String(decoding: unescaped(content), as: UTF8.self)
    }

    /// The characters of checked string content, with every escape resolved.
    static func unescaped(_ slice: ArraySlice<UInt8>) -> [UInt8] {
        let content = slice.span
        // No escape is shorter than what it stands for.
        var characters: [UInt8] = []
        characters.append(upTo: content.count) { unescape(content, to: &$0) }
        return characters
    }

    /// - Returns: how many bytes of `out`, which has room for all of the content, were written.
    private static func unescape(_ content: Span<UInt8>, to out: inout MutableRawSpan) -> Int {
        var (at, used) = (0, 0)
        while true {
            let run = copyRun(
                from: at, of: content, to: &out, at: used, until: { $0.backslashes },
                isEnd: { $0 == UInt8(ascii: "\\") })
            at &+= run
            used &+= run
            guard at < content.count else { return used }
            resolve(content, &at, to: &out, &used)
        }
    }

    /// Writes what the checked escape at `at` stands for, or the surrogate pair that starts there.
    @inline(__always)
    static func resolve(
        _ content: Span<UInt8>, _ at: inout Int, to out: inout MutableRawSpan, _ used: inout Int
    ) {
        guard content[at + 1] != UInt8(ascii: "u") else {
            let character = character(of: content, at: at)
            for byte in UTF8.encode(character.scalar) ?? .init() { append(byte, to: &out, &used) }
            at = character.end
            return
        }
        append(resolved(content[at + 1]), to: &out, &used)
        at &+= 2
    }

    /// Copies bytes up to the first that a string cannot hold as it is, or that begins a character
    /// outside of ASCII.
    ///
    /// - Returns: how many.
    @inline(__always)
    static func copyPlain(
        from start: Int, of bytes: Span<UInt8>, to out: inout MutableRawSpan, at place: Int
    ) -> Int {
        copyRun(
            from: start, of: bytes, to: &out, at: place, until: { $0.specials },
            isEnd: { !isPlain($0) })
    }

    static func copy(
        _ range: Range<Int>, of bytes: Span<UInt8>, to out: inout MutableRawSpan, _ used: inout Int
    ) {
        for index in range { append(bytes[index], to: &out, &used) }
    }

    /// What a backslash and this letter stand for.
    @inline(__always)
    private static func resolved(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    private struct EscapedCharacter {
        let scalar: Unicode.Scalar
        /// One past its last escape.
        let end: Int
    }

    /// The character of the `\u` escape at `at`, or of the surrogate pair that starts there.
    private static func character(of content: Span<UInt8>, at: Int) -> EscapedCharacter {
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
        return EscapedCharacter(scalar: Unicode.Scalar(scalar) ?? "\u{FFFD}", end: next)
    }

    /// True where checked string content has an escaped surrogate without its partner.
    public static func hasUnpairedSurrogate(_ slice: ArraySlice<UInt8>) -> Bool {
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
    public static func append(_ utf8: Span<UInt8>, to out: inout [UInt8]) {
        out.append(upTo: quotedCount(utf8)) { quote(utf8, to: &$0) }
    }

    /// - Returns: how many bytes of `out`, which has room for all of the string, were written.
    private static func quote(_ utf8: Span<UInt8>, to out: inout MutableRawSpan) -> Int {
        var used = 0
        append(UInt8(ascii: "\""), to: &out, &used)
        var at = 0
        while true {
            let run = copyRun(
                from: at, of: utf8, to: &out, at: used,
                until: { $0.quotes | $0.backslashes | $0.controls }, isEnd: mustBeEscaped)
            at &+= run
            used &+= run
            guard at < utf8.count else { break }
            let byte = utf8[at]
            at &+= 1
            append(UInt8(ascii: "\\"), to: &out, &used)
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte, to: &out, &used)
            case 0x0A: append(UInt8(ascii: "n"), to: &out, &used)
            default:
                for byte in "u00".utf8 { append(byte, to: &out, &used) }
                append(Hex.digit(byte >> 4), to: &out, &used)
                append(Hex.digit(byte & 15), to: &out, &used)
            }
        }
        append(UInt8(ascii: "\""), to: &out, &used)
        return used
    }

    @inline(__always)
    private static func append(_ byte: UInt8, to out: inout MutableRawSpan, _ used: inout Int) {
        out.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used &+= 1
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
    }
}
