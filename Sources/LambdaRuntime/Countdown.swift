internal import Synchronization

/// Counts loops that have ended, from whichever thread.
package final class Countdown: Sendable {
    private let remaining: Mutex<Int>

    package init(_ count: Int) { remaining = Mutex(count) }

    /// True for the last one.
    package func isLast() -> Bool {
        remaining.withLock {
            $0 -= 1
            return $0 == 0
        }
    }
}
