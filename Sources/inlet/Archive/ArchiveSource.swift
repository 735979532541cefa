import Platform

/// A file of an archive, before it is read.
struct ArchiveFile: Equatable {
    /// The key in a bucket, or the path in a directory.
    let name: String
    /// Bytes as they are kept.
    let size: Int
    /// S3's name for the bytes that were listed; nil without one, as in a directory.
    var entityTag: String?
}

/// Why a file of an archive cannot be had.
enum ArchiveFault: Error {
    /// This one alone, for a reason that stays: a sentence.
    case file(String)
    /// This one, and all others if the credentials may read none: a sentence.
    case denied(String)
    /// The others cannot be had either, or not now.
    case archive(InletError)
}

/// Where files of an archive are read: a bucket, or a directory.
protocol ArchiveSource {
    /// For questions and errors.
    var name: String { get }
    /// What is looked through for files, for an error when there are none.
    var places: String { get }

    /// Shows files in the order of their names, until `visit` wants no more.
    func list(_ visit: (ArchiveFile) throws(InletError) -> Bool) throws(InletError)

    func contents(of file: ArchiveFile) throws(ArchiveFault) -> [UInt8]
}

/// The files of a bucket.
struct ArchiveBucket: ArchiveSource {
    /// The most that S3 names at once.
    static let standardPage = 1000
    /// Prefixes that an error names.
    private static let maximumPlaces = 3

    let address: ArchiveAddress
    /// What keys begin with, in their order.
    let prefixes: [String]
    /// The key after which to begin; nil for the first one.
    let start: String?
    let store: ObjectStore
    var pageSize = Self.standardPage

    var name: String { "s3://\(address.bucket)/\(address.root)" }

    var places: String {
        let shown = prefixes.prefix(Self.maximumPlaces).map {
            printable("s3://\(address.bucket)/\($0)")
        }
        let more = prefixes.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// The key that `--after` means, which may be written with its bucket, and must be there.
    static func start(
        _ text: String, below root: String, in bucket: String, _ store: ObjectStore
    ) throws(InletError) -> String {
        let place = "s3://\(bucket)/"
        let key = text.hasPrefix(place) ? String(text.dropFirst(place.utf8.count)) : text
        guard key.utf8.starts(with: root.utf8), key.utf8.count > root.utf8.count,
            try store.page(prefix: key, after: nil, token: nil, limit: 1).objects.first?.name == key
        else {
            throw .malformed(
                "--after",
                expected: "a file below \(place)\(printable(root)), as an earlier run has named it;"
                    + " \(printable(text)) is not there")
        }
        return key
    }

    func list(_ visit: (ArchiveFile) throws(InletError) -> Bool) throws(InletError) {
        for prefix in prefixes {
            var start: String?
            if let key = self.start {
                if key.hasPrefix(prefix) {
                    start = key
                } else if prefix.utf8.lexicographicallyPrecedes(key.utf8) {
                    continue
                }
            }
            var token: String?
            var last = ""
            repeat {
                let page = try store.page(
                    prefix: prefix, after: start, token: token, limit: pageSize)
                // A page that comes again would do so for ever.
                if let first = page.objects.first?.name,
                    !last.utf8.lexicographicallyPrecedes(first.utf8)
                {
                    throw .replyUnreadable("the archive")
                }
                last = page.objects.last?.name ?? last
                for file in page.objects where file.size > 0 {
                    guard try visit(file) else { return }
                }
                guard page.next == nil || page.next != token else {
                    throw .replyUnreadable("the archive")
                }
                token = page.next
            } while token != nil
        }
    }

    func contents(of file: ArchiveFile) throws(ArchiveFault) -> [UInt8] {
        guard file.size <= ObjectStore.maximumObject else {
            throw .file("The file is larger than \(ObjectStore.maximumObject) bytes.")
        }
        return try store.contents(of: file)
    }

    /// True if files in Parquet are where those of the stack would be.
    func hasParquet() throws(InletError) -> Bool {
        let parent = String(address.failed.dropLast("inlet-failed/".utf8.count))
        return try !store.page(
            prefix: "\(parent)inlet-parquet/", after: nil, token: nil, limit: 1
        ).objects.isEmpty
    }
}
