internal import Platform

/// A thread for work that blocks; each connection of a server has its own anyway.
package final class BackgroundThread: Sendable {
    private let isDone = Monitor(false)

    /// Starts at once, and goes on whether or not anybody keeps this.
    @discardableResult
    package init(_ body: @escaping @Sendable () -> Void) {
        let isDone = isDone
        let isStarted = Threads.start {
            body()
            isDone.sync { $0 = true }
        }
        precondition(isStarted, "the system gives no more threads")
    }

    /// Waits for the end of the work.
    package func join() { isDone.wait { $0 ? () : nil } }
}
