package import Formats
internal import Glibc

/// What this module takes from the process around it: settings, files, time and chance.
package struct Surroundings: Sendable {
    private let lookUp: @Sendable (String) -> String?
    /// The present, by the wall clock.
    package let now: @Sendable () -> Timestamp
    /// A number from 0 up to, but not, 1.
    package let random: @Sendable () -> Double
    /// Sleeps.
    package let wait: @Sendable (Duration) -> Void

    /// `environment` answers nil or an empty text for a variable that is not set.
    package init(
        environment: @escaping @Sendable (String) -> String?,
        now: @escaping @Sendable () -> Timestamp = Self.wallClock,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        wait: @escaping @Sendable (Duration) -> Void = Self.sleep
    ) {
        lookUp = environment
        self.now = now
        self.random = random
        self.wait = wait
    }

    /// An environment variable; an empty one counts as not set.
    package subscript(variable: String) -> String? {
        guard let value = lookUp(variable), !value.isEmpty else { return nil }
        return value
    }

    /// An environment variable that is `true` or `false` in any case; nil when it is not set.
    package func flag(_ variable: String) throws(AWSError) -> Bool? {
        guard let value = self[variable] else { return nil }
        guard let flag = Self.flag(value) else {
            throw .malformedSetting(variable, expected: "true or false")
        }
        return flag
    }

    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    package static func wallClock() -> Timestamp {
        var time = timespec()
        // It fails only for a clock the kernel does not have.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package static func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var wanted = left
        while unsafe nanosleep(&wanted, &left) == -1, errno == EINTR { wanted = left }
    }
}
