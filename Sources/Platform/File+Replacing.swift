internal import Glibc

extension File {
    /// Puts these bytes in place of a file's, whole or not at all, for the file's owner alone.
    ///
    /// Directories on its way that are not there are made, for the owner alone too.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        try makeDirectory(of: path)
        let draft = "\(path).\(getpid())"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(code: errno) }
        do throws(FileError) {
            try write(bytes, to: descriptor)
            guard unsafe rename(draft, path) == 0 else { throw .unwritable(code: errno) }
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    /// Writes all of it down to the disk, and closes the file.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileError) {
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(code: errno) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw .unwritable(code: errno) }
    }

    private static func makeDirectory(of path: String) throws(FileError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in parts.indices.dropFirst() {
            let directory = parts[...count].joined(separator: "/")
            guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(code: errno)
            }
        }
    }
}
