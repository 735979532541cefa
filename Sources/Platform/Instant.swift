internal import Glibc

/// A point in time for measuring and waiting: it never jumps, and it counts while the machine sleeps.
package struct Instant: Sendable, Comparable {
    private let nanoseconds: Int64

    /// The present, by CLOCK_BOOTTIME.
    package static var now: Instant {
        var time = timespec()
        // It fails only for a clock the kernel does not have.
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + duration.nanoseconds)
    }

    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - duration.nanoseconds)
    }

    package static func - (end: Instant, start: Instant) -> Duration {
        .nanoseconds(end.nanoseconds - start.nanoseconds)
    }

    package static func < (one: Instant, other: Instant) -> Bool {
        one.nanoseconds < other.nanoseconds
    }
}
