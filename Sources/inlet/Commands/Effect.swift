import AWS
import Platform
import Store

/// Tells a person when a change of a partner is in effect everywhere.
struct Effect {
    /// The functions' own setting.
    static let variable = "INLET_PARTNERS_CACHE_SECONDS"

    static let now = Option(
        name: "now", help: "wait until the change is in effect in every environment")
    static let lifetime = Option(
        name: "cache-seconds", value: "N",
        help: "the functions' \(variable) (default: that variable here, else 60)")
    static let options = [now, lifetime]
    /// A paragraph for the help of commands that have these options.
    static let details = """
        Every environment of the functions caches a partner for \(variable)
        seconds. A change is in effect after that time, and 5 more seconds for requests in flight.
        --now waits for it, and says how long.
        """

    /// The most that a request in flight may take.
    private static let underWay = Duration.seconds(5)
    /// How often the time that is left is printed.
    private static let step = Duration.seconds(10)

    private let wait: Duration
    private let isAwaited: Bool

    /// Reads the options, before anything is changed.
    init(_ session: Session) throws(InletError) {
        var lifetime = LookupLifetime.standard
        if let text = session.setting(Self.lifetime, Self.variable) {
            guard let given = LookupLifetime(text) else {
                throw .malformed(
                    "--\(Self.lifetime.name) or \(Self.variable)",
                    expected: LookupLifetime.form)
            }
            lifetime = given
        }
        wait = lifetime.duration + Self.underWay
        isAwaited = session.arguments.has(Self.now)
    }

    /// Says when the change that has just been made is in effect, or waits until it is.
    ///
    /// The wait is as long as it says at its beginning, and no longer.
    func tell(_ session: Session) {
        let bridged = LookupLifetime.maximumAge.seconds / 60
        let exception =
            "An environment that cannot reach the database serves older data, for up to "
            + "\(bridged) minutes."
        guard isAwaited else {
            return session.console.note(
                "In effect everywhere in \(wait.seconds) s; --now waits for that. "
                    + exception)
        }
        var left = wait
        while left > .zero {
            session.console.note("In effect everywhere in \(left.seconds) s …")
            let part = min(Self.step, left)
            session.system.sleep(part)
            left -= part
        }
        session.console.note("It is in effect everywhere. " + exception)
    }
}
