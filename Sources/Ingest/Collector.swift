internal import AWS
package import Delivery
package import Formats
internal import Gateway
package import LambdaRuntime
package import Partners
internal import Platform
package import Secrets
internal import Senders
internal import Tracking
internal import Transport

/// Takes in HTTP requests: the handler `ingest`.
///
/// A request goes one way: decoded, routed, authenticated, read, published, answered. Only what
/// SNS holds is answered with 200.
package final class Collector {
    private let topic: Topic
    private let rejectedTopic: Topic?
    private let partners: any PartnerBook
    private let secrets: SecretCache
    private let publisher: TopicPublisher
    private let log: Logger
    private let slot: EventSlot
    private let randomID: () -> UUID
    private let build: String
    private var readiness = Readiness()

    /// `build` says what the program was made of; `slot` is told what is about to be waited for.
    package init(
        topic: Topic, rejectedTopic: Topic?, partners: any PartnerBook, secrets: SecretCache,
        publisher: TopicPublisher, log: Logger, build: String = "unknown",
        slot: EventSlot = EventSlot(), randomID: @escaping () -> UUID
    ) {
        self.topic = topic
        self.rejectedTopic = rejectedTopic
        self.partners = partners
        self.secrets = secrets
        self.publisher = publisher
        self.log = log
        self.build = build
        self.slot = slot
        self.randomID = randomID
    }

    package func answer(_ invocation: Invocation) -> Answer {
        let request: Request
        do throws(GatewayError) {
            request = try Request(event: invocation.event)
        } catch {
            let failure = Self.failure(error, invocation)
            log.write(
                .error, "the event cannot be read", invocation, [("reason", .text(failure.message))]
            )
            return .failure(failure)
        }
        let response = respond(to: request, invocation)
        let isHead = request.method == "HEAD"
        return .response((isHead ? response.withoutBody : response).encoded(for: request.format))
    }

    /// The answer to an event that the collector has not answered in time.
    package static func unanswered(_ invocation: Invocation) -> Answer {
        do throws(GatewayError) {
            let format = try Request(event: invocation.event).format
            return .response(Replies.notAccepted().encoded(for: format))
        } catch {
            return .failure(failure(error, invocation))
        }
    }

    /// Nobody waits for an answer to what is no request, and one would tell a queue that all is well.
    private static func failure(_ error: GatewayError, _ invocation: Invocation) -> Failure {
        switch error {
        case .notARequest: EventKind(of: invocation.event).failure(takes: "HTTP requests")
        case .incomplete:
            Failure(
                .function, "UnexpectedEvent",
                message: "This function was handed an HTTP request without a method or a path.")
        }
    }

    private func respond(to request: Request, _ invocation: Invocation) -> Response {
        let route = Route(request)
        if let response = take(route, request, invocation) { return response }
        let response = serve(route, request, invocation)
        var fields: [(name: String, value: LogValue)] = [
            ("route", .text(route.name)), ("status", .number(response.status)),
        ]
        switch response.status {
        case ..<300: log.write(.debug, "request", invocation, fields)
        case 503: log.write(.warn, "request", invocation, fields)
        default:
            fields += RequestTrace(request).fields
            log.write(.info, "request", invocation, fields)
        }
        return response
    }

    /// Takes in what a sender's route was sent; nil for all other routes.
    private func take(
        _ route: Route, _ request: Request, _ invocation: Invocation
    ) -> Response? {
        switch route {
        case .segmentAPI(let call):
            return collect(
                SegmentAPIContract.self, request, invocation, headers: Replies.anyOrigin
            ) { reader throws(Refusal) in try reader.segmentAPI(call) }
        case .pixel(let type):
            _ = collect(SegmentAPIContract.self, request, invocation) { reader throws(Refusal) in
                try reader.pixel(type)
            }
            return Replies.pixel
        case .segmentDestination:
            return collect(SegmentDestinationContract.self, request, invocation) {
                reader throws(Refusal) in try reader.segmentDestination()
            }
        case .segmentWebhook(let token):
            return collect(SegmentDestinationContract.self, request, invocation) {
                reader throws(Refusal) in try reader.segmentWebhook(token: token)
            }
        case .customerio(let token):
            return collect(CustomerIOContract.self, request, invocation) { reader throws(Refusal) in
                try reader.customerio(token: token)
            }
        case .partnerWebhook(let token):
            return collect(PartnerWebhookContract.self, request, invocation) {
                reader throws(Refusal) in try reader.partnerWebhook(token: token)
            }
        case .selfMetrics, .preflight, .health, .readiness, .description, .notFound,
            .methodNotAllowed:
            return nil
        }
    }

    /// Answers what takes nothing in.
    private func serve(
        _ route: Route, _ request: Request, _ invocation: Invocation
    ) -> Response {
        switch route {
        case .selfMetrics: .json(200, Replies.accepted, headers: Replies.anyOrigin)
        case .preflight:
            Replies.preflight(asking: request.headers["access-control-request-headers"])
        case .health: Replies.health(at: invocation.receivedAt, build: build)
        case .readiness: readiness(invocation)
        case .description: Replies.description
        case .methodNotAllowed(let methods):
            Replies.error(
                405, code: "method_not_allowed", message: "This route takes other methods.",
                headers: [HTTPField("Allow", methods.joined(separator: ", "))])
        case .notFound, .segmentAPI, .pixel, .segmentDestination, .segmentWebhook, .customerio,
            .partnerWebhook:
            Replies.error(404, code: "not_found", message: "There is no such route.")
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
                        ("dependency", .text(problem.dependency.rawValue)),
                        ("reason", .text(problem.reason)),
                    ])
            }
        }
        return Replies.readiness(lacking: readiness.problems.map(\.dependency))
    }

    /// Reads a request, publishes what is in it, and answers as its sender expects.
    private func collect(
        _ contract: any SenderContract.Type, _ request: Request, _ invocation: Invocation,
        headers: [HTTPField] = [],
        read: (RequestReader) throws(Refusal) -> Intake
    ) -> Response {
        let deadline = Self.deadline(of: contract, invocation)
        do throws(Refusal) {
            guard request.isBodyReadable else { throw Refusal.bodyUnreadable(by: contract) }
            let intake = try intake(request, invocation, until: deadline, read)
            try Authentication.check(request.sourceIP, mayActFor: intake.partner)
            return publish(intake, contract, request, invocation, until: deadline, headers: headers)
        } catch {
            let status = contract.status(for: error.outcome)
            var record = EventRecord(sender: contract.name, outcome: error.outcome, status: status)
            record.partner = error.partner
            record.code = error.code
            record.reason = error.reason
            record.discarded = error.isOfContent ? 1 : 0
            record.bytes = request.body.count
            record.readTime = .now - invocation.received
            if Self.isTurnedAway(status) { record.trace = RequestTrace(request) }
            write(record, invocation)
            return Replies.error(
                status, code: error.code, message: error.message, headers: headers)
        }
    }

    /// Whether it is of use to know whence a request came: whoever sent it may have the wrong token,
    /// or no right to send from there.
    private static func isTurnedAway(_ status: Int) -> Bool {
        switch status {
        case 401, 403, 404, 405, 410: true
        default: false
        }
    }

    private func intake(
        _ request: Request, _ invocation: Invocation, until deadline: Instant,
        _ read: (RequestReader) throws(Refusal) -> Intake
    ) throws(Refusal) -> Intake {
        let events = LookupEvents(slot)
        defer { events.log(to: log, invocation) }
        let context = LookupContext(
            time: TimeBudget(now: invocation.receivedAt, deadline: deadline), events: events)
        let intake = try read(
            RequestReader(
                request: request, invocation: invocation,
                partners: PartnerLookup(partners, context),
                search: SignerSearch(secrets, context), randomID: randomID)
        ).timely()
        if intake.unread > 0 {
            log.write(
                .error, "not all was read in time", invocation,
                [("partner", .text(intake.partner.name)), ("unread", .number(intake.unread))])
        }
        return intake
    }

    /// When an answer must leave: the sender's patience or Lambda's, whichever ends first.
    private static func deadline(
        of contract: any SenderContract.Type, _ invocation: Invocation
    ) -> Instant {
        invocation.budget(patience: contract.deadline, margin: contract.margin).deadline
    }

    /// The id by which a request is found again: its front's, or Lambda's where the front has none.
    ///
    /// Clients can choose the front's; one that cannot be a message's attribute counts as none.
    private static func requestID(_ request: Request, _ invocation: Invocation) -> String {
        request.requestID.flatMap { $0.isDeliveredAttribute ? $0 : nil } ?? invocation.requestID
    }

    private func publish(
        _ intake: Intake, _ contract: any SenderContract.Type, _ request: Request,
        _ invocation: Invocation, until deadline: Instant, headers: [HTTPField]
    ) -> Response {
        var run = Publishing(
            intake, contract: contract, topic: topic, rejectedTopic: rejectedTopic,
            receivedAt: invocation.receivedAt, requestID: Self.requestID(request, invocation))
        slot.wait = .sns
        let start = Instant.now
        while let next = run.next() {
            for _ in next.filter(\.isCut) {
                log.write(
                    .error, "a rejected input is not kept whole", invocation,
                    [
                        ("reason", .text("cut")), ("sender", .text(contract.name)),
                        ("partner", .text(run.partner.name)),
                    ])
            }
            let budget = TimeBudget(now: invocation.receivedAt, deadline: deadline)
            run.take(publisher.publish(next, within: budget, traceID: invocation.traceID))
        }
        let outcome = run.outcome
        let status = contract.status(for: outcome)
        var record = EventRecord(sender: contract.name, outcome: outcome, status: status)
        record.partner = run.partner.name
        record.received = intake.messages.count + intake.rejects.count
        record.published = run.accepted
        record.rejected = run.rejects.count
        record.failed = run.failed
        record.unreadableTimes = intake.warnings.count
        record.bytes = request.body.count
        record.readTime = start - invocation.received
        record.publishTime = .now - start
        record.reason = run.failure
        write(record, invocation)
        logRejects(of: run, invocation)
        if let challenge = intake.challenge { return Replies.challenge(challenge) }
        switch outcome {
        case .published:
            return Replies.success(
                status, accepted: run.accepted, rejected: run.rejects, warnings: intake.warnings,
                headers: headers)
        case .notAccepted:
            return Replies.notAccepted(status, headers: headers)
        case .invalid, .unsupportedType, .tooLarge, .notAuthentic, .forbidden, .notFound, .gone:
            // Customer.io is told that all is well, with what was rejected.
            guard !(200..<300).contains(status) else {
                return Replies.success(
                    status, accepted: run.accepted, rejected: run.rejects,
                    warnings: intake.warnings,
                    headers: headers)
            }
            let only = run.rejects.count == 1 ? run.rejects.first : nil
            return Replies.error(
                status, code: only?.code ?? "empty_batch_result",
                message: only?.message ?? "No item of the batch is valid.",
                details: only?.index == nil && only != nil ? [] : run.rejects,
                failures: only?.failures ?? [], headers: headers)
        }
    }

    private func write(_ record: EventRecord, _ invocation: Invocation) {
        log.write(record.level, "request", invocation, record.fields(at: invocation.receivedAt))
    }

    /// Without a topic for them these lines are all that tells of rejects.
    private func logRejects(of run: Publishing, _ invocation: Invocation) {
        guard rejectedTopic == nil else { return }
        for reject in run.rejects {
            var fields: [(name: String, value: LogValue)] = [
                ("partner", .text(run.partner.name)), ("code", .text(reject.code)),
            ]
            if let index = reject.index { fields.append(("index", .number(index))) }
            if let id = reject.messageID { fields.append(("messageId", .text(id))) }
            log.write(.warn, "rejected", invocation, fields)
        }
    }
}

extension Refusal {
    /// What cannot be read cannot be verified: a sender that signs is told so.
    fileprivate static func bodyUnreadable(by contract: any SenderContract.Type) -> Refusal {
        let isSigned = contract == CustomerIOContract.self
        return Refusal(
            isSigned ? .notAuthentic : .invalid, code: "bad_request",
            message: "The body cannot be read.",
            reason: "the body is not the Base64 that it is said to be")
    }
}
