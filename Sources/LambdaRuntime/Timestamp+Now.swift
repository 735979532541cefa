package import Formats
internal import Glibc

extension Timestamp {
    /// The present, by the wall clock.
    package static func now() -> Timestamp {
        var time = timespec()
        // It fails only for a clock the kernel does not have.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
