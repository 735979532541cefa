// RFC 6901: JavaScript Object Notation (JSON) Pointer

/// A path to one value of a JSON text.
public struct JSONPointer: Sendable {
    /// Names of members or indices of arrays, from the root down; empty for the root itself.
    public let tokens: [String]

    public init(tokens: [String]) { self.tokens = tokens }

    /// True when both point to the same place, byte by byte.
    public func isSame(as other: JSONPointer) -> Bool {
        tokens.elementsEqual(other.tokens) { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Reads `/data/user~1id`, where `~1` stands for `/` and `~0` for `~`; nil for anything else.
    public init?(_ text: String) {
        guard let first = text.utf8.first else {
            tokens = []
            return
        }
        // By bytes: as characters, a slash and a combining accent after it would be one.
        guard first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// The value that it points to; nil if there is none.
    ///
    /// If a name is repeated its last value counts, as everywhere in this module. An index past an
    /// array's end points to nothing, and so does `-`.
    public func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for token in tokens {
            let below: JSONValue? =
                switch value.kind {
                case .object: value[token]
                case .array: Self.index(token).flatMap { value.element(at: $0) }
                case .string, .number, .true, .false, .null: nil
                }
            guard let below else { return nil }
            value = below
        }
        return value
    }

    private static func unescaped(_ part: some Sequence<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var isEscape = false
        for byte in part {
            switch (isEscape, byte) {
            case (false, UInt8(ascii: "~")):
                isEscape = true
                continue
            case (false, _): bytes.append(byte)
            case (true, UInt8(ascii: "0")): bytes.append(UInt8(ascii: "~"))
            case (true, UInt8(ascii: "1")): bytes.append(UInt8(ascii: "/"))
            case (true, _): return nil
            }
            isEscape = false
        }
        return isEscape ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// An array's index: decimal digits without a leading zero.
    static func index(_ token: String) -> Int? {
        let digits = token.utf8
        guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        return Int(token)
    }
}
