import Glibc
import Platform

/// Files of an archive on this machine: one, or those of a directory and below it.
struct ArchiveFolder: ArchiveSource {
    /// Directories inside each other.
    private static let maximumDepth = 16
    private static let maximumFiles = 1_000_000

    let path: String
    /// In the order of their names, those left out that are not after `--after`.
    private var files: [String] = []

    var name: String { path }
    var places: String { printable(path) }

    /// Looks for the files; `start` is the path after which to begin, nil for the first one.
    init(path: String, start: String?) throws(InletError) {
        self.path = path
        if case .failure(let error) = Self.kind(of: path) { throw .file(path: path, error) }
        try collect(path, above: [])
        files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard let start else { return }
        let place = Self.plain(start)
        guard let index = files.firstIndex(where: { Self.plain($0) == place }) else {
            throw .malformed(
                "--after",
                expected: "a file below \(printable(path)), as an earlier run has named it;"
                    + " \(printable(start)) is not there")
        }
        files.removeFirst(index + 1)
    }

    func list(_ visit: (ArchiveFile) throws(InletError) -> Bool) throws(InletError) {
        for file in files {
            guard try visit(ArchiveFile(name: file, size: 0)) else { return }
        }
    }

    func contents(of file: ArchiveFile) throws(ArchiveFault) -> [UInt8] {
        // The one that was named may be a pipe.
        if file.name != path {
            switch Self.kind(of: file.name) {
            case .success(let kind) where kind.isDirectory:
                throw .file("The directory leads back up, is too deep, or cannot be read.")
            case .success(let kind) where !kind.isRegular: throw .file("It is no regular file.")
            case .success: break
            case .failure: throw .file("There is no such file: the link leads nowhere.")
            }
        }
        do throws(FileError) {
            return try File.read(file.name, upTo: ObjectStore.maximumObject)
        } catch {
            guard error == .tooLarge else {
                guard file.name != path else { throw .archive(.file(path: path, error)) }
                throw .file("The file cannot be had: \(error.reason).")
            }
            throw .file("The file is larger than \(ObjectStore.maximumObject) bytes.")
        }
    }

    /// What a path is, links followed.
    private struct Kind: Hashable {
        let device: UInt
        let number: UInt
        let isDirectory: Bool
        let isRegular: Bool
    }

    private static func kind(of path: String) -> Result<Kind, FileError> {
        var entry = stat()
        guard unsafe stat(path, &entry) == 0 else {
            return .failure(errno == ENOENT ? .missing : .unreadable(code: errno))
        }
        let format = entry.st_mode & S_IFMT
        return .success(
            Kind(
                device: UInt(entry.st_dev), number: UInt(entry.st_ino),
                isDirectory: format == S_IFDIR, isRegular: format == S_IFREG))
    }

    /// Adds everything but the directories that can be read; hidden files are left out.
    private mutating func collect(_ path: String, above: [Kind]) throws(InletError) {
        guard files.count < Self.maximumFiles else {
            throw .archive("\(printable(self.path)) has more than \(Self.maximumFiles) files")
        }
        guard case .success(let kind) = Self.kind(of: path), kind.isDirectory,
            !above.contains(kind), above.count < Self.maximumDepth,
            let names = Self.names(in: path)
        else { return files.append(path) }
        for name in names where !name.hasPrefix(".") {
            let separator = path.hasSuffix("/") ? "" : "/"
            try collect("\(path)\(separator)\(name)", above: above + [kind])
        }
    }

    /// What a directory holds; nil if it cannot be read.
    private static func names(in path: String) -> [String]? {
        guard let directory = unsafe opendir(path) else { return nil }
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

    /// A path from the root, without steps that lead nowhere.
    private static func plain(_ path: String) -> String {
        File.absolute(path).split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
