// RFC 4291: IP Version 6 Addressing Architecture, and RFC 4632: Classless Inter-domain Routing (CIDR)

/// An IPv4 or IPv6 address; an IPv4-mapped IPv6 address counts as the IPv4 one.
public struct IPAddress: Sendable, Equatable {
    /// IPv4 in the low 32 bits.
    let value: UInt128
    let isV4: Bool

    public init?(_ text: String) {
        let text = Array(text.utf8)
        if let v4 = Self.v4(text[...]) {
            (value, isV4) = (UInt128(v4), true)
        } else if let v6 = Self.v6(text) {
            isV4 = v6 >> 32 == 0xFFFF
            value = isV4 ? v6 & 0xFFFF_FFFF : v6
        } else {
            return nil
        }
    }

    /// Four decimal numbers without leading zeros.
    private static func v4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ $0 &- 0x30 < 10 }),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    /// Eight groups, one run of zeros as `::`, the last two groups possibly as IPv4.
    private static func v6(_ text: [UInt8]) -> UInt128? {
        let halves = splitAtDoubleColon(text)
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else {
            return head.count == 8 ? joined(head) : nil
        }
        guard let tail = groups(halves[1]), head.count + tail.count <= 7 else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
        return joined(head + zeros + tail)
    }

    private static func splitAtDoubleColon(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        let colon = UInt8(ascii: ":")
        var halves: [ArraySlice<UInt8>] = []
        var start = 0
        var at = 0
        while at + 1 < text.count {
            if text[at] == colon, text[at + 1] == colon {
                halves.append(text[start..<at])
                start = at + 2
                at += 2
            } else {
                at += 1
            }
        }
        return halves + [text[start...]]
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let v4 = v4(part) {
                groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy({ Hex.value(of: $0) != nil }),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

/// A range of addresses, written `203.0.113.0/24`, `2001:db8::/32`, or as one address.
public struct IPNetwork: Sendable, Equatable {
    private let prefix: UInt128
    private let shift: Int
    private let isV4: Bool

    /// Bits after the prefix are ignored.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isV4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let given = Int(parts[1]),
                given <= width
            else { return nil }
            length = given
        }
        shift = width - length
        prefix = shift == 128 ? 0 : address.value >> UInt128(shift)
        isV4 = address.isV4
    }

    public func contains(_ address: IPAddress) -> Bool {
        guard address.isV4 == isV4 else { return false }
        return (shift == 128 ? 0 : address.value >> UInt128(shift)) == prefix
    }
}
