internal import AWS
internal import Formats
internal import Gateway
package import LambdaRuntime
internal import Senders
package import Store
internal import Transport

/// Decides who may call the routes that API Gateway guards: the handler `authorizer`.
///
/// The API key is the user name of HTTP Basic. The answer covers the whole stage of the API, because
/// API Gateway caches it by key and not by route.
package final class Authorizer {
    /// What answers to payload format 2.0 look like, as the API's authorizer is set up.
    package enum Form: Sendable {
        case policy
        case simple
    }

    /// API Gateway waits for 10 seconds at least; the rest of the request must fit too.
    private static let patience = Duration.seconds(3)

    private let partners: RegistryCache
    private let form: Form
    private let log: Logger
    private let note: (Activity) -> Void

    /// `note` is told what the authorizer is about to wait for.
    package init(
        partners: RegistryCache, form: Form, log: Logger,
        note: @escaping (Activity) -> Void = { _ in }
    ) {
        self.partners = partners
        self.form = form
        self.log = log
        self.note = note
    }

    /// The answer to an event that the authorizer has not answered in time; it is not cached.
    package static func unanswered(_ invocation: Invocation) -> Answer { .failure(unavailable) }

    package func answer(_ invocation: Invocation) -> Answer {
        guard let request = AuthorizerRequest(event: invocation.event) else {
            log.write(.error, "the event is not an authorizer's", invocation)
            return .response(Self.deny.policy(for: "*"))
        }
        guard let authorization = request.authorization else {
            // API Gateway makes 401 of exactly this message, and 500 of any other.
            return .failure(Failure(.function, "Unauthorized", message: "Unauthorized"))
        }
        note(.partners)
        do throws(StoreError) {
            let reading = try partners.registry(
                at: invocation.receivedAt, until: deadline(invocation))
            if let failure = reading.failure {
                log.write(
                    .warn, "the partners could not be refreshed", invocation,
                    [("reason", .text(failure.reason))])
            }
            let answer = Self.decide(authorization, reading.value)
            log.write(
                .info, answer.isAllowed ? "allowed" : "denied", invocation,
                [("partner", .text(answer.principal))])
            let isSimple = form == .simple && request.mayAnswerSimply
            return .response(isSimple ? answer.simple : answer.policy(for: request.arn))
        } catch {
            // An error is not cached, as a Deny would be.
            log.write(
                .error, "the partners could not be read", invocation,
                [("reason", .text(error.reason))])
            return .failure(Self.unavailable)
        }
    }

    private static let unavailable = Failure(
        .function, "PartnersUnavailable", message: "The partners cannot be read now.")

    private static let deny = AuthorizerAnswer(isAllowed: false, principal: "unknown")

    private static func decide(_ authorization: String, _ registry: Registry) -> AuthorizerAnswer {
        guard case .key(let key) = BasicCredentials(authorization),
            let partner = registry.partner(token: key), partner.standing == .active
        else { return deny }
        // Only what is the same for every request with this key: the context is cached as well.
        return AuthorizerAnswer(
            isAllowed: true, principal: partner.name,
            context: [
                ("partner", partner.name), ("partnerId", partner.id),
                ("auth", "key"),
            ])
    }

    private func deadline(_ invocation: Invocation) -> Instant {
        invocation.received + min(Self.patience, invocation.timeLimit ?? Self.patience)
    }
}
