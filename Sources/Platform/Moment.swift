package import Formats

/// A point in time by both clocks.
///
/// Its age is the larger of the two: the steady clock may stand still while the process is frozen,
/// and the wall clock may be set back.
package struct Moment: Sendable {
    private let wall: Timestamp
    private let steady = Instant.now

    /// `wall` is the present by the wall clock.
    package init(wall: Timestamp) { self.wall = wall }

    package func age(at now: Timestamp) -> Duration {
        max(.microseconds(now.microseconds - wall.microseconds), .now - steady)
    }
}
