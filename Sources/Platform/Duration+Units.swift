package import Glibc

/// Whole units; durations here are microseconds to days, far from the limits of 64 bits.
extension Duration {
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    package var microseconds: Int64 { nanoseconds / 1000 }

    /// Rounded up, so that a wait is never cut to nothing.
    package var milliseconds: Int { Int((nanoseconds + 999_999) / 1_000_000) }

    /// Rounded towards zero.
    package var seconds: Int { Int(components.seconds) }
}

extension timespec {
    /// Negative durations become negative times, which system calls refuse.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
