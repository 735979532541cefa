import AWS
import Platform
import Store

/// When a change of a partner is in effect everywhere, for a person who waits for that.
struct Effect {
    /// As the functions have it.
    private static let variable = "INLET_PARTNERS_CACHE_SECONDS"

    static let now = Option(
        name: "now", help: "wait until it is in effect in every environment")
    static let lifetime = Option(
        name: "cache-seconds", value: "N",
        help: "the functions' \(variable) (default: the same here, else 60)")
    static let options = [now, lifetime]
    /// For the help of commands that have these options.
    static let details = """
        Every environment of the functions keeps what the database has said of a partner for
        \(variable): a change is in effect after that time and the 5 seconds
        that a request may take. --now waits for it, and says how long.
        """

    /// What a request that is under way may take.
    private static let underWay = Duration.seconds(5)
    /// How often it is said how long the wait goes on.
    private static let step = Duration.seconds(10)

    private let wait: Duration
    private let isAwaited: Bool

    /// Reads the options, before anything is changed.
    init(_ session: Session) throws(InletError) {
        var lifetime = RegistryCache.lookupLifetime
        if let text = session.setting(Self.lifetime, Self.variable) {
            guard let given = RegistryCache.lifetime(text) else {
                throw .malformed(
                    "--\(Self.lifetime.name) or \(Self.variable)",
                    expected: RegistryCache.lifetimeForm)
            }
            lifetime = given
        }
        wait = lifetime + Self.underWay
        isAwaited = session.arguments.has(Self.now)
    }

    /// Says when the change that has just been made is in effect, or waits until it is.
    ///
    /// The wait is as long as it says at its beginning, and no longer.
    func tell(_ session: Session) {
        let bridged = RegistryCache.bridgedAge.seconds / 60
        let exception =
            "An environment that cannot reach the database goes on with what it knows, for up to "
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
