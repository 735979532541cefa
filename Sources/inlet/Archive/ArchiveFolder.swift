import Glibc
import Platform

/// Files of an archive on this machine: one, or those of a directory and below it.
struct ArchiveFolder: ArchiveSource {
    /// Directories inside each other; a link may lead back up.
    private static let maximumDepth = 16
    private static let maximumFiles = 1_000_000

    let path: String
    /// The path after which to begin; nil for the first one.
    let start: String?

    var name: String { path }

    func list(_ visit: (ArchiveFile) throws(InletError) -> Bool) throws(InletError) {
        var found: [String] = []
        try collect(path, depth: 1, into: &found)
        for file in found.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if let start, !start.utf8.lexicographicallyPrecedes(file.utf8) { continue }
            guard try visit(ArchiveFile(name: file, size: 0)) else { return }
        }
    }

    func contents(of file: ArchiveFile) throws(InletError) -> [UInt8] {
        do throws(FileError) {
            return try File.read(file.name, upTo: ObjectStore.maximumObject)
        } catch {
            guard error == .tooLarge else { throw .file(path: file.name, error) }
            throw .archive(
                "\(printable(file.name)) is larger than \(ObjectStore.maximumObject) bytes")
        }
    }

    /// Hidden files are left out.
    private func collect(
        _ path: String, depth: Int, into found: inout [String]
    ) throws(InletError) {
        guard depth <= Self.maximumDepth else {
            throw .archive("\(printable(path)) is too deep")
        }
        guard found.count < Self.maximumFiles else {
            throw .archive("\(printable(self.path)) has more than \(Self.maximumFiles) files")
        }
        guard let names = try names(in: path) else { return found.append(path) }
        for name in names where !name.hasPrefix(".") {
            let isDirectory = path.hasSuffix("/")
            try collect(
                "\(path)\(isDirectory ? "" : "/")\(name)", depth: depth + 1, into: &found)
        }
    }

    /// What a directory holds; nil for what is none.
    private func names(in path: String) throws(InletError) -> [String]? {
        guard let directory = unsafe opendir(path) else {
            if errno == ENOTDIR { return nil }
            throw .file(path: path, errno == ENOENT ? .missing : .unreadable(code: errno))
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        // The name is as long as it is, whatever the type of the entry says.
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        while let entry = unsafe readdir(directory) {
            let name = unsafe UnsafeRawPointer(entry) + offset
            names.append(unsafe String(cString: name.assumingMemoryBound(to: CChar.self)))
        }
        return names
    }
}
