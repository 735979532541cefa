import Formats
import LocalServer
import Platform

/// The processes of one function.
///
/// They are started on demand, handle one event at a time, and are kept.
final class FunctionPool: Sendable {
    let function: Template.Function
    private let settings: FunctionSettings
    private let concurrency: Int
    private let wrote: @Sendable (FunctionLine) -> Void

    private struct State {
        var idle: [FunctionProcess] = []
        /// Processes that start or work.
        var busy: [ObjectIdentifier: FunctionProcess] = [:]
        /// Places reserved for processes that are being started.
        var reserved = 0
        /// Grows when the processes are renewed; those of an older one are not kept.
        var generation = 0
        var isStopped = false
    }

    private let state = Monitor(State())

    /// Starts nothing yet; `concurrency` is the most processes.
    ///
    /// `wrote` is told each line that a process writes.
    init(
        _ function: Template.Function, settings: FunctionSettings, concurrency: Int,
        wrote: @escaping @Sendable (FunctionLine) -> Void
    ) {
        self.function = function
        self.settings = settings
        self.concurrency = concurrency
        self.wrote = wrote
    }

    /// Runs one event to its end.
    func invoke(_ invocation: Invocation) -> InvocationResult {
        guard let seat = takeSeat() else { return .throttled }
        let attempt = InvocationAttempt(function: function, invocation: invocation)
        let process: FunctionProcess
        switch seat.kind {
        case .idle(let idle): process = idle
        case .new:
            do throws(FunctionProcessError) {
                process = try FunctionProcess(function, settings, wrote: wrote)
            } catch {
                state.sync { $0.reserved -= 1 }
                return attempt.failedToStart(error)
            }
            enter(process)
        }
        let result = attempt.run(on: process, isNew: seat.isNew)
        leave(process, generation: seat.generation)
        return result
    }

    /// Ends the processes that are idle now, and each of the others after its event.
    ///
    /// So the next events are handled by processes that have read the settings anew.
    func renew() {
        let idle = state.sync { state in
            state.generation += 1
            defer { state.idle = [] }
            return state.idle
        }
        for process in idle { process.terminate() }
        let deadline = ContinuousClock.now + Self.patience
        for process in idle { process.end(by: deadline) }
    }

    /// How long processes that are renewed have to end by themselves.
    private static let patience = Duration.milliseconds(500)

    /// Asks all processes to end, and kills those that have not ended at the deadline.
    func stop(by deadline: ContinuousClock.Instant) {
        let all = state.sync { state in
            state.isStopped = true
            return state.idle + state.busy.values
        }
        for process in all { process.terminate() }
        for process in all { process.end(by: deadline) }
    }

    private struct Seat {
        enum Kind {
            case idle(FunctionProcess)
            case new
        }

        let kind: Kind
        let generation: Int

        var isNew: Bool {
            guard case .new = kind else { return false }
            return true
        }
    }

    private func takeSeat() -> Seat? {
        var dead: [FunctionProcess] = []
        let seat: Seat? = state.sync { state in
            guard !state.isStopped else { return nil }
            while let process = state.idle.popLast() {
                guard !process.hasEnded else {
                    dead.append(process)
                    continue
                }
                state.busy[ObjectIdentifier(process)] = process
                return Seat(kind: .idle(process), generation: state.generation)
            }
            guard state.busy.count + state.reserved < concurrency else { return nil }
            state.reserved += 1
            return Seat(kind: .new, generation: state.generation)
        }
        for process in dead { process.end(by: .now) }
        return seat
    }

    private func enter(_ process: FunctionProcess) {
        let isStopped = state.sync { state in
            state.reserved -= 1
            state.busy[ObjectIdentifier(process)] = process
            return state.isStopped
        }
        if isStopped { process.end(by: .now) }
    }

    private func leave(_ process: FunctionProcess, generation: Int) {
        let isKept = state.sync { state in
            state.busy[ObjectIdentifier(process)] = nil
            guard !state.isStopped, state.generation == generation,
                process.session.state.sync({ $0.phase }) == .ready
            else { return false }
            state.idle.append(process)
            return true
        }
        if !isKept { process.end(by: .now) }
    }
}
