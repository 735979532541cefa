internal import Synchronization

/// Counts down to none, from whichever thread.
package final class Countdown: Sendable {
    private let remaining: Mutex<Int>

    package init(_ count: Int) { remaining = Mutex(count) }

    /// Counts one down; true for the last one.
    package func countDown() -> Bool {
        remaining.withLock {
            $0 -= 1
            return $0 == 0
        }
    }
}
