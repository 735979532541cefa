// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// Where the tokens of a JSON text end, and what is wrong with those that are none.
///
/// Static functions of the bytes: one that had the scanner would have it copied for each token.
enum JSONToken {
    /// Where a string ends, and whether a backslash is in it.
    struct StringEnd {
        let at: Int
        let isEscaped: Bool
    }

    @inline(__always)
    static func endOfString(
        from start: Int, _ bytes: Span<UInt8>, malformedUTF8: JSONText.MalformedUTF8
    ) throws(JSONError) -> StringEnd {
        // Most strings are plain.
        let end = JSONString.endOfPlain(from: start &+ 1, in: bytes)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            return StringEnd(at: end &+ 1, isEscaped: false)
        }
        return try endOfOtherString(from: start, bytes, malformedUTF8: malformedUTF8)
    }

    /// The same for one with escapes, or with characters outside of ASCII.
    ///
    /// What it refuses, the scanner must refuse alike when it unescapes a string on its way.
    private static func endOfOtherString(
        from start: Int, _ bytes: Span<UInt8>, malformedUTF8: JSONText.MalformedUTF8
    ) throws(JSONError) -> StringEnd {
        var here = start &+ 1
        var isEscaped = false
        while true {
            here = JSONString.endOfPlain(from: here, in: bytes)
            guard here < bytes.count else {
                throw JSONError(problem: .endsEarly, offset: bytes.count)
            }
            let byte = bytes[here]
            if byte == UInt8(ascii: "\"") {
                return StringEnd(at: here &+ 1, isEscaped: isEscaped)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                here = try endOfEscape(from: here, bytes)
            } else {
                here = try endOfCharacter(from: here, bytes, malformedUTF8: malformedUTF8)
            }
        }
    }

    /// The end of a character that is not ASCII; a control character has to be escaped.
    static func endOfCharacter(
        from start: Int, _ bytes: Span<UInt8>, malformedUTF8: JSONText.MalformedUTF8
    ) throws(JSONError) -> Int {
        guard bytes[start] >= 0x80 else {
            throw JSONError(problem: .controlCharacter, offset: start)
        }
        if let end = UTF8Sequence.end(from: start, in: bytes) { return end }
        guard malformedUTF8 == .kept else { throw JSONError(problem: .badUTF8, offset: start) }
        return start &+ 1
    }

    @inline(__always)
    static func endOfEscape(from start: Int, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard start + 1 < bytes.count else {
            throw JSONError(problem: .endsEarly, offset: bytes.count)
        }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            return try endOfCodeUnit(from: start, bytes)
        default:
            throw JSONError(problem: .badEscape, offset: start)
        }
    }

    /// The end of a `\uXXXX`.
    static func endOfCodeUnit(
        from start: Int, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Int {
        for index in start + 2..<start + 6 {
            guard index < bytes.count else {
                throw JSONError(problem: .endsEarly, offset: bytes.count)
            }
            guard Hex.value(of: bytes[index]) != nil else {
                throw JSONError(problem: .badEscape, offset: start)
            }
        }
        return start + 6
    }

    static func endOfNumber(
        from start: Int, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Int {
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        if bytes[at] == UInt8(ascii: "0") {
            at &+= 1
        } else {
            try scanDigits(bytes, &at, from: start)
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at &+= 1
            try scanDigits(bytes, &at, from: start)
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                at &+= 1
            }
            try scanDigits(bytes, &at, from: start)
        }
        // "01", "1x": the digit or letter cannot begin what follows a number either.
        if at < bytes.count, bytes[at].isASCIIDigit {
            throw JSONError(problem: .badNumber, offset: start)
        }
        return at
    }

    private static func scanDigits(
        _ bytes: Span<UInt8>, _ at: inout Int, from start: Int
    ) throws(JSONError) {
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        guard bytes[at].isASCIIDigit else { throw JSONError(problem: .badNumber, offset: start) }
        while at < bytes.count, bytes[at].isASCIIDigit { at &+= 1 }
    }

    static func end(
        of word: String, from start: Int, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Int {
        let word = word.utf8.span
        for index in word.indices {
            guard try byte(at: start &+ index, bytes) == word[index] else {
                throw JSONError(problem: .unexpectedByte, offset: start &+ index)
            }
        }
        return start &+ word.count
    }

    /// The place of the next byte that is no white space; the count if there is none.
    @inline(__always)
    static func endOfSpace(from start: Int, _ bytes: Span<UInt8>) -> Int {
        var at = start
        while at < bytes.count, JSONText.isSpace(bytes[at]) { at &+= 1 }
        return at
    }

    @inline(__always)
    static func byte(at place: Int, _ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard place < bytes.count else { throw JSONError(problem: .endsEarly, offset: place) }
        return bytes[place]
    }
}
