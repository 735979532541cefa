import Formats
import Partners
import Senders

extension Sample {
    /// What the provider sends whose scheme the partner signs by; nil where it has no form of its own.
    static func provided(_ rules: ValidationConfig, _ values: SampleValues) -> Sample? {
        guard let preset = WebhookPreset(usualOf: rules.signing?.scheme) else { return nil }
        let event = rules.eventTypes?.first
        let headers = headers(preset, event, values)
        let members = members(preset, event, values)
        guard !members.isEmpty, headers.allSatisfy({ isHeaderValue($0.value) }) else { return nil }
        var tree = JSONTree.object([])
        for (path, value) in members { tree.set(path[...], value) }
        for path in rules.requiredFields {
            tree.set(path.pointer.tokens[...], JSONTree.quoted("example"))
        }
        return Sample(text: tree.text, headers: headers)
    }

    private static func headers(
        _ preset: WebhookPreset, _ event: String?, _ values: SampleValues
    ) -> [HTTPField] {
        switch preset {
        case .github:
            [
                HTTPField("x-github-event", event ?? "push"),
                HTTPField(
                    "x-github-delivery", values.id(or: "72d3162e-cc78-11e3-81ab-4c9367dc0958")),
            ]
        case .shopify, .shopifyCustomer:
            [
                HTTPField("x-shopify-topic", event ?? "orders/paid"),
                HTTPField(
                    "x-shopify-webhook-id", values.id(or: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")),
            ]
        case .stripe, .stripeCustomer, .slack, .standardWebhooks: []
        }
    }

    private static func members(
        _ preset: WebhookPreset, _ event: String?, _ values: SampleValues
    ) -> [(path: [String], value: String)] {
        let quoted = JSONTree.quoted
        return switch preset {
        case .github: [(["repository", "id"], "7"), (["sender", "id"], "42")]
        case .shopify, .shopifyCustomer:
            [(["id"], "7"), (["total_price"], quoted("12.50")), (["customer", "id"], "42")]
        case .stripe, .stripeCustomer:
            [
                (["id"], quoted(values.id(or: "evt_1"))), (["object"], quoted("event")),
                (["type"], quoted(event ?? "invoice.paid")),
                (["created"], "\(values.unixSeconds)"),
                (["data", "object", "id"], quoted("in_7")),
                (["data", "object", "customer"], quoted("cus_42")),
            ]
        case .slack:
            [
                (["type"], quoted("event_callback")),
                (["event_id"], quoted(values.id(or: "Ev1"))),
                (["event_time"], "\(values.unixSeconds)"), (["team_id"], quoted("T7")),
                (["event", "type"], quoted(event ?? "app_mention")),
                (["event", "user"], quoted("U42")),
            ]
        case .standardWebhooks: []
        }
    }
}
