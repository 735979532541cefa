internal import Formats

/// The keys in bytes of any form, and what is left of those bytes without them.
///
/// What is kept of a request that could not be read need not be JSON: it may be a form, a program's
/// own notation, or a text inside a text. A key is what follows the name `writeKey`, in any casing,
/// or one of the names that are given, and then a colon or an equals sign. Quotes may be single,
/// double, escaped or missing, and every character may be written as an escape.
package struct KeySearch {
    /// The texts that are there as a whole, each once, in order.
    package private(set) var keys: [[UInt8]] = []
    /// The bytes with every key emptied, one that is cut off too.
    package private(set) var remainder: [UInt8] = []

    /// Different keys that are noted; nobody has this many.
    private static let maximumKeys = 8

    /// Finds `writeKey` and other `names`, and empties keys that are known wherever they stand.
    package init(_ bytes: [UInt8], named names: [String] = [], values: [[UInt8]] = []) {
        var bytes = bytes
        for value in values { KnownKey(value).empty(in: &bytes) }
        let scanner = KeyScanner(bytes: bytes, names: ["writekey"] + names.map(KeyScanner.folded))
        remainder.reserveCapacity(bytes.count)
        var (at, kept) = (0, 0)
        while at < bytes.count {
            let name = scanner.name(at: at)
            at = name.end
            guard name.isWanted, let value = scanner.value(after: name.end) else { continue }
            if value.isWhole { note(bytes[value.range]) }
            remainder += bytes[kept..<value.range.lowerBound]
            remainder += value.substitute
            (kept, at) = (value.range.upperBound, value.range.upperBound)
        }
        remainder += bytes[kept...]
    }

    private mutating func note(_ key: ArraySlice<UInt8>) {
        guard !key.isEmpty, keys.count < Self.maximumKeys, !keys.contains(where: key.elementsEqual)
        else { return }
        keys.append(Array(key))
    }
}

/// Reads names and what follows them, character by character, whatever the characters are written as.
private struct KeyScanner {
    let bytes: [UInt8]
    /// In lower case, without underscores and hyphens.
    let names: [String]

    /// Characters of a name that is looked for, separators included.
    private static let longestName = 64

    static func folded(_ name: String) -> String {
        String(name.lowercased().filter { $0 != "_" && $0 != "-" })
    }

    struct Name {
        /// One past the name, or past what is in none.
        let end: Int
        let isWanted: Bool
    }

    struct Value {
        let range: Range<Int>
        /// What stands in the value's place.
        var substitute: [UInt8] = []
        /// False for one that the end of the bytes cuts off, or that is no single text.
        let isWhole: Bool
    }

    /// The name that begins at that place and goes as far as letters and digits do.
    func name(at start: Int) -> Name {
        var (end, length) = (start, 0)
        var text: [UInt8] = []
        while end < bytes.count {
            let character = self.character(at: end)
            guard character.isInName else { break }
            end = character.end
            length += 1
            if length <= Self.longestName, character.code != UInt8(ascii: "_"),
                character.code != UInt8(ascii: "-")
            {
                text.append(character.isLetter ? character.code | 0x20 : character.code)
            }
        }
        guard end > start else { return Name(end: character(at: start).end, isWanted: false) }
        let isWanted =
            length <= Self.longestName && names.contains { $0.utf8.elementsEqual(text) }
        return Name(end: end, isWanted: isWanted)
    }

    /// The value of the name that ends there; nil if no colon or equals sign comes next.
    func value(after end: Int) -> Value? {
        var at = skippingSpace(from: end)
        guard at < bytes.count else { return nil }
        if character(at: at).isQuote { at = skippingSpace(from: character(at: at).end) }
        guard at < bytes.count else { return nil }
        let separator = character(at: at)
        guard separator.code == UInt8(ascii: ":") || separator.code == UInt8(ascii: "=") else {
            return nil
        }
        at = skippingSpace(from: separator.end)
        guard at < bytes.count else { return nil }
        let first = character(at: at)
        if first.isQuote { return quoted(from: first.end, by: bytes[at..<first.end]) }
        if first.opens { return nested(from: at) }
        let isPair = separator.code == UInt8(ascii: "=")
        return plain(from: at, isEscaped: separator.isEscaped, substitute: isPair ? "" : "\"\"")
    }

    /// What stands up to the same quote, written the same way.
    private func quoted(from start: Int, by quote: ArraySlice<UInt8>) -> Value {
        var at = start
        while at < bytes.count {
            if bytes[at...].starts(with: quote) { return Value(range: start..<at, isWhole: true) }
            let isEscape = quote.count == 1 && bytes[at] == UInt8(ascii: "\\")
            at += isEscape ? 2 : 1
        }
        return Value(range: start..<bytes.count, isWhole: false)
    }

    /// What stands in brackets, up to those that close the first.
    private func nested(from start: Int) -> Value {
        var (at, depth) = (start, 0)
        while at < bytes.count {
            let character = self.character(at: at)
            if character.isQuote {
                let text = quoted(from: character.end, by: bytes[at..<character.end])
                at = min(text.range.upperBound + (character.end - at), bytes.count)
                continue
            }
            if character.opens { depth += 1 }
            if character.closes { depth -= 1 }
            at = character.end
            if depth == 0 { break }
        }
        return Value(range: start..<at, substitute: Array("\"\"".utf8), isWhole: false)
    }

    /// What stands up to a separator or a space.
    private func plain(from start: Int, isEscaped: Bool, substitute: String) -> Value {
        var at = start
        while at < bytes.count {
            let character = self.character(at: at)
            if character.ends, isEscaped || !character.isEscaped { break }
            at = character.end
        }
        return Value(range: start..<at, substitute: Array(substitute.utf8), isWhole: true)
    }

    private func skippingSpace(from start: Int) -> Int {
        var at = start
        while at < bytes.count, character(at: at).isSpace { at = character(at: at).end }
        return at
    }

    fileprivate struct Character {
        let code: UInt8
        /// One past what writes it.
        let end: Int
        let isEscaped: Bool

        var isLetter: Bool { (code | 0x20) &- UInt8(ascii: "a") < 26 }
        var isInName: Bool {
            isLetter || code &- UInt8(ascii: "0") < 10 || code == UInt8(ascii: "_")
                || code == UInt8(ascii: "-")
        }
        var isQuote: Bool { code == UInt8(ascii: "\"") || code == UInt8(ascii: "'") }
        var isSpace: Bool { code == 0x20 || code &- 0x09 < 5 }
        var opens: Bool { code == UInt8(ascii: "{") || code == UInt8(ascii: "[") }
        var closes: Bool { code == UInt8(ascii: "}") || code == UInt8(ascii: "]") }
        var ends: Bool {
            isSpace || closes || isQuote || code == UInt8(ascii: ",") || code == UInt8(ascii: ";")
                || code == UInt8(ascii: "&") || code == UInt8(ascii: ")")
        }
    }

    /// The character that begins there: a byte, an escape for one, or a quote after backslashes.
    fileprivate func character(at place: Int) -> Character {
        let byte = bytes[place]
        switch byte {
        case UInt8(ascii: "%"):
            if let code = code(digits: 2, from: place + 1) {
                return Character(code: code, end: place + 3, isEscaped: true)
            }
        case UInt8(ascii: "\\"):
            var next = place + 1
            while next < bytes.count, next < place + 8, bytes[next] == byte { next += 1 }
            guard next < bytes.count else { break }
            let digits =
                bytes[next] == UInt8(ascii: "u") ? 4 : bytes[next] == UInt8(ascii: "x") ? 2 : 0
            if digits > 0, let code = code(digits: digits, from: next + 1) {
                return Character(code: code, end: next + 1 + digits, isEscaped: true)
            }
            let plain = Character(code: bytes[next], end: next + 1, isEscaped: true)
            if plain.isQuote || plain.code == UInt8(ascii: "/") { return plain }
        default: break
        }
        return Character(code: byte, end: place + 1, isEscaped: false)
    }

    /// A number in hexadecimal digits; nil for what is none, or no ASCII.
    private func code(digits: Int, from start: Int) -> UInt8? {
        guard start + digits <= bytes.count else { return nil }
        var code = 0
        for byte in bytes[start..<(start + digits)] {
            guard let digit = Hex.value(of: byte) else { return nil }
            code = code << 4 | Int(digit)
        }
        return code < 0x80 ? UInt8(code) : nil
    }
}

/// A key by its own bytes, whatever writes them.
private struct KnownKey {
    /// A shorter key is found only as a word: its bytes may be part of other words.
    private static let leastDistinct = 8

    private let key: [UInt8]
    /// For each byte, how much of the key's beginning ends there.
    private let fallbacks: [Int]

    init(_ key: [UInt8]) {
        self.key = key
        var fallbacks = [Int](repeating: 0, count: key.count)
        var length = 0
        for index in key.indices.dropFirst() {
            while length > 0, key[index] != key[length] { length = fallbacks[length - 1] }
            if key[index] == key[length] { length += 1 }
            fallbacks[index] = length
        }
        self.fallbacks = fallbacks
    }

    /// Takes the key out of the bytes, wherever it stands.
    ///
    /// One pass, after Knuth, Morris and Pratt: no key makes it slower than the bytes are long.
    func empty(in bytes: inout [UInt8]) {
        guard !key.isEmpty else { return }
        let scanner = KeyScanner(bytes: bytes, names: [])
        /// Where each of the last characters begins.
        var starts = [Int](repeating: 0, count: key.count)
        var out: [UInt8] = []
        var (at, count, matched, kept) = (0, 0, 0, 0)
        while at < bytes.count {
            let character = scanner.character(at: at)
            starts[count % key.count] = at
            (at, count) = (character.end, count + 1)
            while matched > 0, character.code != key[matched] { matched = fallbacks[matched - 1] }
            if character.code == key[matched] { matched += 1 }
            guard matched == key.count else { continue }
            matched = 0
            let start = starts[count % key.count]
            guard key.count >= Self.leastDistinct || Self.isWord(bytes, start..<at) else {
                continue
            }
            out += bytes[kept..<start]
            kept = at
        }
        guard kept > 0 else { return }
        bytes = out + bytes[kept...]
    }

    private static func isWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        func isInWord(_ place: Int) -> Bool {
            guard bytes.indices.contains(place) else { return false }
            let byte = bytes[place]
            return (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
        }
        return !isInWord(range.lowerBound - 1) && !isInWord(range.upperBound)
    }
}
