package import Formats
internal import Transport

/// Watches over the loops: answers events that run out of time, and ends the process on SIGTERM.
///
/// Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle":
/// with an internal extension registered, SIGKILL follows SIGTERM after 500 ms.
package final class Supervisor: Sendable {
    /// How long before Lambda's deadline an event is answered.
    package static let margin = Duration.milliseconds(250)
    /// How often deadlines are looked at; it must fit into the margin.
    private static let interval = Duration.milliseconds(50)
    /// What of the time to shut down an event may still use before it is answered.
    private static let patience = Duration.milliseconds(180)
    /// For posting an answer while shutting down.
    private static let lastPost = Duration.milliseconds(80)

    private let slots: [EventSlot]
    private let authority: String
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let activities: [String]
    private let answer: @Sendable (Invocation) -> Answer

    /// Makes a supervisor for these loops.
    ///
    /// `activities` names the numbers that handlers note. `answer` makes the answer for an event
    /// that its handler has not answered; it is called on the supervisor's thread.
    package init(
        _ slots: [EventSlot], authority: String, activities: [String], log: Logger,
        now: @escaping @Sendable () -> Timestamp,
        answer: @escaping @Sendable (Invocation) -> Answer
    ) {
        self.slots = slots
        self.authority = authority
        self.activities = activities
        self.log = log
        self.now = now
        self.answer = answer
    }

    /// Watches from a thread of its own, for as long as the process lives.
    package func start() { Threads.start { self.watch() } }

    private func watch() {
        while !Threads.waitForTermination(Self.interval) {
            for slot in slots {
                guard let invocation = slot.overdue(at: .now, margin: Self.margin), slot.claim()
                else { continue }
                log.write(
                    .error, "answered before Lambda's deadline", invocation,
                    [("waitingFor", .text(activity(of: slot)))])
                post(answer(invocation), to: invocation, timeout: Self.margin)
                slot.noteAnswered()
            }
        }
        shutDown()
    }

    /// Finishes or answers the events under way, within the 300 ms that the platform may give.
    private func shutDown() {
        for slot in slots { slot.close() }
        waitForLoops(until: .now + Self.patience)
        var cut = 0
        for slot in slots {
            guard let invocation = slot.invocation, slot.claim() else { continue }
            cut += 1
            post(answer(invocation), to: invocation, timeout: Self.lastPost)
        }
        // A loop that has claimed its event may be posting.
        if slots.contains(where: { $0.invocation != nil }), cut == 0 {
            waitForLoops(until: .now + Self.lastPost)
        }
        log.write(.info, "shut down", nil, [("cutOff", .number(cut))])
        Threads.endProcess(0)
    }

    private func waitForLoops(until end: Instant) {
        while slots.contains(where: { $0.invocation != nil }), Instant.now < end {
            Threads.sleep(.milliseconds(2))
        }
    }

    private func activity(of slot: EventSlot) -> String {
        let number = slot.lastActivity
        return activities.indices.contains(number) ? activities[number] : "the handler"
    }

    private func post(_ answer: Answer, to invocation: Invocation, timeout: Duration) {
        do throws(TransportError) {
            // The loop's own connection may be in use.
            let api = try RuntimeAPI(authority: authority, postTimeout: timeout, now: now)
            do throws(RuntimeAPIError) {
                _ = try api.post(answer, to: invocation)
            } catch {
                log.write(.error, error.reason, invocation)
            }
        } catch {
            log.write(.error, error.reason, invocation)
        }
    }
}
