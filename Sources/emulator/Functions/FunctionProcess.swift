import Formats
import Glibc
import LocalServer
import Platform

/// A running `bootstrap` with a Runtime API of its own, so that processes cannot be confused.
final class FunctionProcess: Sendable {
    /// The most that a process may take from its start to its first `next`.
    static let initLimit = Duration.seconds(10)

    let session: RuntimeSession
    private let server: LocalServer
    private let child: ChildProcess
    let output: FunctionOutput
    let started = ContinuousClock.now

    init(
        _ function: Template.Function, _ settings: FunctionSettings,
        wrote: @escaping @Sendable (FunctionLine) -> Void
    ) throws(FunctionProcessError) {
        let session = RuntimeSession(function: function)
        self.session = session
        do throws(LocalServerError) {
            server = try LocalServer(
                forProgramsWith: RuntimeSession.maximumResponse,
                tooLarge: { session.answer($0, isTooLarge: true) },
                handler: { session.answer($0) })
        } catch {
            throw .noRuntimeAPI
        }
        guard let output = FunctionOutput(of: function.name, tell: wrote) else {
            throw .noDescriptor
        }
        self.output = output
        defer { output.start() }
        let bootstrap = settings.bootstrap(of: function)
        do throws(SpawnError) {
            child = try ChildProcess(
                bootstrap.path, in: bootstrap.directory, output: output.output,
                environment: settings.environment(
                    of: function, runtimeAPI: server.authority, taskRoot: bootstrap.directory),
                ended: { session.end($0) })
        } catch {
            throw .cannotStart(path: bootstrap.path, code: error.code)
        }
    }

    var hasEnded: Bool {
        session.state.sync { state in
            guard case .ended = state.phase else { return false }
            return true
        }
    }

    /// Peak memory in MB, while it runs.
    var peakMemory: Int? { ProcessStatus.peakMemory(of: child.id) }

    func kill() {
        child.signal(SIGKILL)
        _ = child.waitForEnd()
    }

    /// Asks the process to end.
    func terminate() { child.signal(SIGTERM) }

    /// Kills the process if it has not ended at the deadline.
    func end(by deadline: ContinuousClock.Instant) {
        if child.waitForEnd(until: deadline) == nil { kill() }
        output.drain()
        server.stop()
    }
}

enum FunctionProcessError: Error, Equatable {
    case noRuntimeAPI
    case noDescriptor
    case cannotStart(path: String, code: Int32)

    var message: String {
        switch self {
        case .noRuntimeAPI: "no port is free for its Runtime API"
        case .noDescriptor: "the system gives no more descriptors"
        case .cannotStart(let path, let code):
            "\(path): \(unsafe String(cString: strerror(code)))"
        }
    }
}

/// What the kernel says about a process.
enum ProcessStatus {
    /// `VmHWM` in MB, rounded up.
    static func peakMemory(of id: Int32) -> Int? {
        guard let bytes = try? File.read("/proc/\(id)/status") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("VmHWM:") {
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
            return kilobytes.flatMap { Int($0) }.map { ($0 + 1023) / 1024 }
        }
        return nil
    }
}
