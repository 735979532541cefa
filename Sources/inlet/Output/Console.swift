import AWS
import Formats
import Glibc
import Platform

/// Where a command writes, and how it asks a person.
struct Console: Sendable {
    /// Writes a result as it is, without a line break of its own.
    ///
    /// False if that failed.
    var write: @Sendable (String) -> Bool
    /// Writes a hint or an error, with a line break.
    var note: @Sendable (String) -> Void
    /// All of standard input, up to ``AWS/File/maximumLength``.
    let read: @Sendable () -> Result<[UInt8], FileError>
    /// Asks a question, and returns the line of the answer; nil if nobody is there.
    var ask: @Sendable (String) -> String?
    /// True if a person reads the results on a terminal.
    var isTerminal = false
    /// Writes a part of a line beside the hints; nil if they are not on a terminal.
    var hintLine: (@Sendable (String) -> Void)?
    /// True once nobody reads what is written, though nothing is.
    var isClosed: @Sendable () -> Bool = { false }

    /// The process's standard input, output and error.
    static let standard = Console(
        write: { Self.write($0, to: STDOUT_FILENO) },
        note: { _ = Self.write($0 + "\n", to: STDERR_FILENO) },
        read: {
            do throws(FileError) {
                return .success(try File.read("/dev/stdin"))
            } catch {
                return .failure(error)
            }
        },
        ask: { question in
            guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
            Self.hint(question)
            return readLine() ?? ""
        }, isTerminal: isatty(STDOUT_FILENO) == 1,
        hintLine: isatty(STDERR_FILENO) == 1 ? Self.hint : nil,
        isClosed: {
            // Without an event to wait for, these two are reported all the same.
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            guard unsafe poll(&output, 1, 0) > 0 else { return false }
            return Int32(output.revents) & (POLLERR | POLLHUP) != 0
        })

    @Sendable
    private static func hint(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// The same, whose hints are objects of JSON, one in a line.
    var sayingJSON: Console {
        var console = self
        console.note = { [note] text in
            var writer = JSONWriter()
            writer.object { $0.member("note", text) }
            note(writer.text)
        }
        return console
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
