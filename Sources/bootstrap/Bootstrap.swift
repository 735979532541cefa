import AWS
import Glibc
import Ingest
import LambdaRuntime
import Platform

/// The program: reads the environment, makes what `_HANDLER` names, and serves.
///
/// ``HandlerFactory`` makes the handler: for `ingest` it is a `Collector`. None of this is in
/// `main.swift`, which belongs to the main actor and would bring Swift's concurrency runtime into the
/// executable.
enum Bootstrap {
    static func run() -> Never {
        ProcessControl.prepareOutput()
        guard let authority = System()["AWS_LAMBDA_RUNTIME_API"] else {
            say(
                "AWS_LAMBDA_RUNTIME_API is not set. Lambda starts this program; "
                    + "to try it here, run scripts/dev.")
            ProcessControl.end(1)
        }
        CrashReporter.install(authority: authority)
        ProcessControl.blockTermination()
        guard let (factory, loops) = makeFactory(authority: authority) else {
            ProcessControl.end(1)
        }
        let slots = (0..<loops).map { _ in EventSlot() }
        Supervisor(
            slots, authority: authority, log: factory.log, now: System.wallClock,
            answer: factory.unanswered
        ).start()

        if loops == 1 {
            serve(factory, slots[0], .single, authority: authority)
        } else {
            // Loops end one by one; the process goes on while one is left.
            let remaining = Countdown(loops)
            for slot in slots {
                let isStarted = Threads.start {
                    serve(factory, slot, .shared, authority: authority)
                    if remaining.countDown() { ProcessControl.end(1) }
                }
                if !isStarted, remaining.countDown() { ProcessControl.end(1) }
            }
            Threads.park()
        }
        ProcessControl.end(1)
    }

    /// Reads the settings; if one is wrong, reports it and returns nil.
    private static func makeFactory(authority: String) -> (factory: HandlerFactory, loops: Int)? {
        let system = System()
        do throws(Failure) {
            let settings = try Settings(system)
            let loops = try settings.concurrency()
            if loops == 1 { ProcessControl.shareMemory() }
            let log = Logger(
                level: try Settings.logLevel(system),
                format: Settings.logFormat(system), origin: try settings.logOrigin(),
                now: System.wallClock)
            if try settings.wantsShutdownNotice(),
                let problem = ShutdownNotice.register(authority: authority)
            {
                log.write(
                    .warn, "SIGTERM will not be announced", nil,
                    [LogField("reason", .text(problem))])
            }
            return (HandlerFactory(settings: settings, log: log), loops)
        } catch {
            report(error, authority: authority)
            return nil
        }
    }

    /// Serves events on the calling thread until the Runtime API ends it.
    @Sendable
    private static func serve(
        _ factory: HandlerFactory, _ slot: EventSlot, _ concurrency: Concurrency, authority: String
    ) {
        let handler: (Invocation) -> Answer
        do throws(Failure) {
            handler = try factory.handler(for: slot)
        } catch {
            return report(error, authority: authority)
        }
        do throws(RuntimeAPIError) {
            let api = try RuntimeAPI(authority: authority, now: System.wallClock)
            try LambdaRuntime.serve(
                api, slot: slot, concurrency: concurrency, log: factory.log, handler: handler)
        } catch {
            factory.log.write(.fatal, error.reason)
        }
    }

    /// Reports that the program cannot start; it must end then.
    @Sendable
    private static func report(_ failure: Failure, authority: String) {
        do throws(RuntimeAPIError) {
            let api = try RuntimeAPI(authority: authority, now: System.wallClock)
            // If another loop has reported first, this report is refused; it is in the log too.
            _ = try api.failInit(with: failure)
        } catch {
            say(error.reason)
        }
        say("\(failure.type): \(failure.message)")
    }

    /// Writes a line to standard error, where Lambda and people look.
    @Sendable
    private static func say(_ line: String) {
        let bytes = Array("bootstrap: \(line)\n".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}
