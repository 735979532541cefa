internal import Platform
internal import Transport

/// Lanes whose current request is to be sent, each from a moment on.
struct LaneQueue {
    struct Entry {
        /// The lane's number.
        let lane: Int
        let start: Instant
        let connection: HTTPFanOut.Connection
    }

    private var entries: [Entry] = []

    init() {}

    /// Puts all these lanes in, in order.
    init(_ lanes: Range<Int>, from start: Instant) {
        entries = lanes.map { Entry(lane: $0, start: start, connection: .any) }
    }

    mutating func add(
        _ lane: Int, from start: Instant, over connection: HTTPFanOut.Connection = .any
    ) {
        entries.append(Entry(lane: lane, start: start, connection: connection))
    }

    /// Takes out the first that is due; nil when none is.
    mutating func next(at now: Instant) -> Entry? {
        guard let place = entries.firstIndex(where: { $0.start <= now }) else { return nil }
        return entries.remove(at: place)
    }

    var isEmpty: Bool { entries.isEmpty }

    /// When the next one is due.
    var start: Instant? { entries.lazy.map(\.start).min() }
}
