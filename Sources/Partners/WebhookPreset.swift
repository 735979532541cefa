package import Formats
internal import Tracking

/// The layout of a provider's webhooks: where they have the fields of a call.
///
/// A partner that signs by a provider's scheme needs no `mapping` for them. Many names stand for
/// one scheme if its webhooks differ in who they are about.
package enum WebhookPreset: Sendable, CaseIterable {
    case github
    case shopify
    /// About a customer, which is the payload itself.
    case shopifyCustomer
    case stripe
    /// About a customer, which is the event's object itself.
    case stripeCustomer
    case slack
    case standardWebhooks

    /// The preset that a payload follows; nil when it is not what the scheme's provider sends, since
    /// a scheme can be borrowed for payloads of one's own.
    ///
    /// `header` gives a header's value, named in lower case.
    package init?(
        _ scheme: SigningRule.Scheme?, payload: JSONValue, header: (String) -> String?
    ) {
        switch scheme {
        case .github where header("x-github-event") != nil: self = .github
        case .shopify:
            guard let topic = header("x-shopify-topic") else { return nil }
            self = topic.hasPrefix("customers/") ? .shopifyCustomer : .shopify
        case .stripe:
            guard let object = payload["object"],
                object.equals("event") || object.equals("v2.core.event")
            else { return nil }
            let subject = payload["data"]?["object"]?["object"]
            self = subject?.equals("customer") == true ? .stripeCustomer : .stripe
        case .slack where Self.slackMarks.contains { payload[$0] != nil }: self = .slack
        case .standardWebhooks: self = .standardWebhooks
        case .github, .slack, .segment, .customerio, .custom, nil: return nil
        }
    }

    /// The preset of what a scheme's provider sends most; nil when there is none.
    package init?(usualOf scheme: SigningRule.Scheme?) {
        switch scheme {
        case .github: self = .github
        case .shopify: self = .shopify
        case .stripe: self = .stripe
        case .slack: self = .slack
        case .standardWebhooks: self = .standardWebhooks
        case .segment, .customerio, .custom, nil: return nil
        }
    }

    /// Each of Slack's payloads has one of these.
    private static let slackMarks = ["api_app_id", "team_id", "team", "response_url"]

    package var mapping: WebhookMapping {
        switch self {
        case .github: Self.githubMapping
        case .shopify: Self.shopify(customer: .path("customer", "id"), .path("customer_id"))
        case .shopifyCustomer: Self.shopify(customer: .path("customer", "id"), .path("id"))
        case .stripe:
            Self.stripe(
                customer: .path("data", "object", "customer", "id"),
                .path("data", "object", "customer"))
        case .stripeCustomer: Self.stripe(customer: .path("data", "object", "id"))
        case .slack: Self.slackMapping
        case .standardWebhooks: Self.standardMapping
        }
    }
}

extension WebhookPreset {
    private static let whole = WebhookMapping.Source.path(FieldPath([]))

    /// A redelivery has the delivery's id again.
    ///
    /// Source: GitHub Docs, "Webhook events and payloads".
    private static var githubMapping: WebhookMapping {
        WebhookMapping(
            sources: [
                .event: [.header("x-github-event")],
                .messageID: [.header("x-github-delivery")],
                .userID: [
                    .path("sender", "id"), .path("sender", "login"), .path("pusher", "name"),
                ],
                .properties: [whole],
            ],
            subject: [
                .path("repository", "id"), .path("organization", "id"),
                .path("installation", "id"), .path("enterprise", "id"), .path("hook_id"),
                .header("x-github-hook-id"), .text("github"),
            ])
    }

    /// The body is the resource itself.
    ///
    /// A delivery that is repeated has its id again, and those of other topics may share the event's.
    /// Source: Shopify, "Webhooks delivery structure" and "Ignore duplicate webhooks".
    private static func shopify(customer: WebhookMapping.Source...) -> WebhookMapping {
        WebhookMapping(
            sources: [
                .event: [.header("x-shopify-topic")],
                .messageID: [.header("x-shopify-webhook-id"), .header("x-shopify-event-id")],
                .userID: customer,
                .timestamp: [
                    .header("x-shopify-triggered-at"), .path("updated_at"), .path("created_at"),
                ],
                .properties: [whole],
            ],
            subject: [.header("x-shopify-shop-domain"), .path("shop_domain"), .text("shopify")])
    }

    /// Source: Stripe API Reference, "The Event object", and "Thin events".
    private static func stripe(customer: WebhookMapping.Source...) -> WebhookMapping {
        WebhookMapping(
            sources: [
                .event: [.path("type")], .messageID: [.path("id")], .userID: customer,
                .timestamp: [.path("created")],
                .properties: [.path("data", "object"), .path("data")],
            ],
            subject: [
                .path("data", "object", "id"), .path("related_object", "id"), .path("account"),
                .path("id"),
            ])
    }

    /// Events, interactions and commands; the old verification token that they have is a secret.
    ///
    /// Source: Slack, "Events API", "Interaction payloads" and "Slash commands".
    private static var slackMapping: WebhookMapping {
        WebhookMapping(
            sources: [
                .event: [.path("event", "type"), .path("command"), .path("type")],
                .messageID: [.path("event_id"), .path("trigger_id")],
                .userID: [
                    .path("event", "user", "id"), .path("event", "user"),
                    .path("event", "message", "user"), .path("user", "id"), .path("user_id"),
                ],
                .timestamp: [.path("event_time"), .path("action_ts")],
                .properties: [.path("event"), whole],
            ],
            subject: [
                .path("event", "bot_id"), .path("team_id"), .path("team", "id"),
                .path("enterprise_id"), .path("api_app_id"), .text("slack"),
            ],
            withheld: ["token"])
    }

    /// What its specification recommends payloads to be, which names no user.
    ///
    /// Source: Standard Webhooks, specification 1.0.0, "Payload structure".
    private static var standardMapping: WebhookMapping {
        let standard = WebhookMapping.standard
        return WebhookMapping(
            sources: Dictionary(
                uniqueKeysWithValues: WebhookMapping.fields.map { ($0, standard[$0]) }
            ).merging([
                .userID: standard[.userID] + [
                    .path("data", "user", "id"), .path("data", "customer_id"),
                    .path("data", "customer", "id"),
                ],
                .timestamp: standard[.timestamp] + [.path("created_at")],
            ]) { $1 },
            subject: [
                .path("data", "id"), .header(SignatureRecipe.standardWebhooks.idHeader ?? ""),
                .header(SignatureRecipe.svix.idHeader ?? ""),
            ])
    }
}
