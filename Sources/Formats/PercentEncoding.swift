// RFC 3986, section 2.1: Percent-Encoding, and WHATWG URL: application/x-www-form-urlencoded

package enum PercentEncoding {
    /// What a space becomes.
    package enum Space: Sendable {
        case plus
        case percent20
    }

    /// Appends the bytes with everything but unreserved characters as `%XX`, upper case.
    package static func append(
        _ bytes: Span<UInt8>, space: Space = .plus, to out: inout [UInt8]
    ) {
        // Room for the worst case, so that nothing is checked or moved in between.
        let room = bytes.count * 3
        out.append(addingCapacity: room) { out in
            out.append(repeating: 0, count: room)
            let used = write(bytes, space, to: out.mutableSpan)
            out.removeLast(room - used)
        }
    }

    /// - Returns: how many bytes of `out` were written.
    private static func write(
        _ bytes: Span<UInt8>, _ space: Space, to out: consuming MutableSpan<UInt8>
    ) -> Int {
        var at = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if isUnreserved(byte) {
                out[at] = byte
            } else if byte == 0x20, space == .plus {
                out[at] = UInt8(ascii: "+")
            } else {
                out[at] = UInt8(ascii: "%")
                out[at &+ 1] = upperDigit(byte >> 4)
                out[at &+ 2] = upperDigit(byte & 15)
                at &+= 2
            }
            at &+= 1
        }
        return at
    }

    package static func encode(_ text: String, space: Space = .percent20) -> String {
        var out: [UInt8] = []
        append(text.utf8.span, space: space, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes with `%XX` resolved, and `+` as a space where asked; a stray `%` stays as it is.
    package static func decode(
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

    /// A form or query string's pairs in order; a pair without `=` has an empty value.
    package static func pairs(_ query: [UInt8]) -> [(name: [UInt8], value: [UInt8])] {
        query.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = pair[..<equals]
            let value = pair[equals...].dropFirst()
            return (
                decode(name.span, plusIsSpace: true), decode(value.span, plusIsSpace: true)
            )
        }
    }

    /// `A-Z a-z 0-9 - . _ ~`, as a bit per ASCII character.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let half: UInt64 = byte < 64 ? 0x03FF_6000_0000_0000 : 0x47FF_FFFE_87FF_FFFE
        return half &>> UInt64(byte & 63) & 1 == 1
    }

    private static func upperDigit(_ value: UInt8) -> UInt8 {
        value &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
    }
}
