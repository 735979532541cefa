internal import Delivery
internal import Formats
internal import Gateway
internal import LambdaRuntime
internal import Partners
internal import Senders

/// Answers requests that hold no calls: the function's own routes, and routes that it does not
/// have.
final class ServiceDesk {
    private let partners: any PartnerBook
    private let publisher: SinkPublisher
    private let topic: Sink
    private let log: Logger
    private let build: String
    private let slot: EventSlot
    private var readiness = Readiness()

    init(
        partners: any PartnerBook, publisher: SinkPublisher, topic: Sink, log: Logger,
        build: String, slot: EventSlot
    ) {
        self.partners = partners
        self.publisher = publisher
        self.topic = topic
        self.log = log
        self.build = build
        self.slot = slot
    }

    func answer(_ request: Request, on route: Route, _ invocation: Invocation) -> Response {
        let response = response(to: request, on: route, invocation)
        write(response, to: request, on: route, invocation)
        return response
    }

    private func response(
        to request: Request, on route: Route, _ invocation: Invocation
    ) -> Response {
        switch route {
        case .service(.selfMetrics): .json(200, Replies.accepted, headers: Replies.anyOrigin)
        case .service(.preflight):
            Replies.preflight(asking: request.headers["access-control-request-headers"])
        case .service(.health): Replies.health(at: invocation.receivedAt, build: build)
        case .service(.readiness): readiness(invocation)
        case .service(.description): Replies.description
        case .methodNotAllowed(let methods): Replies.notAllowed(but: methods)
        case .notFound, .sender: Replies.notFound
        }
    }

    private func write(
        _ response: Response, to request: Request, on route: Route, _ invocation: Invocation
    ) {
        var fields: [LogField] = [
            LogField("route", .text(Self.name(of: route))),
            LogField("status", .number(response.status)),
        ]
        let isRefused = 400..<500 ~= response.status
        fields.append(LogField("requests", .number(1)))
        if isRefused {
            fields.append(LogField(RequestMetrics.refused, .number(1)))
            fields += RequestTrace(request).fields
        }
        log.write(
            response.status == 503 ? .warn : .info, "request", invocation, fields,
            metrics: RequestMetrics.sets(occasions: isRefused ? [RequestMetrics.refused] : []))
    }

    /// What a log line calls a route.
    private static func name(of route: Route) -> String {
        switch route {
        case .service(let service): service.rawValue
        case .sender(let sender, _): sender.name.rawValue
        case .methodNotAllowed: "other-method"
        case .notFound: "unknown"
        }
    }

    private func readiness(_ invocation: Invocation) -> Response {
        if readiness.isDue(at: invocation.receivedAt) {
            let events = LookupEvents(slot)
            defer { events.log(to: log, invocation) }
            readiness.ask(
                partners, publisher, about: topic, for: invocation, events: events, slot: slot)
            for problem in readiness.problems {
                log.write(
                    .error, "not ready", invocation,
                    [
                        LogField("dependency", .text(problem.dependency.name)),
                        LogField("reason", .text(problem.reason)),
                    ])
            }
        }
        return Replies.readiness(lacking: readiness.problems.map(\.dependency))
    }
}
