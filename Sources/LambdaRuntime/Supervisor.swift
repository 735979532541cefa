package import Formats
internal import Platform

/// Watches over the loops: answers events that run out of time, and ends the process on SIGTERM.
///
/// Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle":
/// with an internal extension registered, SIGKILL follows SIGTERM after 500 ms.
package final class Supervisor: Sendable {
    /// How long a supervisor waits, and for what.
    package struct Times: Sendable {
        /// How long before Lambda's deadline an event is answered; the post has this long.
        package let margin: Duration
        /// How often deadlines are looked at; it must fit into the margin.
        package let interval: Duration
        /// How much of the time to shut down an event may still use before it is answered.
        package let patience: Duration
        /// For posting answers after that, all of them together.
        package let lastPosts: Duration

        package init(
            margin: Duration = .milliseconds(250), interval: Duration = .milliseconds(50),
            patience: Duration = .milliseconds(180), lastPosts: Duration = .milliseconds(80)
        ) {
            self.margin = margin
            self.interval = interval
            self.patience = patience
            self.lastPosts = lastPosts
        }
    }

    private let slots: [EventSlot]
    private let authority: String
    private let times: Times
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let answer: @Sendable (Invocation) -> Answer

    /// Makes a supervisor for these loops.
    ///
    /// `answer` makes the answer for an event that its handler has not answered; it is called on
    /// the supervisor's thread.
    package init(
        _ slots: [EventSlot], authority: String, times: Times = Times(), log: Logger,
        now: @escaping @Sendable () -> Timestamp,
        answer: @escaping @Sendable (Invocation) -> Answer
    ) {
        self.slots = slots
        self.authority = authority
        self.times = times
        self.log = log
        self.now = now
        self.answer = answer
    }

    /// Watches from a thread of its own, for as long as the process lives.
    package func start() { Threads.start { self.watch() } }

    private func watch() {
        while !ProcessControl.waitForTermination(times.interval) {
            for slot in slots { answerOverdue(slot) }
        }
        shutDown()
    }

    private func answerOverdue(_ slot: EventSlot) {
        guard let invocation = slot.claimOverdue(at: .now, margin: times.margin) else { return }
        log.write(
            .error, "answered before Lambda's deadline", invocation,
            [LogField("waitingFor", .text(slot.wait.phrase))])
        slot.noteAnswered(
            isSent: post(answer(invocation), to: invocation, until: .now + times.margin))
    }

    /// Finishes or answers the events under way, within the 300 ms that the platform may give.
    private func shutDown() {
        for slot in slots { slot.close() }
        log.write(
            .debug, "shutting down", nil,
            [LogField("underWay", .number(slots.count(where: \.isBusy)))])
        wait(until: .now + times.patience) { $0.isBusy }
        let end = Instant.now + times.lastPosts
        var cut = 0
        for slot in slots {
            guard let invocation = slot.claimForShutdown() else { continue }
            cut += 1
            post(answer(invocation), to: invocation, until: end)
        }
        wait(until: end) { $0.isPosting }
        log.write(.info, "shut down", nil, [LogField("cutOff", .number(cut))])
        ProcessControl.end(0)
    }

    /// Waits until this holds for no slot, or until `end`.
    private func wait(until end: Instant, while holds: (EventSlot) -> Bool) {
        while slots.contains(where: holds), Instant.now < end { Threads.sleep(.milliseconds(2)) }
    }

    /// Posts an answer; false when it did not leave this process.
    @discardableResult
    private func post(_ answer: Answer, to invocation: Invocation, until end: Instant) -> Bool {
        do throws(RuntimeAPIError) {
            // The loop's own connection may be in use.
            let api = try RuntimeAPI(authority: authority, postTimeout: end - .now, now: now)
            return try LambdaRuntime.post(answer, to: invocation, api: api, log: log)
        } catch {
            log.write(.error, error.reason, invocation)
            return false
        }
    }
}
