internal import Formats
internal import Platform

/// Whether a value that was loaded is to be loaded again.
struct Freshness: Sendable {
    private let loaded: Moment
    private var lastFailure: Moment?
    private var isExpired = false

    /// For a value that has just been loaded.
    init(at now: Timestamp) { loaded = Moment(wall: now) }

    /// Makes the value stale, whatever its age.
    mutating func expire() { isExpired = true }

    /// Records a reload that failed; it keeps the next one waiting.
    mutating func fail(at now: Timestamp) { lastFailure = Moment(wall: now) }

    /// True when the value is stale, and no failure keeps its reload waiting.
    func isDue(at now: Timestamp, by policy: RefreshPolicy) -> Bool {
        guard isExpired || loaded.age(at: now) >= policy.interval else { return false }
        return lastFailure.map { $0.age(at: now) >= policy.pauseAfterFailure } ?? true
    }
}
