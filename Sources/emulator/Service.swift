import Formats
import LocalServer
import Platform

/// Everything that runs: the servers, the queues and the functions' processes.
final class Service: Sendable {
    private let template: Template
    private let recorder = RequestRecorder()
    private let aws: LocalAWS
    private let server: LocalServer
    /// Nil if messages go to another SNS.
    private let sns: LocalServer?
    private let functions: FunctionHost
    private let pollers: [QueuePoller]

    init(_ options: Options, environment: System) throws(StartError) {
        let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1"
        template = try Self.template(options, region: region)
        aws = try LocalAWS(of: template, options, environment, recorder)
        sns = try aws.isReplaced ? nil : Self.listen(aws.topics)
        let settings = FunctionSettings(
            region: region, credentials: aws.credentials,
            snsEndpoint: options.sns ?? sns.map { "http://\($0.authority)" } ?? "",
            extra: options.environment, bootstrap: try Self.bootstrap(options),
            templateDirectory: FilePath.directory(of: options.template))
        functions = FunctionHost(
            template.functions, settings: settings, concurrency: options.concurrency, recorder)
        server = try Self.listen(
            options.port, Self.desk(options, template, aws, functions, recorder))
        // Another SNS does not know these queues.
        pollers = aws.isReplaced ? [] : Self.pollers(of: template, aws.queues, functions, recorder)
    }

    /// What is printed once the emulator serves.
    var greeting: String {
        Greeting(
            authority: server.authority, template: template,
            access: aws.isReplaced ? nil : aws.credentials, missing: functions.missing
        ).text
    }

    /// Asks all processes to end, and kills them after half a second.
    func stop() {
        let deadline = ContinuousClock.now + .milliseconds(500)
        for poller in pollers { poller.stop() }
        aws.queues.stop()
        functions.stop(by: deadline)
        recorder.stop()
        server.stop()
        sns?.stop()
    }

    /// What answers on the port of the API.
    private static func desk(
        _ options: Options, _ template: Template, _ aws: LocalAWS, _ functions: FunctionHost,
        _ recorder: RequestRecorder
    ) -> RequestDesk {
        let partners = functions.partners
        let faults = FaultDesk(
            sns: aws.isReplaced ? nil : aws.topics.faults, registry: functions.registry,
            readers: functions.readers)
        let inspector = InspectorDesk(
            recorder: recorder,
            flow: FlowReport(
                recorder: recorder, functions: template.functions, queues: aws.queues,
                faults: faults),
            sources: DetailSources(
                functions: template.functions, queues: aws.queues, partners: partners),
            samples: SampleDesk(partners: partners, tokens: TokenMemory(options.tokens)))
        return RequestDesk(
            front: APIFront(
                template, timeout: .seconds(options.integrationTimeout),
                invoke: { functions.invoke($0, $1) }),
            lambda: InvokeAPI(
                functions: template.functions, invoke: { functions.invoke($0, $1) }),
            aws: aws.desk, store: aws.topics.store, queues: QueueReport(queues: aws.queues),
            recorder: recorder, inspector: inspector,
            missing: functions.missing.filter { template.isBehindAPI($0.function) })
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
        of template: Template, _ queues: QueueBook, _ functions: FunctionHost,
        _ recorder: RequestRecorder
    ) -> [QueuePoller] {
        let queues = queues.all
        return template.eventSources.compactMap { source in
            queues.first { $0.queue.arn == source.queue }.map { queue in
                QueuePoller(
                    source, queue: queue, region: template.region,
                    handled: { recorder.handled($0) }, invoke: { functions.invoke($0, $1) })
            }
        }
    }
}
