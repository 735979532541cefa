internal import Glibc
internal import Platform
internal import Transport

/// What a handler makes of an event.
package enum Answer: Sendable {
    case response([UInt8])
    case failure(Failure)
}

/// How a loop relates to the others of its process.
package enum Concurrency: Sendable {
    /// The only one: the process's trace variable is its to set.
    case single
    /// One of several on threads (Lambda Managed Instances): nothing of the process is its own.
    case shared
}

/// Hands events to a handler one after the other, until the Runtime API ends it.
///
/// Returns only by its error. With ``Concurrency/single``, `_X_AMZN_TRACE_ID` holds the trace id of
/// the event being handled, for code that looks there. An event that the supervisor of `slot` has
/// answered meanwhile is not answered again. An answer that did not leave this process, the
/// loop's or the supervisor's, is kept for when Lambda hands the same event out again.
package func serve(
    _ api: borrowing RuntimeAPI, slot: EventSlot, concurrency: Concurrency = .single, log: Logger,
    handler: (Invocation) -> Answer
) throws(RuntimeAPIError) {
    CrashReporter.prepareThread()
    // A loop that has ended is not waited for.
    defer { slot.end() }
    var unsent: (invocation: Invocation, answer: Answer)?
    while true {
        let invocation = try next(api, concurrency)
        // The process is about to end, and its supervisor ends it.
        guard slot.begin(invocation) else { Threads.park() }
        CrashReporter.begin(invocation)
        if concurrency == .single { setTrace(invocation.traceID) }
        let answer: Answer
        if let kept = unsent, kept.invocation.isSameAttempt(as: invocation) {
            // The answer was made but did not arrive: handling the event again would double it.
            answer = kept.answer
        } else {
            answer = handler(invocation)
        }
        let isSent =
            slot.claim()
            ? try post(answer, to: invocation, api: api, log: log) : slot.awaitAnswer()
        unsent = isSent ? nil : (invocation, answer)
        CrashReporter.end()
        // An event that is asked for now would be lost.
        guard slot.end() else { Threads.park() }
    }
}

/// Lambda Managed Instances refuse a call for an event while enough of them wait.
private let refusalPause = Duration.milliseconds(100)
/// Consecutive refusals; a loop that is not needed then ends, and the others go on.
private let maximumRefusals = 10

private func next(
    _ api: borrowing RuntimeAPI, _ concurrency: Concurrency
) throws(RuntimeAPIError) -> Invocation {
    var refusals = 0
    while true {
        do throws(RuntimeAPIError) {
            return try api.next()
        } catch {
            guard concurrency == .shared, case .nextRefused = error, refusals < maximumRefusals
            else { throw error }
            refusals += 1
            Threads.sleep(refusalPause)
        }
    }
}

/// Posts an answer; false when it did not leave this process.
func post(
    _ answer: Answer, to invocation: Invocation, api: borrowing RuntimeAPI, log: Logger
) throws(RuntimeAPIError) -> Bool {
    switch try api.post(answer, to: invocation) {
    case .accepted:
        return true
    case .dropped(let status):
        log.write(
            status == 413 ? .error : .warn, "the Runtime API did not take the answer",
            invocation, [LogField("status", .number(status))])
        return true
    case .unsent(let error):
        log.write(
            .error, "the answer could not be posted", invocation,
            [LogField("reason", .text(error.reason))])
        return false
    }
}

extension Invocation {
    /// An asynchronous retry has the same request id, but not the same deadline.
    fileprivate func isSameAttempt(as other: Invocation) -> Bool {
        requestID == other.requestID && invocationID == other.invocationID
            && deadline == other.deadline
    }
}

private func setTrace(_ traceID: String?) {
    if let traceID {
        unsafe setenv("_X_AMZN_TRACE_ID", traceID, 1)
    } else {
        unsafe unsetenv("_X_AMZN_TRACE_ID")
    }
}
