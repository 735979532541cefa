import Formats
import Platform

/// A time from one moment up to, but not, another.
struct TimeWindow: Equatable {
    static let since = Option(
        name: "since", value: "TIME",
        help: "what was published since then: 24h, 7d, 2026-01-05, or 2026-01-05T10:00:00Z")
    static let until = Option(
        name: "until", value: "TIME", help: "what was published before then (default: now)")
    /// Ten years.
    private static let maximumDays: Int64 = 3653
    private static let day: Int64 = 86_400_000_000

    /// Nil for everything from the beginning.
    let since: Timestamp?
    let until: Timestamp

    /// What `--since` and `--until` say.
    ///
    /// What is published from now on is never in it: a replay would find its own messages.
    init(_ session: Session) throws(InletError) {
        let now = session.system.now()
        since = try session.time(Self.since, now: now)
        until = min(try session.time(Self.until, now: now) ?? now, now)
        guard let since else { return }
        guard since <= now else {
            throw .usage("--since lies in the future", ["archive", "replay"])
        }
        guard since < until else {
            throw .malformed("--since", expected: "a time before that of --until")
        }
        guard until.microseconds - since.microseconds <= Self.maximumDays * Self.day else {
            throw .malformed("--since", expected: "a time of the last \(Self.maximumDays) days")
        }
    }

    func holds(_ time: Timestamp) -> Bool { since.map { $0 <= time } != false && time < until }

    /// The days in UTC, `2026-01-05`, in order, with so many more at both ends; none without a begin.
    func days(aside: Int64) -> [String] {
        guard let since else { return [] }
        let first = since.microseconds / Self.day - aside
        let last = until.microseconds / Self.day + aside
        return (first...last).compactMap { number in
            Timestamp(microseconds: number * Self.day).rfc3339.map { String($0.prefix(10)) }
        }
    }
}

extension Session {
    /// The moment that an option names: so long ago, a day, or the moment itself; nil without it.
    func time(_ option: Option, now: Timestamp) throws(InletError) -> Timestamp? {
        guard let text = arguments.value(option) else { return nil }
        if let age = ShortDuration(text) {
            return Timestamp(microseconds: now.microseconds - age.duration.microseconds)
        }
        let isDay = text.utf8.count == 10
        guard let time = Timestamp(rfc3339: (isDay ? "\(text)T00:00:00Z" : text).utf8) else {
            throw .malformed(
                "--\(option.name)",
                expected: "a time such as 90s, 15m, 24h or 7d ago, or an RFC 3339 time")
        }
        return time
    }
}
