import Foundation

/// Measures how long a thread waits, however busy the machine is.
///
/// What the thread computes is left out, and so is the time in which it could run but others have
/// the processors: a limit on waiting then holds under load as on an idle machine.
package struct Stopwatch {
    private let path: String
    private let start: Moment

    /// For the calling thread, which must be the one that asks.
    package init() { self.init(path: "/proc/thread-self/schedstat") }

    /// For the first thread of a running program.
    package init(of program: Program) { self.init(path: "/proc/\(program.id)/schedstat") }

    private init(path: String) {
        self.path = path
        start = Moment(path)
    }

    /// What the thread has waited so far.
    package var waited: Duration {
        let end = Moment(path)
        return .nanoseconds((end.wall - start.wall) - (end.busy - start.busy))
    }

    private struct Moment {
        /// Nanoseconds of a clock that never jumps.
        let wall: Int64
        /// Nanoseconds on a processor, and ready for one; 0 if the kernel does not count them.
        let busy: Int64

        /// Source: Linux, Documentation/scheduler/sched-stats.rst, `/proc/<pid>/schedstat`.
        init(_ path: String) {
            let counts = try? String(contentsOfFile: path, encoding: .utf8)
            busy = (counts ?? "").split(separator: " ").prefix(2).reduce(0) {
                $0 + (Int64($1) ?? 0)
            }
            var time = timespec()
            _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            wall = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
    }
}
