/// Where an archive is: a bucket, and what the keys of its days begin with.
struct ArchiveAddress: Equatable {
    static let variable = "INLET_ARCHIVE"
    static let option = Option(
        name: "archive", value: "URI",
        help: "where the archive is, such as s3://bucket/inlet/ (default: \(variable))")

    let bucket: String
    /// Ends with a slash, or is empty.
    let root: String

    /// Nil for everything but `s3://`, a bucket's name, and a path that may be empty.
    init?(_ text: String) {
        guard text.hasPrefix("s3://") else { return nil }
        let parts = text.dropFirst(5).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        bucket = String(parts[0])
        let isName = bucket.utf8.allSatisfy {
            $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard isName, 3...63 ~= bucket.utf8.count else { return nil }
        let path = parts.count > 1 ? String(parts[1]) : ""
        root = path.isEmpty || path.hasSuffix("/") ? path : path + "/"
    }

    /// What the keys of the files begin with that hold what Firehose found no place for.
    var failed: String {
        let parent = root.dropLast().lastIndex(of: "/").map { root[...$0] } ?? ""
        return "\(parent)inlet-failed/"
    }

    /// The prefixes of keys that a time is in, in their order.
    ///
    /// A file's day is Firehose's, that of its oldest message: so the days before and after may hold
    /// some of the time too. `partners` none means all. No key comes twice, and some may be of others.
    func prefixes(of window: TimeWindow, partners: [String]) -> [String] {
        var folders: [String] = []
        for folder in partners.map(Self.folder).sorted(by: {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }) where folders.last.map(folder.hasPrefix) != true {
            folders.append(folder)
        }
        return window.days(aside: 1).flatMap { day in
            folders.isEmpty ? ["\(root)day=\(day)/"] : folders.map { "\(root)day=\(day)/\($0)" }
        }
    }

    /// What a partner's folder is named, or begins with: encoders differ in what they leave as it is,
    /// but for these characters.
    private static func folder(of partner: String) -> String {
        let plain = partner.utf8.prefix {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_")
        }
        let isWhole = plain.count == partner.utf8.count
        return "partner=\(Substring(plain))\(isWhole ? "/" : "")"
    }
}

extension Session {
    /// The archive that is set.
    var archiveAddress: ArchiveAddress {
        get throws(InletError) {
            let text = try required(ArchiveAddress.option, ArchiveAddress.variable)
            guard let address = ArchiveAddress(text) else {
                throw .malformed(
                    "--\(ArchiveAddress.option.name) or \(ArchiveAddress.variable)",
                    expected: "a bucket and what its keys begin with, such as s3://bucket/inlet/")
            }
            return address
        }
    }
}
