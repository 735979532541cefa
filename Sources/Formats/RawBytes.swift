// The only unsafe code outside of the targets that call C: bytes that are read and written several at
// a time. Every byte is a value of the integers here, and each place is checked, or all are at once.

extension Span<UInt8> {
    /// Eight bytes, the first one lowest.
    @inline(__always)
    func word(at start: Int) -> UInt64 {
        UInt64(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
}

extension [UInt8] {
    /// Appends what `fill` writes into room for `maximumCount` bytes; it returns how many it has
    /// written.
    @inline(__always)
    mutating func append(upTo maximumCount: Int, _ fill: (inout MutableRawSpan) -> Int) {
        append(addingCapacity: maximumCount) { out in
            out.append(repeating: 0, count: maximumCount)
            let used: Int
            do {
                var span = out.mutableSpan
                var bytes = unsafe span.mutableBytes
                used = fill(&bytes)
            }
            out.removeLast(maximumCount - used)
        }
    }
}

extension MutableRawSpan {
    /// Writes for each byte its code of up to three bytes.
    ///
    /// A code has its first byte lowest, and its length in the highest. What is behind the last code
    /// is overwritten, by three bytes at most.
    ///
    /// - Returns: how many bytes the codes have together.
    mutating func write(codesOf bytes: Span<UInt8>, _ codes: Span<UInt32>) -> Int {
        // So no place below can be out of bounds; to check each takes twice as long.
        precondition(codes.count == 256 && byteCount > bytes.count * 3)
        var at = 0
        for index in bytes.indices {
            // Always four bytes, so that no branch depends on the text: the next code overwrites
            // what is not part of this one.
            let code = unsafe codes[unchecked: Int(bytes[index])]
            unsafe storeBytes(of: code.littleEndian, toUncheckedByteOffset: at, as: UInt32.self)
            at &+= Int(min(code >> 24, 3))
        }
        return at
    }
}
