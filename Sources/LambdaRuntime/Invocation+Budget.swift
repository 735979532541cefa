package import Platform

extension Invocation {
    /// For an answer to leave in, before the supervisor answers instead.
    package static let usualMargin = Duration.milliseconds(500)

    /// The time to work in for a caller who waits no longer than this.
    ///
    /// It begins when the event came, ends with Lambda's limit if that is shorter, and leaves
    /// `margin` to answer in.
    package func budget(
        patience: Duration, margin: Duration = Self.usualMargin
    ) -> TimeBudget {
        budget(of: min(patience, timeLimit ?? patience), margin)
    }

    /// The time to work in for a caller who waits as long as Lambda's limit.
    ///
    /// `usualLimit` stands in for a limit that is not known.
    package func budget(
        usualLimit: Duration, margin: Duration = Self.usualMargin
    ) -> TimeBudget {
        budget(of: timeLimit ?? usualLimit, margin)
    }

    private func budget(of limit: Duration, _ margin: Duration) -> TimeBudget {
        TimeBudget(now: receivedAt, deadline: received + (limit - margin))
    }
}
