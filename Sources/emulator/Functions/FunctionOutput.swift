import CProcess
import Glibc
import LocalServer

/// A line that a function's process has written.
struct FunctionLine: Sendable {
    /// The function's name.
    let function: String
    /// The event that the process worked on; nil before the first and after the last.
    let invocation: Invocation?
    let text: String
}

/// What a process writes: passed on to standard error, and told line by line.
final class FunctionOutput: Sendable {
    /// A longer line is passed on in pieces.
    private static let longestLine = 64 << 10

    /// How a line begins that holds nothing but metrics: CloudWatch reads it, and people do not.
    private static let metricsAlone = Array(#"{"_aws":"#.utf8)

    private struct State {
        /// The beginning of a line whose end has not come.
        var pending: [UInt8] = []
        var invocation: Invocation?
        var hasEnded = false
    }

    /// Where the process writes.
    let output: Int32
    private let input: Int32
    private let function: String
    private let tell: @Sendable (FunctionLine) -> Void
    private let state = Monitor(State())

    /// Nil if the system gives no more descriptors.
    init?(of function: String, tell: @escaping @Sendable (FunctionLine) -> Void) {
        var (input, output): (Int32, Int32) = (-1, -1)
        guard unsafe cprocess_pipe(&input, &output) == 0 else { return nil }
        (self.input, self.output) = (input, output)
        self.function = function
        self.tell = tell
    }

    /// Begins to read once the process has its end, which is closed here.
    func start() {
        close(output)
        BackgroundThread {
            while true {
                var wanted = pollfd(fd: self.input, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&wanted, 1, -1)
                guard self.drain() else { break }
            }
            close(self.input)
        }
    }

    /// From now on, what is written is about this event.
    func begin(_ invocation: Invocation) {
        drain()
        state.sync { $0.invocation = invocation }
    }

    /// Passes on what has been written so far; false once nothing more can come.
    @discardableResult
    func drain() -> Bool {
        state.sync { state in
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            while !state.hasEnded {
                let count = unsafe read(input, &chunk, chunk.count)
                guard count != 0 else {
                    state.hasEnded = true
                    pass(&state, upTo: state.pending.count)
                    break
                }
                guard count > 0 else { break }
                state.pending += chunk[..<count]
                if let end = state.pending.lastIndex(of: 0x0A) {
                    pass(&state, upTo: end + 1)
                } else if state.pending.count > Self.longestLine {
                    pass(&state, upTo: state.pending.count)
                }
            }
            return !state.hasEnded
        }
    }

    private func pass(_ state: inout State, upTo end: Int) {
        let bytes = Array(state.pending[..<end])
        state.pending.removeFirst(end)
        let isEnd = bytes.last == 0x0A
        for line in bytes.split(separator: 0x0A) {
            if !line.starts(with: Self.metricsAlone) {
                Log.write(Array(line) + (isEnd ? [0x0A] : []), to: STDERR_FILENO)
            }
            tell(
                FunctionLine(
                    function: function, invocation: state.invocation,
                    text: String(decoding: line, as: UTF8.self)))
        }
    }
}
