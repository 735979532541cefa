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
/// SNS, or another sink in its place, holds is answered with 200.
package final class Collector {
    private let topic: Sink
    private let rejectedTopic: Sink?
    private let partners: any PartnerBook
    private let secrets: SecretCache
    private let publisher: SinkPublisher
    private let log: Logger
    private let slot: EventSlot
    private let randomID: () -> UUID
    private let service: ServiceDesk

    /// `build` says what the program was made of; `slot` is told of each wait before it begins.
    package init(
        topic: Sink, rejectedTopic: Sink?, partners: any PartnerBook, secrets: SecretCache,
        publisher: SinkPublisher, log: Logger, build: String = "unknown",
        slot: EventSlot = EventSlot(), randomID: @escaping () -> UUID
    ) {
        self.topic = topic
        self.rejectedTopic = rejectedTopic
        self.partners = partners
        self.secrets = secrets
        self.publisher = publisher
        self.log = log
        service = ServiceDesk(
            partners: partners, publisher: publisher, topic: topic, log: log, build: build,
            slot: slot)
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
                .error, "the event cannot be read", invocation,
                [LogField("reason", .text(failure.message))]
            )
            return .failure(failure)
        }
        let requestID = Self.requestID(request, invocation)
        let response = respond(to: request, invocation.known(as: requestID), requestID)
        let isHead = request.method == "HEAD"
        return .response((isHead ? response.withoutBody : response).encoded(for: request.format))
    }

    private func respond(
        to request: Request, _ invocation: Invocation, _ requestID: String
    ) -> Response {
        let route = RouteTable.route(of: request)
        switch route {
        // `pathWord` is `track` for `/v1/track`.
        case .sender(let sender, let pathWord):
            let inbound = InboundRequest(
                request, pathWord: pathWord, receivedAt: invocation.receivedAt,
                randomID: randomID)
            return collect(inbound, from: sender, invocation).naming(requestID: requestID)
        case .methodNotAllowed, .notFound:
            return service.answer(request, on: route, invocation).naming(requestID: requestID)
        // Monitors read these bodies, and look for nothing afterwards.
        case .service:
            return service.answer(request, on: route, invocation).headed(by: requestID)
        }
    }

    /// Takes in what a sender sent: reads it, publishes it, and answers as the sender expects.
    private func collect(
        _ inbound: InboundRequest, from sender: any Sender, _ invocation: Invocation
    ) -> Response {
        // The sender's deadline or Lambda's, whichever comes first.
        let budget = invocation.budget(patience: sender.deadline, margin: sender.margin)
        do throws(Refusal) {
            let intake = try receive(inbound, from: sender, invocation, within: budget)
            let submission = publish(intake, from: sender, inbound, invocation, within: budget)
            write(RequestRecord(submission, of: sender, inbound.request, invocation), invocation)
            logRejects(of: submission, invocation)
            return Replies.reply(to: submission, of: sender)
        } catch {
            write(RequestRecord(error, of: sender, inbound.request, invocation), invocation)
            return Replies.reply(to: error, of: sender)
        }
    }
}

extension Collector {
    /// Authenticates a request and reads its calls.
    private func receive(
        _ inbound: InboundRequest, from sender: any Sender, _ invocation: Invocation,
        within budget: TimeBudget
    ) throws(Refusal) -> Intake {
        guard inbound.request.isBodyReadable else { throw .unreadableBody(sender) }
        let events = LookupEvents(slot)
        defer { events.log(to: log, invocation) }
        let context = LookupContext(time: budget, events: events)
        let access = Access(
            to: sender, for: inbound.request, partners: PartnerLookup(partners, context),
            search: SignerSearch(secrets, context))
        var intake = try sender.receive(inbound, access).timely()
        intake.redact()
        if intake.unread > 0 {
            log.write(
                .error, "not all was read in time", invocation,
                [
                    LogField("partner", .text(intake.partner.name)),
                    LogField("unread", .number(intake.unread)),
                ])
        }
        return intake
    }

    /// Publishes messages and rejects, and then what SNS has refused.
    private func publish(
        _ intake: Intake, from sender: any Sender, _ inbound: InboundRequest,
        _ invocation: Invocation, within budget: TimeBudget
    ) -> Submission {
        var submission = Submission(
            intake, from: sender, topic: topic, rejectedTopic: rejectedTopic,
            receivedAt: invocation.receivedAt,
            requestID: invocation.knownID ?? invocation.requestID)
        slot.wait = .sink
        while let next = submission.pending {
            for _ in next.filter(\.isCut) {
                log.write(
                    .error, "a rejected input is not kept whole", invocation,
                    [
                        LogField("reason", .text("cut")),
                        LogField("sender", .text(sender.name.rawValue)),
                        LogField("partner", .text(intake.partner.name)),
                    ])
            }
            submission.take(
                publisher.publish(next, within: budget, traceID: invocation.traceID))
        }
        return submission
    }

    /// The id by which a request is found again: its front's, or Lambda's if the front has none.
    ///
    /// Clients can choose the front's id. One that cannot be a header's value is ignored.
    private static func requestID(_ request: Request, _ invocation: Invocation) -> String {
        guard let id = request.requestID, 1...longestID ~= id.utf8.count,
            id.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return invocation.requestID }
        return id
    }

    private static let longestID = 128

    private func write(_ record: RequestRecord, _ invocation: Invocation) {
        log.write(record.level, "request", invocation, record.fields, metrics: record.metrics)
    }

    /// Without a rejected topic, rejects are only logged.
    private func logRejects(of submission: Submission, _ invocation: Invocation) {
        guard rejectedTopic == nil else { return }
        for reject in submission.rejects {
            var fields: [LogField] = [
                LogField("partner", .text(submission.partner.name)),
                LogField("code", .text(reject.code)),
            ]
            if let index = reject.index { fields.append(LogField("index", .number(index))) }
            if let id = reject.messageID { fields.append(LogField("messageId", .text(id))) }
            log.write(.warn, "rejected", invocation, fields)
        }
    }
}

extension Collector {
    /// The answer to an event that the collector has not answered in time.
    ///
    /// It has its line in `log` like any other.
    package static func unanswered(_ invocation: Invocation, _ log: Logger) -> Answer {
        do throws(GatewayError) {
            let request = try Request(event: invocation.event)
            let requestID = Self.requestID(request, invocation)
            let invocation = invocation.known(as: requestID)
            if case .sender(let sender, _) = RouteTable.route(of: request) {
                let record = RequestRecord(cutOff: request, of: sender, invocation)
                log.write(
                    record.level, "request", invocation, record.fields, metrics: record.metrics)
            }
            return .response(
                Replies.notAccepted().naming(requestID: requestID).encoded(for: request.format))
        } catch {
            return .failure(failure(error, invocation))
        }
    }

    /// Nobody waits for an answer to an event that is no request, and an answer would tell a queue
    /// that all is well.
    private static func failure(_ error: GatewayError, _ invocation: Invocation) -> Failure {
        switch error {
        case .notARequest: EventKind(of: invocation.event).failure(takes: "HTTP requests")
        case .incomplete:
            Failure(
                .function, "UnexpectedEvent",
                message: "This function was handed an HTTP request without a method or a path.")
        }
    }
}
