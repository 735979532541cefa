internal import Glibc
internal import Transport

/// What a handler makes of an event.
package enum Answer: Sendable {
    case response([UInt8])
    case failure(Failure)
}

/// Hands events to a handler one after the other, until the Runtime API ends it.
///
/// Returns only by its error. While an event is handled, `_X_AMZN_TRACE_ID` holds its trace id, for code that looks there.
package func serve(
    _ api: borrowing RuntimeAPI, log: Logger, handler: (Invocation) -> Answer
) throws(RuntimeAPIError) {
    var unsent: (invocation: Invocation, answer: Answer)?
    while true {
        let invocation = try api.next()
        setTrace(invocation.traceID)
        let answer: Answer
        if let kept = unsent, kept.invocation.isSameAttempt(as: invocation) {
            // The answer was made but did not arrive: handling the event again would double it.
            answer = kept.answer
        } else {
            answer = handler(invocation)
        }
        unsent = try post(answer, to: invocation, api: api, log: log) ? nil : (invocation, answer)
    }
}

/// Posts an answer; false when it did not leave this process.
private func post(
    _ answer: Answer, to invocation: Invocation, api: borrowing RuntimeAPI, log: Logger
) throws(RuntimeAPIError) -> Bool {
    let receipt =
        switch answer {
        case .response(let body): try api.respond(to: invocation, with: body)
        case .failure(let failure): try api.fail(invocation, with: failure)
        }
    switch receipt {
    case .accepted:
        return true
    case .dropped(let status):
        log.write(
            status == 413 ? .error : .warn, "the Runtime API did not take the answer",
            invocation, [("status", .number(status))])
        return true
    case .unsent(let error):
        log.write(
            .error, "the answer could not be posted", invocation, [("reason", .text(error.reason))])
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
