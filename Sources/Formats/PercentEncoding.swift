// RFC 3986, section 2.1: Percent-Encoding, and WHATWG URL: application/x-www-form-urlencoded

public enum PercentEncoding {
    /// What a space becomes.
    public enum Space: Sendable {
        case plus
        case percent20
    }

    /// Appends the bytes with everything but unreserved characters as `%XX`, upper case.
    public static func append(
        _ bytes: Span<UInt8>, space: Space = .plus, to out: inout [UInt8]
    ) {
        out.append(bytes, as: space == .plus ? formCodes : uriCodes)
    }

    public static func encode(_ text: String, space: Space = .percent20) -> String {
        var out: [UInt8] = []
        append(text.utf8.span, space: space, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes with `%XX` resolved, and `+` as a space if asked; a stray `%` stays as it is.
    public static func decode(
        _ bytes: Span<UInt8>, plusIsSpace: Bool = false
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
                let high = Hex.value(of: bytes[at + 1]), let low = Hex.value(of: bytes[at + 2])
            {
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(plusIsSpace && bytes[at] == UInt8(ascii: "+") ? 0x20 : bytes[at])
                at += 1
            }
        }
        return out
    }

    /// A name and its value, decoded; neither need be UTF-8.
    public struct Pair: Sendable, Equatable {
        public let name: [UInt8]
        public let value: [UInt8]
    }

    /// A form or query string's pairs in order; a pair without `=` has an empty value.
    public static func pairs(_ query: [UInt8]) -> Pairs { Pairs(query: query) }

    /// Decodes one pair at a time, because a form may have a million of them.
    public struct Pairs: Sequence, IteratorProtocol {
        fileprivate let query: [UInt8]
        private var at = 0

        fileprivate init(query: [UInt8]) { self.query = query }

        public mutating func next() -> Pair? {
            while at < query.count {
                let rest = query[at...]
                let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
                let pair = rest[..<end]
                at = end + 1
                guard !pair.isEmpty else { continue }
                let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? end
                let (name, value) = (pair[..<equals], pair[equals...].dropFirst())
                return Pair(
                    name: decode(name.span, plusIsSpace: true),
                    value: decode(value.span, plusIsSpace: true))
            }
            return nil
        }
    }

    private static let formCodes = ByteCodes { code(of: $0, space: .plus) }
    private static let uriCodes = ByteCodes { code(of: $0, space: .percent20) }

    private static func code(of byte: UInt8, space: Space) -> ByteCodes.Code {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            ByteCodes.Code(byte)
        case 0x20 where space == .plus:
            ByteCodes.Code(UInt8(ascii: "+"))
        default:
            ByteCodes.Code(UInt8(ascii: "%"), upperDigit(byte >> 4), upperDigit(byte & 15))
        }
    }

    private static func upperDigit(_ value: UInt8) -> UInt8 {
        value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
    }
}
