internal import Platform

/// A thread for blocking work.
package final class BackgroundThread: Sendable {
    private let isDone = Monitor(false)

    /// Starts at once, and runs on even if nobody keeps this object.
    @discardableResult
    package init(_ body: @escaping @Sendable () -> Void) {
        let isDone = isDone
        let isStarted = Threads.start {
            body()
            isDone.sync { $0 = true }
        }
        precondition(isStarted, "the system gives no more threads")
    }

    /// Waits until the work is done.
    package func join() { isDone.wait { $0 ? () : nil } }
}
