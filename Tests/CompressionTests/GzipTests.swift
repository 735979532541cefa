import Compression
import Testing

@Suite("Gzip")
struct GzipTests {
    /// `{"a":1}` by gzip(1).
    private let small: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0xAB, 0x56, 0x4A, 0x54, 0xB2,
        0x32, 0xAC, 0x05, 0x00, 0xAF, 0xAC, 0x1B, 0x56, 0x07, 0x00, 0x00, 0x00,
    ]
    private let plain = Array(#"{"a":1}"#.utf8)

    @Test("inflates one member, and several in a row")
    func inflates() throws {
        #expect(Gzip.isGzip(small))
        #expect(try Gzip.inflate(small, maximum: 7) == plain)
        #expect(try Gzip.inflate(small + small, maximum: 14) == plain + plain)
    }

    @Test("stops at the bound")
    func bounds() {
        #expect(throws: GzipError.tooLarge(limit: 6)) { try Gzip.inflate(small, maximum: 6) }
        #expect(throws: GzipError.tooLarge(limit: 13)) {
            try Gzip.inflate(small + small, maximum: 13)
        }
    }

    @Test("refuses every truncation and every flipped byte that matters")
    func refuses() {
        for count in 0..<small.count {
            #expect(throws: GzipError.self) {
                try Gzip.inflate(Array(small[..<count]), maximum: 100)
            }
        }
        for index in [0, 1, 2, 10, 19, 23] {
            var damaged = small
            damaged[index] ^= 0xFF
            #expect(throws: GzipError.self) { try Gzip.inflate(damaged, maximum: 100) }
        }
        #expect(throws: GzipError.malformed) { try Gzip.inflate(small + [0x7B], maximum: 100) }
    }

    @Test("inflates a stream of very many members, empty ones among them")
    func members() throws {
        // By gzip(1), of nothing.
        let empty: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0x03, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        ]
        let stream = Array((0..<20_000).map { $0 % 100 == 0 ? small : empty }.joined())
        let expected = Array((0..<200).map { _ in plain }.joined())
        #expect(try Gzip.inflate(stream, maximum: 1400) == expected)
        #expect(throws: GzipError.tooLarge(limit: 1399)) {
            try Gzip.inflate(stream, maximum: 1399)
        }
        #expect(throws: GzipError.malformed) {
            try Gzip.inflate(Array(stream.dropLast()), maximum: 1400)
        }
    }
}
