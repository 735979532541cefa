internal import Glibc

/// A whole file's bytes.
package enum File {
    /// Larger ones are refused: what this module and its callers read is written by hand.
    package static let maximumLength = 16 * 1024 * 1024

    /// A path as it is from everywhere; one that begins with a slash stays as it is.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return "\(unsafe String(cString: directory))/\(path)"
    }

    /// Reads a regular file or a pipe to its end, unless it is longer than that.
    package static func read(
        _ path: String, upTo maximum: Int = maximumLength
    ) throws(FileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(code: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(code: errno)
            }
            guard bytes.count + count <= maximum else { throw .tooLarge }
            bytes += chunk[..<count]
        }
    }
}

/// Why a file's bytes cannot be had.
package enum FileError: Error, Equatable {
    case missing
    case unreadable(code: Int32)
    case tooLarge
    case unwritable(code: Int32)

    package var reason: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable(let code): "it cannot be read (error \(code))"
        case .unwritable(let code): "it cannot be written (error \(code))"
        case .tooLarge: "it is larger than \(File.maximumLength) bytes"
        }
    }
}
