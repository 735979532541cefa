// RFC 8259, section 7: Strings

/// A string's characters, with every escape resolved.
struct UnescapedString: Sendable {
    /// The index of its node.
    let node: Int
    let utf8: [UInt8]
}

extension JSONScanner {
    /// Scans a string, and keeps its characters unless they are as they were written: to resolve its
    /// escapes afterwards would take another pass.
    mutating func unescape(
        from start: Int, _ bytes: Span<UInt8>, node: Int
    ) throws(JSONError) -> JSONToken.StringEnd {
        let at = start + 1
        let plain = JSONString.endOfPlain(from: at, in: bytes)
        if plain < bytes.count, bytes[plain] == UInt8(ascii: "\"") {
            return JSONToken.StringEnd(at: plain + 1, isEscaped: false)
        }
        let malformedUTF8 = malformedUTF8
        var end = start
        var characters: [UInt8] = []
        // No escape is shorter than what it stands for.
        try characters.append(upTo: bytes.count - at) { out throws(JSONError) in
            let written = try Self.write(
                bytes, from: at, malformedUTF8: malformedUTF8, to: &out)
            end = written.end
            return written.count
        }
        // No character is shorter than it was written.
        let isEscaped = characters.count < end - start - 2
        if isEscaped { unescaped = UnescapedString(node: node, utf8: characters) }
        return JSONToken.StringEnd(at: end, isEscaped: isEscaped)
    }

    /// What was written of a string's characters, and where the string ends.
    private struct WrittenString {
        let count: Int
        let end: Int
    }

    private static func write(
        _ bytes: Span<UInt8>, from start: Int, malformedUTF8: JSONText.MalformedUTF8,
        to out: inout MutableRawSpan
    ) throws(JSONError) -> WrittenString {
        var (at, used) = (start, 0)
        while true {
            let quick = out.write(plain: bytes, from: at, at: used)
            at &+= quick.read
            used &+= quick.written
            let run = JSONString.copyPlain(from: at, of: bytes, to: &out, at: used)
            at &+= run
            used &+= run
            guard at < bytes.count else {
                throw JSONError(problem: .endsEarly, offset: bytes.count)
            }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                return WrittenString(count: used, end: at + 1)
            case UInt8(ascii: "\\"):
                try checkEscape(at: at, bytes)
                JSONString.resolve(bytes, &at, to: &out, &used)
            default:
                let end = try JSONToken.endOfCharacter(
                    from: at, bytes, malformedUTF8: malformedUTF8)
                JSONString.copy(at..<end, of: bytes, to: &out, &used)
                at = end
            }
        }
    }

    /// Checks an escape, and one of a code unit that follows another: both can be one character.
    @inline(__always)
    private static func checkEscape(at start: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        let end = try JSONToken.endOfEscape(from: start, bytes)
        guard end == start + 6, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\\"),
            bytes[end + 1] == UInt8(ascii: "u")
        else { return }
        _ = try JSONToken.endOfCodeUnit(from: end, bytes)
    }
}
