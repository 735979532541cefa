internal import AWS
package import Delivery
package import Formats
internal import Gateway
package import LambdaRuntime
internal import Senders
package import Store
internal import Tracking
internal import Transport

/// Takes in HTTP requests: the handler `ingest`.
///
/// A request goes one way: decoded, routed, authenticated, read, published, answered. Only what
/// SNS holds is answered with 200.
package final class Collector {
    private let topic: Topic
    private let rejectedTopic: Topic?
    private let partners: RegistryCache
    private let publisher: TopicPublisher
    private let log: Logger
    private let note: (Activity) -> Void
    private let randomID: () -> UUID

    /// `note` is told what the collector is about to wait for.
    package init(
        topic: Topic, rejectedTopic: Topic?, partners: RegistryCache, publisher: TopicPublisher,
        log: Logger, note: @escaping (Activity) -> Void = { _ in },
        randomID: @escaping () -> UUID
    ) {
        self.topic = topic
        self.rejectedTopic = rejectedTopic
        self.partners = partners
        self.publisher = publisher
        self.log = log
        self.note = note
        self.randomID = randomID
    }

    package func answer(_ invocation: Invocation) -> Answer {
        do throws(GatewayError) {
            let request = try Request(event: invocation.event)
            let response = respond(to: request, invocation)
            return .response(response.encoded(for: request.format))
        } catch {
            log.write(.error, "the event cannot be read", invocation)
            switch error {
            case .notARequest:
                let response = Replies.error(
                    500, code: "malformed_event", message: "The event is not an HTTP request.")
                return .response(response.encoded(for: .rest))
            case .bodyUnreadable(let format, let method, let path):
                // What cannot be read cannot be verified: Customer.io is told so.
                let isSigned = Route(method: method, path: path).isCustomerIO
                let status = isSigned ? CustomerIOContract.status(for: .notAuthentic) : 400
                let code = "bad_request"
                if isSigned {
                    var record = EventRecord(
                        sender: CustomerIOContract.name, outcome: .notAuthentic, status: status)
                    record.code = code
                    record.reason = "the body is not the Base64 that it is said to be"
                    record.bytes = invocation.event.count
                    record.readTime = .now - invocation.received
                    write(record, invocation)
                }
                let response = Replies.error(
                    status, code: code, message: "The body cannot be read.")
                return .response(response.encoded(for: format))
            }
        }
    }

    /// The answer to an event that the collector has not answered in time.
    package static func unanswered(_ invocation: Invocation) -> Answer {
        let response = Replies.error(
            503, code: "not_accepted", message: "Not all was accepted in time: send it again.")
        var format = GatewayFormat.rest
        do throws(GatewayError) {
            format = try Request(event: invocation.event).format
        } catch {
            if case .bodyUnreadable(let known, _, _) = error { format = known }
        }
        return .response(response.encoded(for: format))
    }

    private func respond(to request: Request, _ invocation: Invocation) -> Response {
        switch Route(method: request.method, path: request.path) {
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
        case .selfMetrics:
            return .json(200, Replies.accepted, headers: Replies.anyOrigin)
        case .preflight: return Replies.preflight
        case .health: return Replies.health(at: invocation.receivedAt)
        case .description: return Replies.description
        case .notFound:
            return Replies.error(404, code: "not_found", message: "There is no such route.")
        case .methodNotAllowed(let methods):
            return Replies.error(
                405, code: "method_not_allowed", message: "This route takes other methods.",
                headers: [("Allow", methods.joined(separator: ", "))])
        }
    }

    /// Reads a request, publishes what is in it, and answers as its sender expects.
    private func collect(
        _ contract: any SenderContract.Type, _ request: Request, _ invocation: Invocation,
        headers: Replies.Headers = [],
        read: (RequestReader) throws(Refusal) -> Intake
    ) -> Response {
        let deadline = Self.deadline(of: contract, invocation)
        do throws(Refusal) {
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
            record.bytes = invocation.event.count
            record.readTime = .now - invocation.received
            write(record, invocation)
            return Replies.error(
                status, code: error.code, message: error.message, headers: headers)
        }
    }

    private func intake(
        _ request: Request, _ invocation: Invocation, until deadline: Instant,
        _ read: (RequestReader) throws(Refusal) -> Intake
    ) throws(Refusal) -> Intake {
        defer { partners.logFailure(to: log, invocation) }
        return try read(
            RequestReader(
                request: request, invocation: invocation,
                partners: partners.lookup(at: invocation.receivedAt, until: deadline),
                cache: partners, deadline: deadline, log: log, note: note, randomID: randomID))
    }

    /// When an answer must leave: the sender's patience or Lambda's, whichever ends first.
    private static func deadline(
        of contract: any SenderContract.Type, _ invocation: Invocation
    ) -> Instant {
        let patience = min(contract.deadline, invocation.timeLimit ?? contract.deadline)
        return invocation.received + (patience - contract.margin)
    }

    /// The id by which a request is found again: its front's, or Lambda's where the front has none.
    ///
    /// Clients can choose the front's; one that cannot be a message's attribute counts as none.
    private static func requestID(_ request: Request, _ invocation: Invocation) -> String {
        request.requestID.flatMap { $0.isDeliveredAttribute ? $0 : nil } ?? invocation.requestID
    }

    private func publish(
        _ intake: Intake, _ contract: any SenderContract.Type, _ request: Request,
        _ invocation: Invocation, until deadline: Instant, headers: Replies.Headers
    ) -> Response {
        var run = Publishing(
            intake, contract: contract, topic: topic, rejectedTopic: rejectedTopic,
            receivedAt: invocation.receivedAt, requestID: Self.requestID(request, invocation))
        note(.publishing)
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
            run.take(publisher.publish(next, until: deadline, traceID: invocation.traceID))
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
        record.bytes = invocation.event.count
        record.readTime = start - invocation.received
        record.publishTime = .now - start
        record.reason = run.failure
        write(record, invocation)
        logRejects(of: run, invocation)
        switch outcome {
        case .published:
            return Replies.success(
                status, accepted: run.accepted, rejected: run.rejects, warnings: intake.warnings,
                headers: headers)
        case .notAccepted:
            return Replies.error(
                status, code: "not_accepted",
                message: "Not all was accepted in time: send it again.", headers: headers)
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
