internal import Glibc

/// Threads without an end: they work for as long as the process does.
package enum Threads {
    /// A message to a thread that does not exist yet.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a thread of its own; false when there are too many.
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

    /// Makes the process safe to write from: a reader that has gone is an error to the writer and
    /// no signal, and a standard descriptor that was closed cannot become somebody's socket.
    package static func prepareOutput() {
        signal(SIGPIPE, SIG_IGN)
        // open() takes the lowest free number, so it fills the gaps and then one too many.
        var descriptor = unsafe open("/dev/null", O_RDWR)
        while 0...2 ~= descriptor { descriptor = unsafe open("/dev/null", O_RDWR) }
        if descriptor > 2 { close(descriptor) }
    }

    /// Keeps SIGTERM from the calling thread, and from those it starts: the supervisor takes it.
    package static func blockTermination() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// True when SIGTERM has come within that time; ``blockTermination()`` must have been called.
    static func waitForTermination(_ duration: Duration) -> Bool {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        var time = timespec(duration)
        return unsafe sigtimedwait(&set, nil, &time) == SIGTERM
    }

    /// Sleeps for that long, whatever signals come meanwhile; not at all when it is negative.
    static func sleep(_ duration: Duration) {
        var left = timespec(duration)
        var rest = timespec()
        while unsafe nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }

    /// Ends the process at once, whatever its other threads are doing.
    package static func endProcess(_ status: Int32) -> Never { _exit(status) }

    /// Ends the calling thread's work for good.
    package static func park() -> Never {
        while true { pause() }
    }
}

extension timespec {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
