import Glibc

/// Starts threads whose handlers block: the library's connections have theirs, these are ours.
enum Thread {
    /// Runs `body` on a new thread, which nobody joins.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let held = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { held in
                guard let held = unsafe held else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(held).takeRetainedValue().body()
                return nil
            }, held)
        precondition(code == 0, "no thread")
        pthread_detach(thread)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
