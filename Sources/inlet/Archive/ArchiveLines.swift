import Compression

/// The lines of a file of the archive, compressed or not, one after the other.
struct ArchiveLines {
    /// Bytes of a line: a record of Firehose has 1,024,000, and Base64 and escapes make it longer.
    static let maximumLine = 4 << 20
    /// Bytes of a file's lines together.
    static let maximumText = 4 << 30

    /// Why a file could not be read to its end.
    enum Damage: Error, Equatable {
        /// Cut short, damaged, or not what it begins like.
        case malformed
        case tooLarge
        case parquet

        var reason: String {
            switch self {
            case .malformed: "The file is cut short or damaged; what comes before that was read."
            case .tooLarge: "The file has more than \(ArchiveLines.maximumText) bytes of text."
            case .parquet: "The file is Parquet."
            }
        }
    }

    /// Counted from 1.
    private(set) var number = 0
    private var line: [UInt8] = []
    /// True within a line that is too long.
    private var isSkipping = false

    /// Shows each line that is not empty, and nil for one that is too long, until `visit` wants no
    /// more.
    static func read(
        _ bytes: [UInt8], visit: (_ line: [UInt8]?, _ number: Int) -> Bool
    ) throws(Damage) {
        guard !bytes.starts(with: "PAR1".utf8) else { throw .parquet }
        var lines = ArchiveLines()
        var goesOn = true
        if Gzip.isGzip(bytes) {
            do throws(GzipError) {
                try Gzip.inflate(bytes, maximum: maximumText) { piece in
                    goesOn = lines.take(piece, visit)
                    return goesOn
                }
            } catch {
                throw error == .malformed ? .malformed : .tooLarge
            }
        } else {
            goesOn = lines.take(bytes[...], visit)
        }
        if goesOn { _ = lines.end(visit) }
    }

    private mutating func take(
        _ piece: ArraySlice<UInt8>, _ visit: (_ line: [UInt8]?, _ number: Int) -> Bool
    ) -> Bool {
        var rest = piece
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            rest = rest[(end + 1)...]
            guard self.end(visit) else { return false }
        }
        append(rest)
        return true
    }

    private mutating func append(_ part: ArraySlice<UInt8>) {
        isSkipping = isSkipping || line.count + part.count > Self.maximumLine
        if isSkipping { line = [] } else { line += part }
    }

    private mutating func end(_ visit: (_ line: [UInt8]?, _ number: Int) -> Bool) -> Bool {
        number += 1
        let isTooLong = isSkipping
        let whole = line
        (line, isSkipping) = ([], false)
        guard isTooLong || whole.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return true }
        return visit(isTooLong ? nil : whole, number)
    }
}
