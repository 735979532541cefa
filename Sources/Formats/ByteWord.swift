/// Eight bytes of a text at once: looking at each of them would take several times as long.
///
/// Masks have the highest bit of a byte set for what they look for. That of the lowest such byte is
/// right; behind it, a borrow can set a wrong one.
struct ByteWord {
    /// Bytes of a word.
    static let count = 8

    /// The first byte is the lowest.
    let bits: UInt64

    @inline(__always)
    func store(at start: Int, in bytes: inout MutableRawSpan) {
        bytes.storeBytes(of: bits.littleEndian, toByteOffset: start, as: UInt64.self)
    }

    @inline(__always)
    var quotes: UInt64 { mask(of: 0x2222_2222_2222_2222) }

    @inline(__always)
    var backslashes: UInt64 { mask(of: 0x5C5C_5C5C_5C5C_5C5C) }

    /// `<` and `&`, at which markup begins.
    @inline(__always)
    var markup: UInt64 { mask(of: 0x3C3C_3C3C_3C3C_3C3C) | mask(of: 0x2626_2626_2626_2626) }

    /// Bytes below a space.
    @inline(__always)
    var controls: UInt64 { (bits &- 0x2020_2020_2020_2020) & ~bits & Self.highest }

    /// Bytes up to a space.
    @inline(__always)
    var spacesAndControls: UInt64 { (bits &- 0x2121_2121_2121_2121) & ~bits & Self.highest }

    @inline(__always)
    var deletes: UInt64 { mask(of: 0x7F7F_7F7F_7F7F_7F7F) }

    /// Bytes that are not ASCII.
    @inline(__always)
    var others: UInt64 { bits & Self.highest }

    /// Quotes, backslashes, bytes below a space, and those that are not ASCII.
    @inline(__always)
    var specials: UInt64 {
        // Without the complement of the other masks: a byte that has its highest bit set is found
        // anyway.
        let quotes = (bits ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
        let backslashes = (bits ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
        let controls = bits &- 0x2020_2020_2020_2020
        return (quotes | backslashes | controls | bits) & Self.highest
    }

    /// Which byte of the word a mask found first; 8 if it found none.
    @inline(__always)
    static func first(in mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }

    /// Finds a byte that stands eight times in `pattern`.
    @inline(__always)
    private func mask(of pattern: UInt64) -> UInt64 {
        let word = bits ^ pattern
        return (word &- 0x0101_0101_0101_0101) & ~word & Self.highest
    }

    private static let highest: UInt64 = 0x8080_8080_8080_8080
}

/// Copies bytes up to the first that a mask finds.
///
/// `out` must have room for all that is left of them: what is behind a run is overwritten.
///
/// - Returns: how many bytes were copied.
@inline(__always)
func copyRun(
    from start: Int, of bytes: Span<UInt8>, to out: inout MutableRawSpan, at place: Int,
    until mask: (ByteWord) -> UInt64, isEnd: (UInt8) -> Bool
) -> Int {
    var copied = 0
    while let word = ByteWord(at: start &+ copied, in: bytes) {
        word.store(at: place &+ copied, in: &out)
        let found = ByteWord.first(in: mask(word))
        copied &+= found
        if found < ByteWord.count { return copied }
    }
    while start &+ copied < bytes.count, !isEnd(bytes[start &+ copied]) {
        out.storeBytes(of: bytes[start &+ copied], toByteOffset: place &+ copied, as: UInt8.self)
        copied &+= 1
    }
    return copied
}
