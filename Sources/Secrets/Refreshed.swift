package import Formats
package import Platform

/// A value that is loaded when it is first needed, and again when it is stale.
///
/// A reload that fails leaves the stale value in use.
package struct Refreshed<Value: Sendable, Failure: Error>: Sendable {
    /// A value, and why the reload that has just been tried failed.
    package struct Reading: Sendable {
        package let value: Value
        package let failure: Failure?

        package init(value: Value, failure: Failure? = nil) {
            self.value = value
            self.failure = failure
        }
    }

    /// A value that is at hand.
    package struct Known: Sendable {
        package let value: Value
        /// True when the next reading would load it again.
        package let isStale: Bool
    }

    private enum State: Sendable {
        case empty
        case failed(Failure, Moment)
        case loaded(Value, Freshness)
    }

    private let policy: RefreshPolicy
    private var state = State.empty

    package init(_ policy: RefreshPolicy) { self.policy = policy }

    /// What is at hand; nil before the first load that succeeds.
    package func known(at now: Timestamp) -> Known? {
        guard case .loaded(let value, let freshness) = state else { return nil }
        return Known(value: value, isStale: freshness.isDue(at: now, by: policy))
    }

    /// True when the next reading would load.
    package func isDue(at now: Timestamp) -> Bool {
        switch state {
        case .empty: true
        case .failed(_, let moment): moment.age(at: now) >= policy.pauseAfterFirstFailure
        case .loaded(_, let freshness): freshness.isDue(at: now, by: policy)
        }
    }

    /// Makes the value stale; a reload that failed lately still keeps the next one waiting.
    package mutating func expire() {
        guard case .loaded(let value, var freshness) = state else { return }
        freshness.expire()
        state = .loaded(value, freshness)
    }

    /// The value; `load` is called when it is due, with the time that it may take.
    ///
    /// - Throws: why nothing is known: `load`'s error, until it is time to try again.
    package mutating func value(
        within budget: TimeBudget, load: (TimeBudget) throws(Failure) -> Value
    ) throws(Failure) -> Reading {
        let now = budget.now
        switch state {
        case .failed(let error, _) where !isDue(at: now): throw error
        case .empty, .failed: return try firstValue(within: budget, load)
        case .loaded(let value, _) where !isDue(at: now): return Reading(value: value)
        case .loaded(let stale, let freshness):
            return reload(stale, freshness, within: budget, load)
        }
    }

    private mutating func firstValue(
        within budget: TimeBudget, _ load: (TimeBudget) throws(Failure) -> Value
    ) throws(Failure) -> Reading {
        do throws(Failure) {
            return keep(try load(budget), at: budget.now)
        } catch {
            state = .failed(error, Moment(wall: budget.now))
            throw error
        }
    }

    private mutating func reload(
        _ stale: Value, _ freshness: Freshness, within budget: TimeBudget,
        _ load: (TimeBudget) throws(Failure) -> Value
    ) -> Reading {
        do throws(Failure) {
            return keep(try load(budget.capped(at: policy.reloadTime)), at: budget.now)
        } catch {
            var freshness = freshness
            freshness.fail(at: budget.now)
            state = .loaded(stale, freshness)
            return Reading(value: stale, failure: error)
        }
    }

    private mutating func keep(_ value: Value, at now: Timestamp) -> Reading {
        state = .loaded(value, Freshness(at: now))
        return Reading(value: value)
    }
}
