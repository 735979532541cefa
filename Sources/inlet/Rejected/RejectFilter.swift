import Delivery
import Formats
import Platform

/// Which of the rejected messages a command is about.
struct RejectFilter {
    static let partner = Option(
        name: "partner", value: "NAME", help: "only what this partner sent", names: "partner")
    static let code = Option(
        name: "code", value: "CODE", help: "only what was rejected for this; may be repeated")
    static let since = Option(
        name: "since", value: "TIME",
        help: "only what came since then: 24h, 7d, or 2026-01-05T10:00:00Z")
    static let options = [partner, code, since]

    /// The partner that is asked for; nil for any.
    let partner: String?
    private let codes: Set<String>
    private let since: Timestamp?

    init(_ session: Session) throws(InletError) {
        partner = session.arguments.value(Self.partner)
        codes = Set(session.arguments.values(Self.code))
        since = try session.time(Self.since, now: session.system.now())
    }

    /// True for a message that the command is about.
    ///
    /// One that is not Inlet's has neither partner nor code.
    func takes(_ entry: RejectedEntry) -> Bool {
        (partner == nil || entry.content?.partner == partner)
            && (codes.isEmpty || entry.content.map { codes.contains($0.code) } ?? false)
            && since.map { since in entry.moment.map { $0 >= since } ?? false } != false
    }
}

/// A time such as `90s`, `15m`, `24h` or `7d`; `0` is none.
struct ShortDuration {
    /// The longest that is understood: ten years.
    private static let limit = 3650 * 86400
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]

    let duration: Duration

    /// Nil for everything else.
    init?(_ text: String) {
        let unit = text == "0" ? 1 : text.last.flatMap { Self.units[$0] }
        let digits = text == "0" ? text[...] : text.dropLast()
        guard let unit, !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
            let count = Int(digits), count <= Self.limit / unit
        else { return nil }
        duration = .seconds(count * unit)
    }
}
