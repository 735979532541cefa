import Formats
import LocalServer
import Platform

/// One event on its way through one process, with the platform's log lines.
struct InvocationAttempt {
    let function: Template.Function
    let invocation: Invocation

    private var id: String { invocation.requestID }

    func failedToStart(_ error: FunctionProcessError) -> InvocationResult {
        Log.line(
            "INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\t"
                + "Error Type: Runtime.InvalidEntrypoint")
        return .failure(
            type: "Runtime.InvalidEntrypoint", message: "RequestId: \(id) Error: \(error.message)")
    }

    /// Returns when the process has asked for its next event, has ended, or is out of time.
    func run(on process: FunctionProcess, isNew: Bool) -> InvocationResult {
        var initDuration: Duration?
        if isNew {
            if let failure = waitForInit(of: process) { return failure }
            initDuration = process.started.duration(to: .now)
        }
        process.output.begin(invocation)
        Log.line("START RequestId: \(id) Version: $LATEST")
        let start = ContinuousClock.now
        let deadline = Timestamp(
            microseconds: System.wallClock().microseconds + Int64(function.timeout) * 1_000_000)
        process.session.deliver(invocation, deadline: deadline)
        var status = ""
        let end = waitForEnd(on: process, until: start + .seconds(function.timeout))
        let result: InvocationResult
        let memory = process.peakMemory
        process.output.drain()
        switch end {
        case .asksForNext(let given):
            result = given ?? exited(.status(0), &status)
        case .exited(let given, let reason):
            let failure = exited(reason, &status)
            result = given ?? failure
        case nil:
            status = "\tStatus: timeout"
            result = timedOut(process)
        }
        if case .failure = result, status.isEmpty {
            let type = process.session.state.sync { $0.errorType } ?? "Function.Unknown"
            status = "\tStatus: error\tError Type: \(type)"
        }
        report(start.duration(to: .now), memory: memory, initDuration: initDuration, status)
        return result
    }

    /// How a process comes to the end of the event; nil if it does not in time.
    private func waitForEnd(
        on process: FunctionProcess, until deadline: ContinuousClock.Instant
    ) -> End? {
        process.session.state.wait(until: deadline) { state in
            switch state.phase {
            case .ready: .asksForNext(state.result)
            case .ended(let reason): .exited(state.result, reason)
            case .starting, .running, .answered, .initFailed: nil
            }
        }
    }

    /// Ends a process that is out of time; what it had answered by then counts.
    private func timedOut(_ process: FunctionProcess) -> InvocationResult {
        let given = process.session.state.sync { $0.result }
        process.kill()
        let text = "Task timed out after \(function.timeout).00 seconds"
        Log.line("\(System.wallClock().rfc3339 ?? "") \(id) \(text)")
        return given
            ?? .failure(type: "Sandbox.Timedout", message: "RequestId: \(id) Error: \(text)")
    }

    private enum End {
        case asksForNext(InvocationResult?)
        case exited(InvocationResult?, ExitReason)
    }

    /// The failure that ended the start; nil if the process is ready.
    private func waitForInit(of process: FunctionProcess) -> InvocationResult? {
        let deadline = process.started + FunctionProcess.initLimit
        let phase = process.session.state.wait(until: deadline) { state in
            switch state.phase {
            case .ready: state.phase
            case .ended, .initFailed: state.phase
            case .starting, .running, .answered: nil
            }
        }
        let failure: InvocationResult
        var kind = "error\tError Type: Runtime.ExitError"
        switch phase {
        case .ready: return nil
        case .initFailed, .ended:
            // After an error report the process gets a moment to end by itself.
            process.end(by: .now + .milliseconds(500))
            let (body, type, last) = process.session.state.sync { state in
                (state.initError, state.errorType, state.phase)
            }
            if let body {
                failure = .failure(body)
                kind = "error\tError Type: \(type ?? "Runtime.Unknown")"
            } else if case .ended(let reason) = last {
                failure = .failure(type: "Runtime.ExitError", message: message(of: reason))
            } else {
                failure = .failure(type: "Runtime.ExitError", message: message(of: .status(1)))
            }
        case .starting, .running, .answered, nil:
            process.kill()
            kind = "timeout"
            failure = .failure(
                type: "Sandbox.Timedout",
                message: "RequestId: \(id) Error: Task timed out after 10.00 seconds")
        }
        let duration = Log.milliseconds(process.started.duration(to: .now))
        Log.line("INIT_REPORT Init Duration: \(duration) ms\tPhase: init\tStatus: \(kind)")
        return failure
    }

    private func exited(_ reason: ExitReason, _ status: inout String) -> InvocationResult {
        status = "\tStatus: error\tError Type: Runtime.ExitError"
        Log.line(message(of: reason))
        return .failure(type: "Runtime.ExitError", message: message(of: reason))
    }

    private func message(of reason: ExitReason) -> String {
        let cause =
            switch reason {
            case .status(0): "Runtime exited without providing a reason"
            case .status(let code): "Runtime exited with error: exit status \(code)"
            case .signal(9): "Runtime exited with error: signal: killed"
            case .signal(11): "Runtime exited with error: signal: segmentation fault"
            case .signal(let number): "Runtime exited with error: signal: \(number)"
            }
        return "RequestId: \(id) Error: \(cause)"
    }

    private func report(
        _ duration: Duration, memory: Int?, initDuration: Duration?, _ status: String
    ) {
        Log.line("END RequestId: \(id)")
        var line =
            "REPORT RequestId: \(id)\tDuration: \(Log.milliseconds(duration)) ms\t"
            + "Billed Duration: \(duration.milliseconds) ms\tMemory Size: \(function.memory) MB\t"
            + "Max Memory Used: \(memory ?? 0) MB"
        if let initDuration { line += "\tInit Duration: \(Log.milliseconds(initDuration)) ms" }
        Log.line(line + status)
    }
}
