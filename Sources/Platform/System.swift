package import Formats
internal import Glibc

/// What a program takes from the system around it: environment variables, the wall clock,
/// randomness and sleep, as values that tests replace.
package struct System: Sendable {
    private let lookUp: @Sendable (String) -> String?
    /// The present, by the wall clock.
    package let now: @Sendable () -> Timestamp
    /// A number from 0 up to, but not, 1.
    package let random: @Sendable () -> Double
    package let sleep: @Sendable (Duration) -> Void

    /// `environment` answers nil or an empty text for a variable that is not set.
    package init(
        environment: @escaping @Sendable (String) -> String? = Self.environment,
        now: @escaping @Sendable () -> Timestamp = Self.wallClock,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) -> Void = Threads.sleep
    ) {
        lookUp = environment
        self.now = now
        self.random = random
        self.sleep = sleep
    }

    /// An environment variable; an empty one counts as not set.
    package subscript(variable: String) -> String? {
        guard let value = lookUp(variable), !value.isEmpty else { return nil }
        return value
    }

    /// A variable of this process's own environment.
    @Sendable
    package static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    @Sendable
    package static func wallClock() -> Timestamp {
        var time = timespec()
        // It fails only for a clock the kernel does not have.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
