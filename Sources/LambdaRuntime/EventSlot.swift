internal import Platform
internal import Synchronization
internal import Transport

/// The event that one loop is handling, seen from the loop and from the supervisor.
///
/// Whoever claims the event answers it: the loop when its handler has returned, or the supervisor
/// when time runs out first. Each decision about an event is one step under one lock, so that what
/// was decided about one event is never done to the next. Otherwise only the loop takes the lock.
package final class EventSlot: Sendable {
    /// How far the loop's event has come.
    private enum Phase {
        /// Between events.
        case idle
        /// The handler has it, and nobody has claimed it.
        case handling(Invocation)
        /// The loop has claimed it and is posting the handler's answer.
        case posting
        /// The supervisor has claimed it; the loop waits for its answer no longer than this.
        case supervised(until: Instant)
        /// The supervisor is done with it.
        case answered(isSent: Bool)
    }

    private struct State {
        var phase = Phase.idle
        var isClosed = false
    }

    private let state = Mutex(State())
    /// What the handler waits for: it is set on the way, and read when time has run out.
    private let currentWait = Atomic<Wait>(.handler)

    package init() {}

    /// What the handler waits for from here on, until it says otherwise or its event ends.
    package var wait: Wait {
        get { currentWait.load(ordering: .relaxed) }
        set { currentWait.store(newValue, ordering: .relaxed) }
    }

    // MARK: - For the loop

    /// False when no further event may be handled.
    func begin(_ invocation: Invocation) -> Bool {
        wait = .handler
        return state.withLock { state in
            guard !state.isClosed else { return false }
            state.phase = .handling(invocation)
            return true
        }
    }

    /// True when the loop may answer, false when the supervisor does.
    func claim() -> Bool {
        state.withLock { state in
            guard case .handling = state.phase else { return false }
            state.phase = .posting
            return true
        }
    }

    /// Waits until the supervisor is done with the event that it has claimed; true when the
    /// supervisor's answer left this process.
    ///
    /// Asking for the next event earlier would bring the same one again.
    func awaitAnswer() -> Bool {
        while true {
            switch state.withLock({ $0.phase }) {
            case .answered(let isSent): return isSent
            case .supervised(let end) where Instant.now < end: Threads.sleep(.milliseconds(1))
            case .idle, .handling, .posting, .supervised: return false
            }
        }
    }

    /// The answer has been posted, or given up; false when no further event may be asked for.
    @discardableResult
    func end() -> Bool {
        state.withLock { state in
            state.phase = .idle
            return !state.isClosed
        }
    }

    // MARK: - For the supervisor

    /// Claims the event when less than `margin` is left of its time and nobody has claimed it.
    ///
    /// The supervisor then has the margin to post an answer in, and as much again to make it in.
    func claimOverdue(at now: Instant, margin: Duration) -> Invocation? {
        claim(until: now + margin * 2) { invocation in
            invocation.timeLimit.map { invocation.received + ($0 - margin) <= now } ?? false
        }
    }

    /// Claims the event under way, however much time it has left; the process ends after it.
    func claimForShutdown() -> Invocation? {
        // The slot is closed, so its loop goes no further whether it waits or not.
        claim(until: .now) { _ in true }
    }

    /// Claims the event that nobody has claimed yet when `isDue` says so, for this long.
    func claim(until end: Instant, when isDue: (Invocation) -> Bool) -> Invocation? {
        state.withLock { state in
            guard case .handling(let invocation) = state.phase, isDue(invocation) else {
                return nil
            }
            state.phase = .supervised(until: end)
            return invocation
        }
    }

    /// The supervisor has posted the answer to the event that it claimed, or given it up.
    ///
    /// Nothing happens when the loop has waited long enough and gone on.
    func noteAnswered(isSent: Bool) {
        state.withLock { state in
            guard case .supervised = state.phase else { return }
            state.phase = .answered(isSent: isSent)
        }
    }

    /// Lets no further event begin.
    func close() { state.withLock { $0.isClosed = true } }

    /// True from an event's beginning until its answer has been posted or given up.
    var isBusy: Bool {
        state.withLock { state in
            if case .idle = state.phase { return false }
            return true
        }
    }

    /// True while the loop posts its handler's answer.
    var isPosting: Bool {
        state.withLock { state in
            if case .posting = state.phase { return true }
            return false
        }
    }
}
