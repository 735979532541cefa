internal import Formats
internal import Platform
internal import Secrets
internal import Transport

/// A value, and when it was loaded.
///
/// Age is counted by both clocks, and the larger counts: the steady one may stand still while the
/// process is frozen, and the wall clock may be set back.
struct Cached<Value: Sendable>: Sendable {
    private let value: Value
    private var loaded: Moment
    private var failed: Moment?
    private var isExpired = false

    init(_ value: Value, at now: Timestamp) {
        self.value = value
        loaded = Moment(wall: now)
    }

    /// The value as it is.
    var current: Value { value }

    /// True when it is time to load it anew.
    func isDue(at now: Timestamp) -> Bool {
        guard isExpired || loaded.age(at: now) >= RegistryCache.refreshInterval else {
            return false
        }
        guard let failed else { return true }
        return failed.age(at: now) >= RegistryCache.pauseAfterFailure
    }

    mutating func noteFailure(at now: Timestamp) { failed = Moment(wall: now) }

    /// Makes it due, unless that was tried lately.
    mutating func expire() { isExpired = true }
}

/// A point in time by both clocks.
struct Moment: Sendable {
    let wall: Timestamp
    let steady = Instant.now

    func age(at now: Timestamp) -> Duration {
        max(.microseconds(now.microseconds - wall.microseconds), .now - steady)
    }
}

/// A first load that failed.
struct Failed: Sendable {
    let error: StoreError
    private let moment: Moment

    init(_ error: StoreError, at now: Timestamp) {
        self.error = error
        moment = Moment(wall: now)
    }

    /// True when it is time to try again.
    func isOver(at now: Timestamp) -> Bool {
        moment.age(at: now) >= RegistryCache.pauseAfterFirstFailure
    }
}
