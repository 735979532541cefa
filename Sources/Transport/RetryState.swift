package import Platform

/// The failed attempts of one call, and what comes after each.
///
/// ``step(after:asked:left:random:)`` only decides: waiting, mending and sending are the caller's. A
/// caller that has nothing to mend uses ``pause(after:left:by:)``.
package struct RetryState: Sendable {
    /// What to do after a failed attempt.
    package enum Step: Sendable, Equatable {
        case giveUp
        /// Send again, after a wait.
        case again(after: Duration)
        /// Mend this, and send again at once if ``RetryPolicy/shortestAttempt`` is still left.
        case mend(Remedy)
    }

    package let policy: RetryPolicy
    /// Attempts made and failed.
    package private(set) var failures = 0
    private var hasReloaded = false
    private var hasCorrected = false

    package init(policy: RetryPolicy) { self.policy = policy }

    /// Counts a failed attempt and tells what comes next; each remedy is tried once.
    ///
    /// `asked` is how long the server wants to be left alone, `left` the time until the deadline,
    /// `random` a number from 0 up to, but not, 1.
    package mutating func step(
        after kind: FailureKind, asked: Duration = .zero, left: Duration = .seconds(Int64.max),
        random: Double
    ) -> Step {
        failures += 1
        guard failures < policy.maximumAttempts else { return .giveUp }
        switch kind {
        case .transient, .throttling:
            let wait = policy.wait(after: failures, asked: asked, left: left, random: random)
            return wait.map { .again(after: $0) } ?? .giveUp
        case .expiredCredentials:
            guard !hasReloaded else { return .giveUp }
            hasReloaded = true
            return .mend(.reloadCredentials)
        case .clockSkew:
            guard !hasCorrected else { return .giveUp }
            hasCorrected = true
            return .mend(.correctClock)
        case .permanent:
            return .giveUp
        }
    }
}

extension RetryState {
    /// Counts a failed attempt, and waits before the next one; false when there is to be none.
    package mutating func pause(
        after kind: FailureKind = .transient, left: Duration = .seconds(Int64.max),
        by system: System
    ) -> Bool {
        guard case .again(let wait) = step(after: kind, left: left, random: system.random())
        else { return false }
        system.sleep(wait)
        return true
    }
}

/// What a refused request lacked, and the next one can have.
package enum Remedy: Sendable, Equatable {
    /// Credentials that are loaded anew.
    case reloadCredentials
    /// The time that the response's `Date` gives.
    case correctClock
}
