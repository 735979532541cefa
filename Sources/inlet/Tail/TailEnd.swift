import CProcess
import Glibc
import Platform
import Synchronization

/// Knows when a command that goes on by itself is to end: after a signal, or if its reader has gone.
///
/// SIGINT, SIGTERM and SIGHUP are held back from the first one on, so that there is time to tidy up.
final class TailEnd {
    /// How soon a reader that has gone is noticed.
    private static let pause = Duration.milliseconds(250)

    /// What a thread beside tells of the signals.
    private final class Watch: Sendable {
        let hasSignal = Atomic(false)
    }

    private let console: Console
    /// Nil if signals are looked for here.
    private let watch: Watch?
    private var isStopped = false

    /// With `warning` a second signal ends the process at once, whatever it waits for: the first one
    /// says so.
    init(_ console: Console, warning: String? = nil) {
        self.console = console
        _ = cprocess_hold_stop_signals()
        guard let warning else {
            watch = nil
            return
        }
        let watch = Watch()
        let isWatched = Threads.start {
            _ = Self.nextSignal()
            watch.hasSignal.store(true, ordering: .relaxed)
            console.note(warning)
            _exit(128 + Self.nextSignal())
        }
        self.watch = isWatched ? watch : nil
    }

    private static func nextSignal() -> Int32 {
        while true {
            let number = cprocess_wait_for_stop_up_to(60_000)
            if number != 0 { return number }
        }
    }

    /// True once it is to end.
    var isAsked: Bool { waits(for: .zero) }

    /// Waits for so long; true at once when it is to end.
    func waits(for time: Duration) -> Bool {
        let end = Instant.now + time
        while !isStopped {
            let left = max(end - .now, .zero)
            let step = min(left, Self.pause)
            isStopped = hasSignal(within: step) || console.isClosed()
            if left <= .zero { break }
        }
        return isStopped
    }

    private func hasSignal(within time: Duration) -> Bool {
        guard let watch else { return cprocess_wait_for_stop_up_to(time.milliseconds) != 0 }
        if !watch.hasSignal.load(ordering: .relaxed) { Threads.sleep(time) }
        return watch.hasSignal.load(ordering: .relaxed)
    }
}
