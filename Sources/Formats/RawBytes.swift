// The only unsafe code outside of the targets that call C: bytes that are read and written several at
// a time. Every byte is a value of the integers here, and each place is checked, or all are at once.

extension ByteWord {
    /// Nil if fewer bytes are left.
    @inline(__always)
    init?(at start: Int, in bytes: Span<UInt8>) {
        guard start >= 0, start <= bytes.count &- Self.count else { return nil }
        unsafe self.init(uncheckedAt: start, in: bytes)
    }

    /// There must be so many bytes left.
    @unsafe
    @inline(__always)
    fileprivate init(uncheckedAt start: Int, in bytes: Span<UInt8>) {
        self.init(
            bits: UInt64(
                littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: start, as: UInt64.self)))
    }
}

extension [UInt8] {
    /// Appends what `fill` writes into room for `maximumCount` bytes; it returns how many it has
    /// written.
    ///
    /// The room has any content: what is not written must not be counted.
    @inline(__always)
    mutating func append<Failure: Error>(
        upTo maximumCount: Int, _ fill: (inout MutableRawSpan) throws(Failure) -> Int
    ) throws(Failure) {
        try append(addingCapacity: maximumCount) { out throws(Failure) in
            try unsafe out.withUnsafeMutableBufferPointer { room, count throws(Failure) in
                var bytes = unsafe MutableRawSpan(
                    _unsafeBytes: UnsafeMutableRawBufferPointer(room))
                count = try fill(&bytes)
            }
        }
    }
}

extension [UInt8] {
    /// Appends bytes.
    public mutating func append(copying bytes: Span<UInt8>) {
        append(bytes, bytes.extracting(first: 0))
    }

    /// Appends bytes, and others behind them, after one look for room.
    @inline(__always)
    mutating func append(_ first: Span<UInt8>, _ second: Span<UInt8>) {
        append(upTo: first.count + second.count) { out in
            out.copy(first, to: 0)
            out.copy(second, to: first.count)
            return first.count + second.count
        }
    }
}

extension [UInt8] {
    /// Appends for each byte its code.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, as codes: ByteCodes) {
        // Room for the longest codes, and for what is written behind the last one.
        append(upTo: bytes.count * ByteCodes.maximumLength + 1) { $0.write(codesOf: bytes, codes) }
    }
}

extension MutableRawSpan {
    @inline(__always)
    fileprivate mutating func copy(_ bytes: Span<UInt8>, to place: Int) {
        precondition(place >= 0 && byteCount - place >= bytes.count)
        unsafe withUnsafeMutableBytes { out in
            unsafe bytes.withUnsafeBytes { bytes in
                guard let start = out.baseAddress, let from = bytes.baseAddress else { return }
                unsafe (start + place).copyMemory(from: from, byteCount: bytes.count)
            }
        }
    }

    /// Writes for each byte its code.
    ///
    /// What is behind the last code is overwritten, by three bytes at most.
    ///
    /// - Returns: how many bytes the codes have together.
    mutating func write(codesOf bytes: Span<UInt8>, _ table: borrowing ByteCodes) -> Int {
        let codes = table.codes.span
        // So no place below can be out of bounds; to check each takes twice as long.
        precondition(byteCount > bytes.count * ByteCodes.maximumLength)
        var at = 0
        for index in bytes.indices {
            // Always four bytes, so that no branch depends on the text: the next code overwrites
            // what is not part of this one.
            let code = unsafe codes[unchecked: Int(unsafe bytes[unchecked: index])]
            unsafe storeBytes(of: code.littleEndian, toUncheckedByteOffset: at, as: UInt32.self)
            at &+= Int(code >> 24)
        }
        return at
    }

    /// Writes the characters of a JSON string's content from `start` on, and resolves escapes of
    /// quotes and backslashes, up to anything else, or up to the last bytes.
    ///
    /// There must be room behind `place` for all bytes from `start` on.
    ///
    /// - Returns: how many bytes were read, and written.
    @inline(__always)
    mutating func write(
        plain bytes: Span<UInt8>, from start: Int, at place: Int
    ) -> (read: Int, written: Int) {
        // So no place below can be out of bounds: never is more written than read.
        precondition(start >= 0 && place >= 0 && byteCount - place >= bytes.count - start)
        var (at, used) = (start, place)
        while at <= bytes.count &- ByteWord.count {
            let word = unsafe ByteWord(uncheckedAt: at, in: bytes)
            unsafe storeBytes(
                of: word.bits.littleEndian, toUncheckedByteOffset: used, as: UInt64.self)
            let found = ByteWord.first(in: word.specials)
            at &+= found
            used &+= found
            if found == ByteWord.count { continue }
            guard unsafe bytes[unchecked: at] == UInt8(ascii: "\\"), at &+ 1 < bytes.count else {
                break
            }
            let escaped = unsafe bytes[unchecked: at &+ 1]
            guard escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else { break }
            unsafe storeBytes(of: escaped, toUncheckedByteOffset: used, as: UInt8.self)
            at &+= 2
            used &+= 1
        }
        return (at &- start, used &- place)
    }
}

extension Span<UInt8> {
    /// The place of the first byte of the words from `start` on that `mask` finds, or of what is left
    /// behind the last word.
    @inline(__always)
    func firstPlace(from start: Int, _ mask: (ByteWord) -> UInt64) -> Int {
        precondition(start >= 0)
        var at = start
        while at <= count &- ByteWord.count {
            let found = ByteWord.first(in: mask(unsafe ByteWord(uncheckedAt: at, in: self)))
            at &+= found
            if found < ByteWord.count { break }
        }
        return at
    }
}

/// A code of up to three bytes for each byte.
struct ByteCodes: Sendable {
    static let maximumLength = 3

    /// What is written for one byte.
    struct Code {
        /// The first byte lowest, and the length in the highest byte.
        fileprivate let bits: UInt32

        init(_ byte: UInt8) { bits = UInt32(byte) | 1 << 24 }

        init(_ first: UInt8, _ second: UInt8) {
            bits = UInt32(first) | UInt32(second) << 8 | 2 << 24
        }

        init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
            bits = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | 3 << 24
        }
    }

    /// ``Code/bits`` for each byte.
    fileprivate let codes: [UInt32]

    init(_ code: (UInt8) -> Code) { codes = (0...UInt8.max).map { code($0).bits } }
}
