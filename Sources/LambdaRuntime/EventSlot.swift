internal import Synchronization
internal import Transport

/// The event that one loop is handling, seen from the loop and from the supervisor.
///
/// Whoever claims the event answers it: the loop when its handler has returned, or the supervisor
/// when time runs out first. The lock is the loop's own but for that.
package final class EventSlot: Sendable {
    private struct State {
        var invocation: Invocation?
        var isClaimed = false
        var isAnswered = false
        var isClosed = false
    }

    private let state = Mutex(State())
    /// What the handler is waiting for: it is set on the way, and read when time has run out.
    private let activity = Atomic<Int>(0)

    package init() {}

    /// Names what is being done from here on, by a number that ``Supervisor`` can name.
    package func note(_ activity: Int) { self.activity.store(activity, ordering: .relaxed) }

    var lastActivity: Int { activity.load(ordering: .relaxed) }

    /// False when no further event may be handled.
    func begin(_ invocation: Invocation) -> Bool {
        activity.store(0, ordering: .relaxed)
        return state.withLock { state in
            guard !state.isClosed else { return false }
            state.invocation = invocation
            state.isClaimed = false
            state.isAnswered = false
            return true
        }
    }

    /// True for the one who may answer.
    func claim() -> Bool {
        state.withLock { state in
            guard state.invocation != nil, !state.isClaimed else { return false }
            state.isClaimed = true
            return true
        }
    }

    /// The supervisor has posted the answer, or given up.
    func noteAnswered() { state.withLock { $0.isAnswered = true } }

    /// Waits until the supervisor is done with the event that it has claimed.
    ///
    /// To ask for the next event before would be to get the same one again.
    func awaitAnswer() {
        // A post is bounded by its time-out, and this by more than that.
        for _ in 0..<2000 where !state.withLock({ $0.isAnswered }) {
            Threads.sleep(.milliseconds(1))
        }
    }

    /// The answer has been posted, or given up.
    func end() { state.withLock { $0.invocation = nil } }

    /// The event under way; nil between events.
    var invocation: Invocation? { state.withLock { $0.invocation } }

    /// The event that is running out of time and that nobody has answered.
    func overdue(at now: Instant, margin: Duration) -> Invocation? {
        state.withLock { state in
            guard let invocation = state.invocation, !state.isClaimed,
                let limit = invocation.timeLimit, invocation.received + (limit - margin) <= now
            else { return nil }
            return invocation
        }
    }

    /// Lets no further event begin.
    func close() { state.withLock { $0.isClosed = true } }
}
