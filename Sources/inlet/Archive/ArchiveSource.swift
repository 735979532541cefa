import Platform

/// A file of an archive, before it is read.
struct ArchiveFile: Equatable {
    /// The key in a bucket, or the path in a directory.
    let name: String
    /// Bytes as they are kept.
    let size: Int
}

/// Where files of an archive are read: a bucket, or a directory.
protocol ArchiveSource {
    /// For questions and errors.
    var name: String { get }

    /// Shows files in the order of their names, until `visit` wants no more.
    func list(_ visit: (ArchiveFile) throws(InletError) -> Bool) throws(InletError)

    func contents(of file: ArchiveFile) throws(InletError) -> [UInt8]
}

/// The files of a bucket.
struct ArchiveBucket: ArchiveSource {
    /// The most that S3 names at once.
    static let standardPage = 1000

    let address: ArchiveAddress
    /// What keys begin with, in their order.
    let prefixes: [String]
    /// The key after which to begin; nil for the first one.
    let start: String?
    let store: ObjectStore
    var pageSize = Self.standardPage

    var name: String { "s3://\(address.bucket)/\(address.root)" }

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
            repeat {
                let page = try store.page(
                    prefix: prefix, after: start, token: token, limit: pageSize)
                for file in page.objects where file.size > 0 {
                    guard try visit(file) else { return }
                }
                token = page.next
            } while token != nil
        }
    }

    func contents(of file: ArchiveFile) throws(InletError) -> [UInt8] {
        guard file.size <= ObjectStore.maximumObject else {
            throw .archive(
                "\(printable(file.name)) is larger than \(ObjectStore.maximumObject) bytes")
        }
        return try store.contents(of: file.name)
    }

    /// True if files in Parquet are where those of the stack would be.
    func hasParquet() throws(InletError) -> Bool {
        let parent = String(address.failed.dropLast("inlet-failed/".utf8.count))
        return try !store.page(
            prefix: "\(parent)inlet-parquet/", after: nil, token: nil, limit: 1
        ).objects.isEmpty
    }
}
