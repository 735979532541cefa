import CProcess
import Platform

/// Knows when a command that goes on by itself is to end: after a signal, or if its reader has gone.
///
/// SIGINT, SIGTERM and SIGHUP are held back from the first one on, so that there is time to tidy up.
final class TailEnd {
    /// How soon a reader that has gone is noticed.
    private static let pause = Duration.milliseconds(250)

    private let console: Console
    private var isStopped = false

    init(_ console: Console) {
        self.console = console
        _ = cprocess_hold_stop_signals()
    }

    /// True once it is to end.
    var isAsked: Bool { waits(for: .zero) }

    /// Waits for so long; true at once when it is to end.
    func waits(for time: Duration) -> Bool {
        let end = Instant.now + time
        while !isStopped {
            let left = max(end - .now, .zero)
            let step = min(left, Self.pause)
            isStopped =
                cprocess_wait_for_stop_up_to(step.milliseconds) != 0 || console.isClosed()
            if left <= .zero { break }
        }
        return isStopped
    }
}
