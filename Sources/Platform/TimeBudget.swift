package import Formats

/// When a piece of work takes place and when it must be done.
///
/// One is made for each event; what gets less time takes a part of its caller's.
package struct TimeBudget: Sendable {
    /// The wall clock when the work began: what is compared and stored carries this time.
    package let now: Timestamp
    /// Nothing is started or awaited after this.
    package let deadline: Instant

    package init(now: Timestamp, deadline: Instant) {
        self.now = now
        self.deadline = deadline
    }

    /// Zero when the time is up.
    package var left: Duration { max(deadline - .now, .zero) }

    package var isSpent: Bool { Instant.now >= deadline }

    /// Keeps `margin` for what the caller does afterwards.
    package func leaving(_ margin: Duration) -> TimeBudget {
        TimeBudget(now: now, deadline: deadline - margin)
    }

    /// At most `limit` from this moment, and never more than there is.
    package func capped(at limit: Duration) -> TimeBudget {
        TimeBudget(now: now, deadline: min(deadline, .now + limit))
    }
}

extension System {
    /// A budget that begins now.
    package func budget(of duration: Duration) -> TimeBudget {
        TimeBudget(now: now(), deadline: .now + duration)
    }
}
