internal import AWS
internal import Formats
internal import Gateway
package import LambdaRuntime
package import Partners
internal import Platform
internal import Senders
internal import Transport

/// Decides who may call the routes that API Gateway guards: the handler `authorizer`.
///
/// They are the routes of Segment's servers, so the key's partner must be allowed to send there.
/// The API key is the user name of HTTP Basic. The answer covers the whole stage of the API,
/// because API Gateway caches it by key and not by route.
package final class Authorizer {
    /// The form of answers to payload format 2.0, as the API's authorizer is configured.
    package enum Form: Sendable {
        case policy
        case simple
    }

    /// API Gateway waits for 10 seconds at least; the rest of the request must fit too.
    private static let patience = Duration.seconds(3)

    private let partners: any PartnerBook
    private let form: Form
    private let log: Logger
    private let slot: EventSlot

    /// `slot` is told of each wait before it begins.
    package init(
        partners: any PartnerBook, form: Form, log: Logger,
        slot: EventSlot = EventSlot()
    ) {
        self.partners = partners
        self.form = form
        self.log = log
        self.slot = slot
    }

    /// The answer to an event that the authorizer has not answered in time; it is not cached.
    package static func unanswered(_ invocation: Invocation) -> Answer { .failure(unavailable) }

    package func answer(_ invocation: Invocation) -> Answer {
        guard let request = AuthorizerRequest(event: invocation.event) else {
            // An error lets nobody in if API Gateway has asked. An answer would let a queue delete
            // its messages.
            let failure = EventKind(of: invocation.event).failure(
                takes: "what API Gateway asks an authorizer")
            log.write(
                .error, "the event is not an authorizer's", invocation,
                [LogField("reason", .text(failure.message))])
            return .failure(failure)
        }
        guard let authorization = request.authorization else {
            // API Gateway makes 401 of exactly this message, and 500 of any other.
            return .failure(Failure(.function, "Unauthorized", message: "Unauthorized"))
        }
        do throws(LookupFailure) {
            let answer = try decide(authorization, invocation)
            log.write(
                .info, answer.isAllowed ? "allowed" : "denied", invocation,
                [LogField("partner", .text(answer.principal))])
            let isSimple = form == .simple && request.mayAnswerSimply
            return .response(isSimple ? answer.simple : answer.policy(for: request.arn))
        } catch {
            // An error is not cached, as a Deny would be.
            return .failure(Self.unavailable)
        }
    }

    private static let unavailable = Failure(
        .function, "PartnersUnavailable", message: "The partners cannot be read now.")

    private static let deny = AuthorizerAnswer(isAllowed: false, principal: "unknown")

    private func decide(
        _ authorization: String, _ invocation: Invocation
    ) throws(LookupFailure) -> AuthorizerAnswer {
        let events = LookupEvents(slot)
        defer { events.log(to: log, invocation) }
        let budget = invocation.budget(patience: Self.patience, margin: .zero)
        let lookup = PartnerLookup(partners, LookupContext(time: budget, events: events))
        guard case .key(let key) = BasicCredentials(authorization),
            case .partner(let partner) = try lookup.partner(
                token: key, for: .segmentDestination),
            partner.standing == .active
        else { return Self.deny }
        // Only what is the same for every request with this key, because the context is cached too.
        return AuthorizerAnswer(
            isAllowed: true, principal: partner.name,
            context: [
                NamedValue("partner", partner.name), NamedValue("partnerId", partner.id),
                NamedValue("auth", "key"),
            ])
    }
}
