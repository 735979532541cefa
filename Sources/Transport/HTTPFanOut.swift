internal import CCurl
package import Platform

/// Sends many requests at once on one thread, over connections that are kept between runs.
///
/// A class, because its connections outlive each run and copies would share them.
@safe
package final class HTTPFanOut {
    /// A request to be made, known to the caller by a number, after a wait.
    package struct Attempt: Sendable {
        package let id: Int
        package let delay: Duration
        /// Uses no kept connection: after a freeze all of them may have died without a word.
        package let needsNewConnection: Bool

        package init(id: Int, delay: Duration = .zero, needsNewConnection: Bool = false) {
            self.id = id
            self.delay = delay
            self.needsNewConnection = needsNewConnection
        }
    }

    /// What bounds a run.
    package struct Limits: Sendable {
        /// Nothing is started or awaited after this.
        package let deadline: Instant
        /// For one attempt, from connecting to the last byte.
        package let attempt: Duration
        /// Bytes of one answer.
        package let maximumBody: Int

        package init(deadline: Instant, attempt: Duration, maximumBody: Int) {
            self.deadline = deadline
            self.attempt = attempt
            self.maximumBody = maximumBody
        }
    }

    /// What became of an attempt.
    package enum Outcome: Sendable {
        case success(HTTPResponse)
        case failure(TransportError)
    }

    private let multi: UnsafeMutableRawPointer
    private let maximumInFlight: Int
    private let connectTimeout: Duration
    private var idle: [Transfer] = []
    private var active: [Active] = []
    private var waiting: [Waiting] = []

    private struct Active {
        let id: Int
        let transfer: Transfer
    }

    private struct Waiting {
        let attempt: Attempt
        let start: Instant
    }

    private struct Finished {
        let id: Int
        let outcome: Outcome
    }

    /// Makes no connection yet.
    ///
    /// `maximumInFlight` requests are under way at once, and as many connections are kept; more
    /// wait their turn.
    package init(
        maximumInFlight: Int, connectTimeout: Duration = .seconds(2)
    ) throws(TransportError) {
        // The first easy handle sets the library up, before any multi handle.
        idle = [try Transfer(proxy: .environment)]
        guard let multi = unsafe curl_multi_init() else { throw .noHandle }
        unsafe self.multi = multi
        self.maximumInFlight = maximumInFlight
        self.connectTimeout = connectTimeout
        guard
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumInFlight) == CURLM_OK
        else { throw .noHandle }
    }

    deinit {
        for one in active { unsafe curl_multi_remove_handle(multi, one.transfer.handle) }
        idle = []
        active = []
        unsafe curl_multi_cleanup(multi)
    }

    /// Makes the attempts, and those that their outcomes ask for, until none is left.
    ///
    /// `request` is called just before an attempt is sent, so that what it signs is fresh.
    /// `outcome` is called once per attempt, and what it returns is attempted too. Attempts that
    /// the deadline cuts off end as ``TransportError/timedOut``.
    package func run(
        _ attempts: [Attempt], within limits: Limits,
        request: (Int) -> HTTPRequest, outcome: (Int, Outcome) -> [Attempt]
    ) {
        schedule(attempts, at: .now)
        while !waiting.isEmpty || !active.isEmpty {
            let now = Instant.now
            guard now < limits.deadline else {
                return abandon(outcome)
            }
            startDue(at: now, within: limits, request: request, outcome: outcome)
            var running: Int32 = 0
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
                return abandon(outcome)
            }
            let finished = takeFinished()
            for one in finished { schedule(outcome(one.id, one.outcome), at: .now) }
            if finished.isEmpty { wait(until: limits.deadline) }
        }
    }

    private func schedule(_ attempts: [Attempt], at now: Instant) {
        for attempt in attempts {
            waiting.append(Waiting(attempt: attempt, start: now + attempt.delay))
        }
    }

    private func startDue(
        at now: Instant, within limits: Limits,
        request: (Int) -> HTTPRequest, outcome: (Int, Outcome) -> [Attempt]
    ) {
        while active.count < maximumInFlight,
            let index = waiting.firstIndex(where: { $0.start <= now })
        {
            let attempt = waiting.remove(at: index).attempt
            let id = attempt.id
            do throws(TransportError) {
                let transfer =
                    if let kept = idle.popLast() { kept } else {
                        try Transfer(proxy: .environment)
                    }
                try transfer.prepare(
                    request(id), timeout: min(limits.attempt, limits.deadline - now),
                    connectTimeout: connectTimeout, maximumBody: limits.maximumBody,
                    needsNewConnection: attempt.needsNewConnection)
                guard unsafe curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                    throw .noHandle
                }
                active.append(Active(id: id, transfer: transfer))
            } catch {
                schedule(outcome(id, .failure(error)), at: now)
            }
        }
    }

    private func takeFinished() -> [Finished] {
        var finished: [Finished] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let handle = unsafe message.pointee.easy_handle
            // The message is gone once its handle is removed.
            let code = unsafe ccurl_message_result(message)
            guard let index = active.firstIndex(where: { unsafe $0.transfer.handle == handle })
            else { continue }
            let one = active.remove(at: index)
            unsafe curl_multi_remove_handle(multi, one.transfer.handle)
            do throws(TransportError) {
                let response = try one.transfer.finish(code)
                finished.append(Finished(id: one.id, outcome: .success(response)))
            } catch {
                finished.append(Finished(id: one.id, outcome: .failure(error)))
            }
            idle.append(one.transfer)
        }
        return finished
    }

    /// Sleeps until a socket is ready, a waiting attempt is due, or the deadline.
    private func wait(until deadline: Instant) {
        var wake = deadline
        if active.count < maximumInFlight, let next = waiting.map(\.start).min(), next < wake {
            wake = next
        }
        let timeout = max(0, min((wake - .now).milliseconds, Int(Int32.max)))
        unsafe curl_multi_poll(multi, nil, 0, Int32(timeout), nil)
    }

    /// Ends everything that is under way; a cut-off connection is closed, never used again.
    private func abandon(_ outcome: (Int, Outcome) -> [Attempt]) {
        let cut = active
        let never = waiting
        (active, waiting) = ([], [])
        for one in cut {
            unsafe curl_multi_remove_handle(multi, one.transfer.handle)
            idle.append(one.transfer)
            _ = outcome(one.id, .failure(.timedOut))
        }
        for one in never { _ = outcome(one.attempt.id, .failure(.timedOut)) }
    }
}
