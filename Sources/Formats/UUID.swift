// RFC 9562: Universally Unique IDentifiers (UUIDs)

public struct UUID: Sendable, Equatable {
    public let bytes: [16 of UInt8]

    /// Version 4.
    public init(random generator: inout some RandomNumberGenerator) {
        var bytes = [16 of UInt8](repeating: 0)
        for index in bytes.indices {
            bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
        }
        self.init(bytes, version: 4)
    }

    /// Version 5 from the SHA-1 of a namespace's bytes followed by a name.
    public init(sha1 digest: [20 of UInt8]) {
        var bytes = [16 of UInt8](repeating: 0)
        for index in bytes.indices { bytes[index] = digest[index] }
        self.init(bytes, version: 5)
    }

    private init(_ bytes: [16 of UInt8], version: UInt8) {
        var bytes = bytes
        bytes[6] = bytes[6] & 0x0F | version << 4
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.bytes = bytes
    }

    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for every other text.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [8, 4, 4, 4, 12],
            let decoded = Hex.decode(Array(parts.joined()))
        else { return nil }
        bytes = [16 of UInt8] { decoded[$0] }
    }

    /// Lower case, `8-4-4-4-12`.
    public var text: String {
        var out: [UInt8] = []
        out.reserveCapacity(36)
        for index in bytes.indices {
            if [4, 6, 8, 10].contains(index) { out.append(UInt8(ascii: "-")) }
            Hex.append(bytes[index], to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    public static func == (one: UUID, other: UUID) -> Bool {
        one.bytes.indices.allSatisfy { one.bytes[$0] == other.bytes[$0] }
    }
}
