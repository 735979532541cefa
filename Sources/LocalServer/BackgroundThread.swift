import Glibc

/// A thread for work that blocks; each connection of a server has its own anyway.
package final class BackgroundThread: Sendable {
    private let isDone = Monitor(false)

    /// Starts at once, and goes on whether or not anybody keeps this.
    @discardableResult
    package init(_ body: @escaping @Sendable () -> Void) {
        let isDone = isDone
        let work = Work {
            body()
            isDone.sync { $0 = true }
        }
        let held = unsafe Unmanaged.passRetained(work).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { held in
                guard let held = unsafe held else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(held).takeRetainedValue().body()
                return nil
            }, held)
        precondition(code == 0, "the system gives no more threads")
        pthread_detach(thread)
    }

    /// Waits for the end of the work.
    package func join() { isDone.wait { $0 ? () : nil } }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
