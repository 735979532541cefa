internal import CZlib

package enum GzipError: Error, Equatable {
    /// Cut short, damaged, or followed by something else.
    case malformed
    case tooLarge(limit: Int)
}

/// Inflates gzip (RFC 1952) by zlib.
package enum Gzip {
    /// Output is taken in pieces of this size, so that a bomb costs no more than its bound.
    private static let chunk = 64 << 10

    /// True for bytes that begin like gzip; no JSON text does.
    package static func isGzip(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
    }

    /// The bytes that were compressed, all members of the stream one after the other.
    ///
    /// More than `maximum` bytes are ``GzipError/tooLarge(limit:)``, and are not produced.
    package static func inflate(_ bytes: [UInt8], maximum: Int) throws(GzipError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(min(saidSize(bytes), maximum))
        try inflate(bytes, maximum: maximum) { piece in
            out.append(contentsOf: piece)
            return true
        }
        return out
    }

    /// Shows the same bytes piece by piece, until `take` wants no more: for more than fits in memory.
    ///
    /// What comes before a damage has been shown when that is thrown.
    package static func inflate(
        _ bytes: [UInt8], maximum: Int, take: (ArraySlice<UInt8>) -> Bool
    ) throws(GzipError) {
        var stream = unsafe z_stream()
        guard unsafe czlib_inflate_init_gzip(&stream) == Z_OK else { throw .malformed }
        defer { unsafe inflateEnd(&stream) }
        var input = bytes
        var produced = 0
        var piece = [UInt8](repeating: 0, count: chunk)
        var consumed = 0
        while true {
            let (status, read, written) = unsafe step(&stream, &input, from: consumed, into: &piece)
            consumed += read
            produced += written
            guard produced <= maximum else { throw .tooLarge(limit: maximum) }
            guard take(piece[..<written]) else { return }
            if status == Z_STREAM_END {
                guard consumed < bytes.count else { return }
                // A stream may have very many members, so all of them use the same state.
                guard unsafe inflateReset(&stream) == Z_OK else { throw .malformed }
                continue
            }
            // Anything else, or no progress, means that the rest is missing or damaged.
            guard status == Z_OK, read + written > 0 else { throw .malformed }
        }
    }

    /// The size that the last member claims to have; the claim may be false.
    private static func saidSize(_ bytes: [UInt8]) -> Int {
        bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func step(
        _ stream: inout z_stream, _ input: inout [UInt8], from start: Int, into piece: inout [UInt8]
    ) -> (status: Int32, read: Int, written: Int) {
        let available = input.count - start
        return unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe piece.withUnsafeMutableBufferPointer { piece in
                unsafe stream.next_in = input.baseAddress.map { unsafe $0 + start }
                unsafe stream.avail_in = UInt32(available)
                unsafe stream.next_out = piece.baseAddress
                unsafe stream.avail_out = UInt32(piece.count)
                let status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                return (
                    status, available - Int(unsafe stream.avail_in),
                    piece.count - Int(unsafe stream.avail_out)
                )
            }
        }
    }
}
