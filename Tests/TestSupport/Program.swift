package import Foundation
import Glibc

/// A running program whose output can be waited for; it has ended when this value is gone.
package final class Program: Sendable {
    package enum End: Sendable, Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// Why a test cannot go on, with all that the program has written.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let id: Int32
    private let name: String
    private let state = ProgramState()

    /// Starts a program with this environment and nothing of the test's own.
    ///
    /// Its standard input is empty, and it inherits no descriptors. What a program of the project
    /// writes is looked through for secrets, its own and others'.
    package init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
        watch: SecretWatch = .shared
    ) throws {
        name = String(path.split(separator: "/").last ?? "")
        watch.keep(environment: environment)
        for argument in arguments { watch.keep(parameter: argument) }
        let output = try Self.pipe()
        let errors = try Self.pipe()
        defer {
            close(output.end)
            close(errors.end)
        }
        do {
            id = try Self.spawn(
                path, [path] + arguments, environment.map { "\($0.key)=\($0.value)" },
                output: output.end, errors: errors.end)
        } catch {
            close(output.start)
            close(errors.start)
            throw error
        }
        let (id, state) = (id, state)
        let name = name
        state.follow(output.start) {
            $0.output += $1
        } ended: { state in
            switch name {
            // It shows a token once, to whoever has asked for one.
            case "inlet": watch.keepTokens(in: String(decoding: state.output, as: UTF8.self))
            // It shows the access to its own topics and queues once, to whoever has started it.
            case "emulator":
                let rest = state.output.split(separator: 0x0A)
                    .filter { !$0.starts(with: "  export AWS_ENDPOINT_URL=".utf8) }
                watch.look(in: Array(rest.joined(separator: [0x0A])), of: "the log of emulator")
            case "bootstrap": watch.look(in: state.output, of: "the log of bootstrap")
            default: break
            }
        }
        state.follow(errors.start) {
            $0.errors += $1
        } ended: { state in
            guard ["inlet", "bootstrap", "emulator"].contains(name) else { return }
            watch.look(in: state.errors, of: "what \(name) says")
        }
        Thread.detachNewThread { state.awaitEnd(of: id) }
    }

    deinit { stop() }

    /// Seconds after which a program counts as hanging, on the busiest machine.
    package static let patience: TimeInterval = 900

    /// Standard output so far; all of it, once the program has ended.
    package var output: String { state.locked { String(decoding: $0.output, as: UTF8.self) } }

    /// Standard error so far; all of it, once the program has ended.
    package var errors: String { state.locked { String(decoding: $0.errors, as: UTF8.self) } }

    /// Waits for a line of either output that has this in it, and `other` too.
    package func line(
        with text: String, and other: String = "", within limit: TimeInterval = patience
    ) throws -> String {
        var found: String?
        state.wait(within: limit) { state in
            found = state.line(with: text, and: other)
            return found != nil || state.hasEnded
        }
        guard let found else { throw failure("did not write \"\(text)\"") }
        return found
    }

    package var isRunning: Bool { state.locked { $0.end == nil } }

    /// Waits for the program to end by itself.
    package func end(within limit: TimeInterval = patience) throws -> End {
        state.wait(within: limit) { $0.hasEnded }
        guard let end = state.locked({ $0.hasEnded ? $0.end : nil }) else {
            throw failure("did not end in \(limit) seconds")
        }
        return end
    }

    /// Waits for a program that takes minutes on a busy machine, and keeps no test waiting meanwhile.
    package func ended() async throws -> End {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.end() })
            }
        }
    }

    /// Sends a signal, unless the program has ended.
    package func signal(_ number: Int32) {
        state.locked { state in if state.end == nil { _ = kill(id, number) } }
    }

    /// Ends the program: asked first, forced after twenty seconds.
    @discardableResult
    package func stop(_ number: Int32 = SIGTERM) -> End {
        signal(number)
        state.wait(within: 20) { $0.end != nil }
        signal(SIGKILL)
        state.wait(within: 20) { $0.hasEnded }
        return state.locked { $0.end } ?? .signal(SIGKILL)
    }

    package func failure(_ reason: String) -> Failure {
        Failure(
            description: """
                \(name) \(reason)
                --- standard output
                \(output)
                --- standard error
                \(errors)
                """)
    }

    private static func pipe() throws -> (start: Int32, end: Int32) {
        var ends: [Int32] = [0, 0]
        // Unlike pipe(), it lets no other program inherit an end even for a moment.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw Failure(description: "no pipe: errno \(errno)")
        }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String], output: Int32,
        errors: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // Sockets of tests that run meanwhile must not stay open here.
        for descriptor in 3..<Int32(1024) {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // Blocked and ignored signals would be inherited too.
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var id = pid_t()
        let code = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe posix_spawn(&id, path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            throw Failure(description: "\(path) does not start: errno \(code)")
        }
        return id
    }

    /// Hands on the texts as C has them, for the time of the call.
    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies + [nil])
    }
}

/// What a program's threads share; the lock guards every variable.
private final class ProgramState: @unchecked Sendable {
    private let condition = NSCondition()
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var end: Program.End?
    private var openOutputs = 0

    /// The program is gone, and all that it wrote is here.
    var hasEnded: Bool { end != nil && openOutputs == 0 }

    /// The first complete line with both in it.
    func line(with text: String, and other: String) -> String? {
        for bytes in [output, errors] {
            for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
                let line = String(decoding: line, as: UTF8.self)
                if line.contains(text), other.isEmpty || line.contains(other) { return line }
            }
        }
        return nil
    }

    @discardableResult
    func locked<Value>(_ body: (ProgramState) -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body(self)
    }

    func wait(within seconds: TimeInterval, until holds: (ProgramState) -> Bool) {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        while !holds(self), condition.wait(until: limit) {}
        condition.unlock()
    }

    /// Reads a pipe to its end, on a thread of its own.
    ///
    /// `ended` is called when all of it is here.
    func follow(
        _ descriptor: Int32, _ take: @escaping @Sendable (ProgramState, ArraySlice<UInt8>) -> Void,
        ended: @escaping @Sendable (ProgramState) -> Void
    ) {
        locked { $0.openOutputs += 1 }
        Thread.detachNewThread {
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = unsafe read(descriptor, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                self.change { take($0, chunk[..<count]) }
            }
            close(descriptor)
            self.change { state in
                ended(state)
                state.openOutputs -= 1
            }
        }
    }

    func awaitEnd(of id: pid_t) {
        // Left as it is until its end is known here, so that no signal goes to another's id.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {
        }
        change { state in
            var status: Int32 = 0
            while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            state.end = signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
        }
    }

    private func change(_ body: (ProgramState) -> Void) {
        locked {
            body($0)
            condition.broadcast()
        }
    }
}
