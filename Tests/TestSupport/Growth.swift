import Glibc

/// How the cost of some work grows with its size.
package enum Growth {
    private static let rounds = 3

    /// How much longer work of four times the size takes: 4 where it is linear, 16 for a square.
    ///
    /// Counted is the calling thread's processor time, the least of some rounds, so that it does not
    /// depend on what else the machine does.
    package static func ofFourTimes(
        _ size: Int, _ work: (Int) throws -> Void
    ) rethrows -> Double {
        let small = try least(size, work)
        return try least(size * 4, work) / small
    }

    private static func least(_ size: Int, _ work: (Int) throws -> Void) rethrows -> Double {
        var least = Double.infinity
        for _ in 0..<rounds {
            let start = seconds
            try work(size)
            least = min(least, seconds - start)
        }
        return least
    }

    private static var seconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
