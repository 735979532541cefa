/// How often and when a call is made again.
///
/// Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode.
package struct RetryPolicy: Sendable, Equatable {
    /// The first attempt counts.
    package let maximumAttempts: Int

    package init(maximumAttempts: Int = 3) { self.maximumAttempts = maximumAttempts }

    /// The delay before one more attempt: a random part of 1, 2, 4 … 20 seconds.
    ///
    /// `attempts` is how many were made; `random` is from 0 up to, but not, 1.
    package static func delay(after attempts: Int, random: Double) -> Duration {
        let seconds = min(pow2(max(0, attempts - 1)), 20)
        return .microseconds(Int64(random * Double(seconds) * 1_000_000))
    }

    private static func pow2(_ exponent: Int) -> Int { exponent < 5 ? 1 << exponent : 32 }
}

/// The attempts that one call has had.
package struct RetryState: Sendable {
    /// What to do after a failure.
    package enum Next: Equatable, Sendable {
        case giveUp
        case again(after: Duration)
        /// With credentials that are loaded anew.
        case reloadCredentials
        /// With the clock corrected by the response's `Date`.
        case correctClock
    }

    package let policy: RetryPolicy
    /// Attempts made and failed.
    package private(set) var failures = 0
    private var hasReloaded = false
    private var hasCorrected = false

    package init(policy: RetryPolicy) { self.policy = policy }

    /// Counts a failed attempt and tells what comes next; credentials and clock get one chance each.
    package mutating func next(after failure: AWSFailure.Kind, random: Double) -> Next {
        failures += 1
        guard failures < policy.maximumAttempts else { return .giveUp }
        switch failure {
        case .transient, .throttling:
            return .again(after: RetryPolicy.delay(after: failures, random: random))
        case .expiredCredentials:
            guard !hasReloaded else { return .giveUp }
            hasReloaded = true
            return .reloadCredentials
        case .clockSkew:
            guard !hasCorrected else { return .giveUp }
            hasCorrected = true
            return .correctClock
        case .permanent:
            return .giveUp
        }
    }
}
