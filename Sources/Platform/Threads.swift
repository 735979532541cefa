internal import Glibc

/// Threads that nobody waits for, and sleep.
package enum Threads {
    /// A message to a thread that does not exist yet.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a thread of its own; false when the system gives no more threads.
    @discardableResult
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard status == 0 else {
            unsafe Unmanaged<Body>.fromOpaque(context).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Sleeps for that long, whatever signals come meanwhile; not at all when it is negative.
    @Sendable
    package static func sleep(_ duration: Duration) {
        var left = timespec(duration)
        var rest = timespec()
        while unsafe nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    /// Ends the calling thread's work for good.
    package static func park() -> Never {
        while true { pause() }
    }
}
