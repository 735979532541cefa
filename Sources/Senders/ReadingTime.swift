package import Platform
internal import Transport

/// The time in which a request's calls must have been read; asked before each of them.
package struct ReadingTime: Sendable {
    /// From here on it is the calls that take too long; who had less time has come at a bad moment,
    /// and may send them again.
    private static let fairShare = Duration.milliseconds(500)

    private let end: Instant?
    /// Whether it is the calls that take too long, where they are not read in time.
    let isFair: Bool

    /// For bodies that nobody waits for.
    package static let unlimited = ReadingTime(end: nil, isFair: true)

    /// From now on half of what is left until the deadline: publishing has the other half.
    package init(until deadline: Instant) {
        let share = (deadline - .now) / 2
        self.init(end: .now + share, isFair: share >= Self.fairShare)
    }

    init(end: Instant?, isFair: Bool) {
        self.end = end
        self.isFair = isFair
    }

    var isOver: Bool { end.map { $0 < .now } ?? false }
}
