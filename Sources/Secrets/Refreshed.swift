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
        case loaded(Loaded)
    }

    private struct Loaded: Sendable {
        let value: Value
        let moment: Moment
        var lastFailure: Moment?
        var isExpired = false
    }

    private let policy: RefreshPolicy
    private var state = State.empty

    package init(_ policy: RefreshPolicy) { self.policy = policy }

    /// What is at hand; nil before the first load that succeeds.
    package func known(at now: Timestamp) -> Known? {
        guard case .loaded(let loaded) = state else { return nil }
        return Known(value: loaded.value, isStale: isDue(loaded, at: now))
    }

    /// True when the next reading would load.
    package func isDue(at now: Timestamp) -> Bool {
        switch state {
        case .empty: true
        case .failed(_, let moment): moment.age(at: now) >= policy.pauseAfterFirstFailure
        case .loaded(let loaded): isDue(loaded, at: now)
        }
    }

    /// Makes the value stale; a reload that failed lately still keeps the next one waiting.
    package mutating func expire() {
        guard case .loaded(var loaded) = state else { return }
        loaded.isExpired = true
        state = .loaded(loaded)
    }

    /// The value; `load` is called when it is due, with the time at which it must be done.
    ///
    /// - Throws: why nothing is known: `load`'s error, until it is time to try again.
    package mutating func value(
        within budget: TimeBudget, load: (Instant) throws(Failure) -> Value
    ) throws(Failure) -> Reading {
        let now = budget.now
        switch state {
        case .failed(let error, _) where !isDue(at: now): throw error
        case .empty, .failed: return try firstValue(within: budget, load)
        case .loaded(let loaded) where !isDue(loaded, at: now): return Reading(value: loaded.value)
        case .loaded(let loaded): return reload(loaded, within: budget, load)
        }
    }

    private mutating func firstValue(
        within budget: TimeBudget, _ load: (Instant) throws(Failure) -> Value
    ) throws(Failure) -> Reading {
        do throws(Failure) {
            return keep(try load(budget.deadline), at: budget.now)
        } catch {
            state = .failed(error, Moment(wall: budget.now))
            throw error
        }
    }

    private mutating func reload(
        _ stale: Loaded, within budget: TimeBudget, _ load: (Instant) throws(Failure) -> Value
    ) -> Reading {
        do throws(Failure) {
            return keep(try load(budget.capped(at: policy.reloadTime).deadline), at: budget.now)
        } catch {
            var stale = stale
            stale.lastFailure = Moment(wall: budget.now)
            state = .loaded(stale)
            return Reading(value: stale.value, failure: error)
        }
    }

    private mutating func keep(_ value: Value, at now: Timestamp) -> Reading {
        state = .loaded(Loaded(value: value, moment: Moment(wall: now)))
        return Reading(value: value)
    }

    private func isDue(_ loaded: Loaded, at now: Timestamp) -> Bool {
        guard loaded.isExpired || loaded.moment.age(at: now) >= policy.interval else {
            return false
        }
        return loaded.lastFailure.map { $0.age(at: now) >= policy.pauseAfterFailure } ?? true
    }
}
