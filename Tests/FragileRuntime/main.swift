import Formats
import Glibc
import LambdaRuntime
import Platform
import Synchronization

/// The events that the supervisor has begun to answer, by request id.
let overdue = Mutex<Set<String>>([])

/// A runtime whose handler does what the event says: the ways to fail that cannot be tested inside
/// of the tests' own process.
func handle(_ invocation: Invocation, slot: EventSlot, log: Logger) -> Answer {
    log.write(.info, "handling", invocation)
    let event = String(decoding: invocation.event, as: UTF8.self)
    switch event {
    case "trap": fatalError("told to")
    case "bounds": return .response([[UInt8](repeating: 0, count: invocation.event.count)[99]])
    case "abort": abort()
    case "segv":
        unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    case "overflow": return .response([UInt8(truncatingIfNeeded: deeper(0))])
    case "hang":
        slot.wait = .partners
        while true { pause() }
    case "late", "note late":
        if event != "late" { slot.wait = .partners }
        while !overdue.withLock({ $0.contains(invocation.requestID) }) { usleep(1000) }
    case _ where event.hasPrefix("until "):
        // The test makes this file.
        let path = String(event.dropFirst("until ".count))
        while unsafe access(path, F_OK) != 0 { usleep(1000) }
    case "large": return .response([UInt8](repeating: 0x20, count: 6_291_557))
    case "largest": return .response([UInt8](repeating: 0x20, count: 6_291_556))
    case "exit": exit(3)
    case "trace":
        let trace = unsafe getenv("_X_AMZN_TRACE_ID").map { unsafe String(cString: $0) }
        return .response(Array((trace ?? "none").utf8))
    default: break
    }
    log.write(.info, "handled", invocation)
    return .response(invocation.event)
}

/// Recursion that no optimiser turns into a loop.
@inline(never)
func deeper(_ depth: Int) -> Int { depth < 0 ? 0 : deeper(depth + 1) + deeper(depth + 2) }

@Sendable
func run(_ authority: String, _ slot: EventSlot, _ concurrency: Concurrency, log: Logger) {
    do throws(RuntimeAPIError) {
        let api = try RuntimeAPI(authority: authority, now: wallClock)
        try serve(api, slot: slot, concurrency: concurrency, log: log) {
            handle($0, slot: slot, log: log)
        }
    } catch {
        log.write(.fatal, error.reason)
    }
}

@Sendable
func wallClock() -> Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}

/// The supervisor's times: `margin=20000` and the like among the arguments, in milliseconds.
func times() -> Supervisor.Times {
    func argument(_ name: String) -> Duration? {
        CommandLine.arguments.lazy.filter { $0.hasPrefix(name + "=") }
            .compactMap { Int($0.dropFirst(name.count + 1)) }.first.map { .milliseconds($0) }
    }
    let usual = Supervisor.Times()
    return Supervisor.Times(
        margin: argument("margin") ?? usual.margin,
        patience: argument("patience") ?? usual.patience,
        lastPosts: argument("last-posts") ?? usual.lastPosts)
}

let authority = CommandLine.arguments[1]
let loops = Int(CommandLine.arguments[2]) ?? 1
let log = Logger(level: .debug, format: .json, now: wallClock)
CrashReporter.install(authority: authority)
ProcessControl.blockTermination()
if CommandLine.arguments.contains("register"),
    let problem = ShutdownNotice.register(authority: authority)
{
    log.write(.warn, problem)
}
let slots = (0..<loops).map { _ in EventSlot() }
Supervisor(
    slots, authority: authority, times: times(), log: log, now: wallClock,
    answer: { invocation in
        overdue.withLock { _ = $0.insert(invocation.requestID) }
        return .response(Array("unanswered".utf8))
    }
).start()
if loops == 1 {
    // A loop that is one of several, without the others.
    let isShared = CommandLine.arguments.contains("shared")
    run(authority, slots[0], isShared ? .shared : .single, log: log)
} else {
    for slot in slots { Threads.start { run(authority, slot, .shared, log: log) } }
    Threads.park()
}
ProcessControl.end(1)
