import Foundation

/// Measures how long somebody waits, however busy the machine is.
///
/// What is computed is left out, and so is the time in which it could go on but others have the
/// processors: a limit on waiting then holds under load as on an idle machine.
package struct Stopwatch {
    private let source: Source
    private let start: Moment

    /// For the calling thread, which must be the one that asks.
    package init() { self.init(.thread("thread-self")) }

    /// For the first thread of a running program.
    package init(of program: Program) { self.init(.thread(String(program.id))) }

    /// For work of several programs one after the other: what is left out is the time in which
    /// anything at all waited for a processor.
    package static func ofMachine() -> Stopwatch { Stopwatch(.machine) }

    private init(_ source: Source) {
        self.source = source
        start = Moment(source)
    }

    /// What has been waited so far.
    package var waited: Duration {
        let end = Moment(source)
        return .nanoseconds((end.wall - start.wall) - (end.busy - start.busy))
    }

    /// Who keeps the count of time that is left out.
    ///
    /// Sources: Linux, Documentation/scheduler/sched-stats.rst, `/proc/<pid>/schedstat`, and
    /// Documentation/accounting/psi.rst, `/proc/pressure/cpu`.
    private enum Source {
        case thread(String)
        case machine

        /// Nanoseconds; 0 if the kernel does not count them.
        var count: Int64 {
            switch self {
            case .thread(let id):
                Self.text("/proc/\(id)/schedstat").split(separator: " ").prefix(2)
                    .reduce(0) { $0 + (Int64($1) ?? 0) }
            case .machine:
                Self.text("/proc/pressure/cpu").firstMatch(of: /some .*total=([0-9]+)/)
                    .flatMap { Int64($0.1) }.map { $0 * 1000 } ?? 0
            }
        }

        private static func text(_ path: String) -> String {
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }
    }

    private struct Moment {
        /// Nanoseconds of a clock that never jumps.
        let wall: Int64
        let busy: Int64

        init(_ source: Source) {
            busy = source.count
            var time = timespec()
            _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            wall = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
    }
}
