import LocalServer
import Platform

/// All functions of a template, each with its processes.
final class FunctionHost: Sendable {
    /// The services that the functions need and that are missing here.
    let missing: [MissingService]
    private let settings: FunctionSettings
    private let pools: [FunctionPool]
    private let recorder: RequestRecorder

    /// Starts nothing yet; `concurrency` is the most processes of each function.
    init(
        _ functions: [Template.Function], settings: FunctionSettings, concurrency: Int,
        _ recorder: RequestRecorder
    ) {
        self.settings = settings
        self.recorder = recorder
        missing = functions.flatMap { settings.missingServices(of: $0) }
        pools = functions.map { function in
            FunctionPool(
                function, settings: settings, concurrency: concurrency,
                wrote: { recorder.wrote($0) })
        }
    }

    /// Runs one event to its end by the function of that name.
    func invoke(_ name: String, _ invocation: Invocation) -> InvocationResult {
        recorder.invoked(invocation, function: name)
        return pools.first { $0.function.name == name }?.invoke(invocation) ?? .throttled
    }

    /// By which their registry is taken away.
    var registry: RegistrySwitch { settings.registry }

    /// The processes of the functions that have a registry.
    var readers: [FunctionPool] { pools.filter { settings.registry(of: $0.function) != nil } }

    /// The partners of the first function that has a registry.
    var partners: KnownPartners? {
        readers.first.flatMap { pool in
            KnownPartners(settings.environment(of: pool.function, runtimeAPI: "", taskRoot: ""))
        }
    }

    /// Asks all processes to end, and kills them at the deadline.
    func stop(by deadline: ContinuousClock.Instant) {
        let stopping = Monitor(pools.count)
        for pool in pools {
            BackgroundThread {
                pool.stop(by: deadline)
                stopping.sync { $0 -= 1 }
            }
        }
        stopping.wait { $0 == 0 ? () : nil }
    }
}
