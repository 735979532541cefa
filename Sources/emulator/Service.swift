import Formats
import LocalServer
import Platform

/// Everything that runs: the servers, the queues and the functions' processes.
final class Service: Sendable {
    private let template: Template
    private let server: LocalServer
    private let sns: LocalServer?
    private let pools: [FunctionPool]
    private let pollers: [QueuePoller]
    private let queues: QueueBook
    private let recorder: RequestRecorder
    /// Nil if messages go to another SNS.
    private let access: FunctionSettings.Credentials?
    private let missing: [MissingService]

    init(_ options: Options, environment: System) throws(StartError) {
        let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1"
        let template = try Self.template(options, region: region)
        self.template = template
        let queues = QueueBook(Self.queues(of: template, options), region: region)
        self.queues = queues
        let subscriptions = SubscriptionBook(template.subscriptions)
        let delivery = QueueDelivery(subscriptions: subscriptions, queues: queues)
        let recorder = RequestRecorder()
        self.recorder = recorder
        let store = MessageStore { message, id, topic, now in
            let handovers = delivery.deliver(message, id: id, topic: topic, at: now)
            recorder.published(message, id: id, topic: topic, handovers)
        }
        let access = try Self.access(options, environment)
        self.access = options.sns == nil ? access : nil
        let faults = SNSFaults()
        let topics = SNSEndpoint(
            topics: template.topics,
            check: SignatureCheck(credentials: access, region: region, service: "sns"),
            store: store, subscriptions: subscriptions, faults: faults)
        sns = try options.sns == nil ? Self.listen(topics) : nil
        let registry = RegistrySwitch()
        let settings = FunctionSettings(
            region: region, credentials: access,
            snsEndpoint: options.sns ?? sns.map { "http://\($0.authority)" } ?? "",
            extra: options.environment, bootstrap: try Self.bootstrap(options),
            templateDirectory: FilePath.directory(of: options.template), registry: registry)
        missing = template.functions.flatMap { settings.missingServices(of: $0) }
        let pools = template.functions.map { function in
            FunctionPool(
                function, settings: settings, concurrency: options.concurrency,
                wrote: { recorder.wrote($0) })
        }
        self.pools = pools
        let byName = Dictionary(pools.map { ($0.function.name, $0) }) { first, _ in first }
        let invoke: @Sendable (String, Invocation) -> InvocationResult = { name, invocation in
            recorder.invoked(invocation, function: name)
            return byName[name]?.invoke(invocation) ?? .throttled
        }
        let front = APIFront(
            template, timeout: .seconds(options.integrationTimeout), invoke: invoke)
        let partners = Self.partners(of: template, settings)
        server = try Self.listen(
            options.port,
            RequestDesk(
                front: front, lambda: InvokeAPI(functions: template.functions, invoke: invoke),
                aws: options.sns == nil
                    ? AWSDesk(
                        sqs: SQSEndpoint(
                            queues: queues,
                            check: SignatureCheck(
                                credentials: access, region: region, service: "sqs")),
                        sns: topics) : nil,
                store: store, queues: QueueReport(queues: queues),
                recorder: recorder,
                inspector: InspectorDesk(
                    recorder: recorder,
                    flow: FlowReport(
                        recorder: recorder, functions: template.functions, queues: queues,
                        faults: FaultDesk(
                            sns: options.sns == nil ? faults : nil, registry: registry,
                            readers: pools.filter { settings.registry(of: $0.function) != nil })),
                    sources: DetailSources(
                        functions: template.functions, queues: queues, partners: partners),
                    samples: SampleDesk(
                        partners: partners, tokens: TokenMemory(options.tokens))),
                missing: missing.filter { template.isBehindAPI($0.function) }))
        // Another SNS does not know these queues.
        pollers =
            options.sns != nil
            ? []
            : Self.pollers(
                of: template, queues: queues.all, region: region, recorder: recorder,
                invoke: invoke)
    }

    /// What is printed once the emulator serves.
    var greeting: String {
        Greeting(authority: server.authority, template: template, access: access, missing: missing)
            .text
    }

    /// Asks all processes to end, and kills them after half a second.
    func stop() {
        let deadline = ContinuousClock.now + .milliseconds(500)
        for poller in pollers { poller.stop() }
        queues.stop()
        let stopping = Monitor(pools.count)
        for pool in pools {
            BackgroundThread {
                pool.stop(by: deadline)
                stopping.sync { $0 -= 1 }
            }
        }
        stopping.wait { $0 == 0 ? () : nil }
        recorder.stop()
        server.stop()
        sns?.stop()
    }

    /// All queues.
    ///
    /// Dead-letter queues come before the queues that refer to them.
    private static func queues(of template: Template, _ options: Options) -> [MessageQueue] {
        let delay = options.visibilityTimeout.map { Duration.seconds($0) }
        var queues: [MessageQueue] = []
        for hasRedrive in [false, true] {
            for queue in template.queues where (queue.redrive != nil) == hasRedrive {
                let target = queues.first { $0.queue.arn == queue.redrive?.deadLetterQueue }
                queues.append(
                    MessageQueue(queue, retryDelay: delay, deadLetterQueue: target))
            }
        }
        return queues
    }

    /// The partners of the first function that has a registry.
    private static func partners(
        of template: Template, _ settings: FunctionSettings
    ) -> KnownPartners? {
        let function = template.functions.first { settings.registry(of: $0) != nil }
        return function.flatMap { function in
            KnownPartners(settings.environment(of: function, runtimeAPI: "", taskRoot: ""))
        }
    }

    private static func template(
        _ options: Options, region: String
    ) throws(StartError) -> Template {
        guard let bytes = try? File.read(options.template) else {
            throw StartError(message: "cannot read \(options.template)")
        }
        do throws(TemplateError) {
            return try TemplateModel.template(
                from: bytes, parameters: options.parameters, region: region)
        } catch {
            throw StartError(message: "\(options.template):\(error.line): \(error.reason)")
        }
    }

    /// Credentials made for this run; for another SNS, those of the environment.
    private static func access(
        _ options: Options, _ environment: System
    ) throws(StartError) -> FunctionSettings.Credentials {
        guard options.sns != nil else {
            return FunctionSettings.Credentials(
                accessKeyID: "ASIAINLETEMULATOR000",
                secretAccessKey: RandomText.hex(bytes: 20),
                sessionToken: "local//\(RandomText.hex(bytes: 32))+token==")
        }
        guard let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        else {
            throw StartError(
                message:
                    "--sns needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
        }
        return FunctionSettings.Credentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: environment["AWS_SESSION_TOKEN"])
    }

    /// The given program, else the one beside this program; nil without both.
    private static func bootstrap(_ options: Options) throws(StartError) -> String? {
        if let given = options.bootstrap {
            guard FilePath.isExecutable(given) else {
                throw StartError(message: "--bootstrap \(given) is no program that can be run here")
            }
            return given
        }
        guard let own = FilePath.absolute("/proc/self/exe") else { return nil }
        let beside = "\(FilePath.directory(of: own))/bootstrap"
        return FilePath.isExecutable(beside) ? beside : nil
    }

    /// Listens on the port of the API.
    private static func listen(
        _ port: UInt16, _ desk: RequestDesk
    ) throws(StartError) -> LocalServer {
        do throws(LocalServerError) {
            return try LocalServer(
                port: port, maximumBody: APIFront.maximumBody,
                tooLarge: { desk.answer($0, isTooLarge: true) }, handler: { desk.answer($0) })
        } catch {
            throw StartError(
                message: "cannot listen on 127.0.0.1, port \(port): another emulator may have it. "
                    + "--port N takes another port, 0 a free one")
        }
    }

    /// An SNS of the emulator's own for the functions, on a port of its own.
    private static func listen(_ topics: SNSEndpoint) throws(StartError) -> LocalServer {
        do throws(LocalServerError) {
            return try LocalServer(forProgramsWith: 4 << 20, handler: { topics.answer($0) })
        } catch {
            throw StartError(message: "no port is free for SNS")
        }
    }

    private static func pollers(
        of template: Template, queues: [MessageQueue], region: String,
        recorder: RequestRecorder,
        invoke: @escaping @Sendable (String, Invocation) -> InvocationResult
    ) -> [QueuePoller] {
        template.eventSources.compactMap { source in
            queues.first { $0.queue.arn == source.queue }.map { queue in
                QueuePoller(
                    source, queue: queue, region: region, handled: { recorder.handled($0) },
                    invoke: invoke)
            }
        }
    }
}
