import CProcess
import Glibc
import LocalServer
import Platform

/// Why a program did not start.
struct SpawnError: Error, Equatable {
    /// From `errno`.
    let code: Int32
}

/// How a process ended.
enum ExitReason: Sendable, Equatable {
    case status(Int32)
    case signal(Int32)
}

/// A running program, which does not outlive this one.
final class ChildProcess: Sendable {
    let id: Int32
    private let end = Monitor<ExitReason?>(nil)

    /// Starts a program whose output and errors go to a descriptor.
    ///
    /// It gets this environment and nothing else, as `NAME=value`. `ended` is called once, on a
    /// thread of its own.
    init(
        _ path: String, in directory: String, output: Int32, environment: [String],
        ended: @escaping @Sendable (ExitReason) -> Void
    ) throws(SpawnError) {
        let id = Spawner.shared.spawn(
            path, in: directory, output: output, environment: environment)
        guard id > 0 else { throw SpawnError(code: -id) }
        self.id = id
        let end = end
        BackgroundThread {
            let result = cprocess_wait(id)
            let reason: ExitReason = result < 0 ? .signal(-result) : .status(result)
            end.sync { $0 = reason }
            ended(reason)
        }
    }

    /// Sends a signal to the process and all that it has started, if it still runs.
    func signal(_ number: Int32) {
        end.sync { reason in if reason == nil { _ = kill(-id, number) } }
    }

    /// Waits for the end; nil if the process still runs at the deadline.
    func waitForEnd(until deadline: ContinuousClock.Instant? = nil) -> ExitReason? {
        end.wait(until: deadline) { $0 }
    }
}

/// The one thread that starts programs.
///
/// The kernel ends a child when the thread that started it ends, so that thread must last.
private final class Spawner: Sendable {
    static let shared = Spawner()

    private struct State {
        var queue: [Job] = []
        var results: [UInt64: Int32] = [:]
        var next: UInt64 = 0
    }

    private struct Job {
        let number: UInt64
        let path: String
        let directory: String
        let output: Int32
        let environment: [String]
    }

    private let state = Monitor(State())

    private init() {
        let state = state
        BackgroundThread {
            while true {
                let job = state.wait { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
                guard let job else { continue }
                let result = Self.start(job)
                state.sync { $0.results[job.number] = result }
            }
        }
    }

    /// The process id, or a negated errno.
    func spawn(
        _ path: String, in directory: String, output: Int32, environment: [String]
    ) -> Int32 {
        let number = state.sync { state in
            state.next += 1
            state.queue.append(
                Job(
                    number: state.next, path: path, directory: directory, output: output,
                    environment: environment))
            return state.next
        }
        return state.wait { $0.results.removeValue(forKey: number) } ?? -1
    }

    private static func start(_ job: Job) -> Int32 {
        let arguments = CStrings([job.path])
        let environment = CStrings(job.environment)
        return unsafe cprocess_spawn(
            job.path, job.directory, job.output, arguments.pointers, environment.pointers)
    }
}

/// A null-terminated array of C strings.
@safe
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointers = .allocate(capacity: count + 1)
        for (at, text) in texts.enumerated() {
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (offset, byte) in bytes.enumerated() { unsafe copy[offset] = byte }
            unsafe (pointers + at).initialize(to: copy)
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for at in 0..<count { unsafe pointers[at]?.deallocate() }
        unsafe pointers.deallocate()
    }
}
