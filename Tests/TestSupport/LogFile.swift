import Glibc
import Synchronization

/// Where a logger without a process writes to: nobody reads it but the watch for secrets.
package final class LogFile: Sendable {
    package let descriptor: Int32
    private let watch: SecretWatch
    private let seen = Mutex<[UInt8]>([])

    /// All that has been written.
    package var text: String {
        look()
        return String(decoding: seen.withLock { $0 }, as: UTF8.self)
    }

    package init(watch: SecretWatch = .shared) throws {
        var name = Array("/tmp/inlet-log-XXXXXX".utf8CString)
        descriptor = unsafe mkstemp(&name)
        self.watch = watch
        guard descriptor >= 0 else {
            throw Program.Failure(description: "no file for a log: errno \(errno)")
        }
        _ = unsafe unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Looks through what has been written since the last time, and returns it.
    @discardableResult
    package func look() -> String {
        let bytes = seen.withLock { seen in
            let start = seen.count
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = unsafe pread(descriptor, &chunk, chunk.count, off_t(seen.count))
                guard count > 0 else { return Array(seen[start...]) }
                seen += chunk[..<count]
            }
        }
        watch.look(in: bytes, of: "a log")
        return String(decoding: bytes, as: UTF8.self)
    }
}
