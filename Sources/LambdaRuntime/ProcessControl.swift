internal import CMalloc
internal import Glibc
internal import Platform

/// What concerns the process as a whole: its output, the signal that ends it, its end.
package enum ProcessControl {
    /// Makes the process safe to write from: a reader that has gone is an error to the writer and
    /// no signal, and a standard descriptor that was closed cannot become somebody's socket.
    package static func prepareOutput() {
        signal(SIGPIPE, SIG_IGN)
        // open() takes the lowest free number, so it fills the gaps and then one too many.
        var descriptor = unsafe open("/dev/null", O_RDWR)
        while 0...2 ~= descriptor { descriptor = unsafe open("/dev/null", O_RDWR) }
        if descriptor > 2 { close(descriptor) }
    }

    /// Lets all threads allocate from one arena, for a process whose threads hardly work at once.
    ///
    /// Otherwise glibc gives each thread an arena of its own at its first allocation, and reserves
    /// 64 MiB of address space for it. With a limit on that, the reservation fails most of the time.
    /// Then each allocation tries it again, and while it does, those of other threads may fail.
    /// Source: mallopt(3), M_ARENA_MAX.
    package static func shareMemory() { _ = cmalloc_use_one_arena() }

    /// Blocks SIGTERM on the calling thread and those that it starts: the supervisor takes it.
    package static func blockTermination() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// True when SIGTERM comes within that time; ``blockTermination()`` must have been called.
    static func waitForTermination(_ duration: Duration) -> Bool {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        var time = timespec(duration)
        return unsafe sigtimedwait(&set, nil, &time) == SIGTERM
    }

    /// Ends the process at once, whatever its other threads are doing.
    package static func end(_ status: Int32) -> Never { _exit(status) }
}
