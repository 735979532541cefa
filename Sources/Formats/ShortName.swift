/// A name of up to 24 bytes as words, which are compared at once.
public struct ShortName: Sendable, Equatable {
    public static let maximumCount = 24

    private let count: Int
    /// The first eight bytes, or all of fewer.
    private let head: UInt64
    /// The second eight; 0 if there are not so many.
    private let middle: UInt64
    /// The last eight, which overlap the others; 0 for fewer.
    private let tail: UInt64

    /// Nil for a longer name.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= Self.maximumCount else { return nil }
        count = bytes.count
        middle = ByteWord(at: 8, in: bytes)?.bits ?? 0
        guard let head = ByteWord(at: 0, in: bytes),
            let tail = ByteWord(at: bytes.count &- 8, in: bytes)
        else {
            var head: UInt64 = 0
            for index in bytes.indices { head = head << 8 | UInt64(bytes[index]) }
            self.head = head
            tail = 0
            return
        }
        self.head = head.bits
        self.tail = tail.bits
    }
}
