// RFC 3339, ISO 8601, RFC 1123: the parts of a written time

/// A cursor over a timestamp's characters.
///
/// Each method takes what it names and moves on, or returns nil.
struct TimestampReader {
    private let text: ArraySlice<UInt8>
    private var at: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        at = text.startIndex
    }

    var isAtEnd: Bool { at == text.endIndex }

    /// How many digits come next.
    var digitCount: Int {
        var end = at
        while end < text.endIndex, text[end].isASCIIDigit { end &+= 1 }
        return end - at
    }

    /// A number of exactly that many digits, at most 18.
    mutating func digits(_ count: Int) -> Int? {
        guard count > 0, at + count <= text.endIndex else { return nil }
        var value = 0
        for index in at..<at + count {
            guard text[index].isASCIIDigit else { return nil }
            value = value &* 10 &+ Int(text[index] &- UInt8(ascii: "0"))
        }
        at += count
        return value
    }

    /// A number of one or two digits.
    mutating func oneOrTwoDigits() -> Int? { digits(min(digitCount, 2)) }

    /// Skips this character, a letter in either case.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < text.endIndex else { return false }
        let expected = UInt8(ascii: character)
        let isLetter = expected &- UInt8(ascii: "A") < 26
        guard text[at] == expected || isLetter && text[at] == expected | 0x20 else { return false }
        at += 1
        return true
    }

    /// Skips this word, in any case; skips nothing if another word comes next.
    mutating func take(word: String) -> Bool {
        let letters = text[at...].prefix(word.utf8.count)
        guard letters.elementsEqual(word.utf8, by: { $0 | 0x20 == $1 | 0x20 }) else { return false }
        at += letters.count
        return true
    }

    /// Microseconds: 0 without a fraction, nil for a separator without digits.
    ///
    /// The first six digits count. A comma separates in ISO 8601 alone.
    mutating func fraction(commaToo: Bool = false) -> Int? {
        guard take(".") || commaToo && take(",") else { return 0 }
        var value = 0
        var count = 0
        while let digit = digit() {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// Minutes east of UTC: `Z` or `±hh:mm`.
    mutating func offsetMinutes() -> Int? {
        if take("Z") { return 0 }
        guard let sign = sign(), let hours = digits(2), take(":"), let minutes = digits(2) else {
            return nil
        }
        return Self.offset(sign, hours, minutes)
    }

    /// Minutes east of UTC at the end of a text: what ``offsetMinutes()`` reads, `±hhmm`, `±hh`, and
    /// `UTC` or `GMT` alone or before one of them; 0 if nothing is left.
    mutating func zoneMinutes() -> Int? {
        guard !isAtEnd else { return 0 }
        _ = take(" ")
        if take("Z") { return 0 }
        if take(word: "UTC") || take(word: "GMT") {
            guard !isAtEnd else { return 0 }
            _ = take(" ")
        }
        guard let sign = sign(), let hours = digits(2) else { return nil }
        guard !isAtEnd else { return Self.offset(sign, hours, 0) }
        _ = take(":")
        guard let minutes = digits(2) else { return nil }
        return Self.offset(sign, hours, minutes)
    }

    private mutating func sign() -> Int? {
        if take("+") { return 1 }
        return take("-") ? -1 : nil
    }

    private static func offset(_ sign: Int, _ hours: Int, _ minutes: Int) -> Int? {
        hours < 24 && minutes < 60 ? sign * (hours * 60 + minutes) : nil
    }

    private mutating func digit() -> Int? {
        guard at < text.endIndex, text[at].isASCIIDigit else { return nil }
        at += 1
        return Int(text[at - 1] - UInt8(ascii: "0"))
    }
}

extension UInt8 {
    /// True for `0` to `9`.
    var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
