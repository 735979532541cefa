/// How often and when a failed call is made again.
package struct RetryPolicy: Sendable, Equatable {
    /// How long to wait before another attempt.
    package enum Pause: Sendable, Equatable {
        /// A random part of 1, 2, 4 … 20 seconds.
        ///
        /// Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode.
        case backOff
        case fixed(Duration)
        /// A random part of a bound, so that two callers that met do not meet again.
        case random(upTo: Duration)
        /// The same, and the bound grows by itself with each attempt.
        case growing(upTo: Duration)
    }

    /// What to do when a pause is longer than the time left for it.
    package enum LatePause: Sendable, Equatable {
        /// Make no further attempt.
        case endsRetries
        /// Cut the pause short, so that the last attempt is still made. A wait that the server asks
        /// for is never cut.
        case isCut
    }

    /// The first attempt counts.
    package let maximumAttempts: Int
    package let pause: Pause
    package let latePause: LatePause
    /// Less time than this is not worth another attempt.
    package let shortestAttempt: Duration

    package init(
        maximumAttempts: Int = 3, pause: Pause = .backOff, latePause: LatePause = .endsRetries,
        shortestAttempt: Duration = .zero
    ) {
        self.maximumAttempts = maximumAttempts
        self.pause = pause
        self.latePause = latePause
        self.shortestAttempt = shortestAttempt
    }

    /// The pause before one more attempt: a random part of 1, 2, 4 … 20 seconds.
    ///
    /// `attempts` is how many were made; `random` is from 0 up to, but not, 1.
    package static func backOff(after attempts: Int, random: Double) -> Duration {
        let exponent = max(0, attempts - 1)
        let seconds = exponent < 5 ? min(1 << exponent, 20) : 20
        return .microseconds(Int64(random * Double(seconds) * 1_000_000))
    }

    /// The wait before one more attempt; nil when the time left is too short for it.
    ///
    /// `asked` is how long the server wants to be left alone.
    func wait(
        after attempts: Int, asked: Duration, left: Duration, random: Double
    ) -> Duration? {
        let own =
            switch pause {
            case .backOff: Self.backOff(after: attempts, random: random)
            case .fixed(let pause): pause
            case .random(let bound): bound * random
            case .growing(let bound): bound * attempts * random
            }
        switch latePause {
        case .endsRetries:
            return asked + own + shortestAttempt < left ? asked + own : nil
        case .isCut:
            guard asked + shortestAttempt < left else { return nil }
            return min(asked + own, left - shortestAttempt)
        }
    }
}
