import Formats
import Partners
import Senders
import Tracking

/// A payload that a partner's rules let pass, for its guide.
struct ExamplePayload {
    /// JSON.
    let text: String
    /// What has to come with it, beside a signature.
    var headers: [HTTPField] = []

    /// An example; nil if the rules are too special for one.
    static func payload(
        for partner: Partner, of sender: any Sender, at now: Timestamp
    ) -> ExamplePayload? {
        candidates(for: partner, of: sender).first { candidate in
            let context = BodyContext(
                receivedAt: now,
                header: { name in candidate.headers.first { $0.name == name }?.value },
                randomID: Session.randomID)
            return sender.reread(
                KeptInput(Array(candidate.text.utf8), from: partner, context: context)
            ).rejects.isEmpty
        }
    }

    private static func candidates(
        for partner: Partner, of sender: any Sender
    ) -> [ExamplePayload] {
        switch sender.guide.content {
        case .fixed(_, let example): [ExamplePayload(text: example)]
        case .ownRules: [provided(partner.validation), own(partner.validation)].compactMap(\.self)
        }
    }

    /// What the provider sends whose scheme the partner signs by; nil where it has no form of its own.
    private static func provided(_ rules: ValidationConfig) -> ExamplePayload? {
        guard let preset = WebhookPreset(usualOf: rules.signing?.scheme) else { return nil }
        let event = rules.eventTypes?.first
        let (headers, members) = (headers(preset, event), members(preset, event))
        guard !members.isEmpty, headers.allSatisfy({ isHeaderValue($0.value) }) else { return nil }
        var tree = Tree.object([])
        for (path, value) in members { tree.set(path[...], value) }
        for path in rules.requiredFields { tree.set(path.pointer.tokens[...], quoted("example")) }
        return ExamplePayload(text: tree.text, headers: headers)
    }

    private static func headers(
        _ preset: WebhookPreset, _ event: String?
    ) -> [HTTPField] {
        switch preset {
        case .github:
            [
                HTTPField("x-github-event", event ?? "push"),
                HTTPField("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ]
        case .shopify, .shopifyCustomer:
            [
                HTTPField("x-shopify-topic", event ?? "orders/paid"),
                HTTPField("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
            ]
        case .stripe, .stripeCustomer, .slack, .standardWebhooks: []
        }
    }

    private static func members(
        _ preset: WebhookPreset, _ event: String?
    ) -> [(path: [String], value: String)] {
        switch preset {
        case .github: [(["repository", "id"], "7"), (["sender", "id"], "42")]
        case .shopify, .shopifyCustomer:
            [(["id"], "7"), (["total_price"], quoted("12.50")), (["customer", "id"], "42")]
        case .stripe, .stripeCustomer:
            [
                (["id"], quoted("evt_1")), (["object"], quoted("event")),
                (["type"], quoted(event ?? "invoice.paid")), (["created"], "1767607200"),
                (["data", "object", "id"], quoted("in_7")),
                (["data", "object", "customer"], quoted("cus_42")),
            ]
        case .slack:
            [
                (["type"], quoted("event_callback")), (["event_id"], quoted("Ev1")),
                (["event_time"], "1767607200"), (["team_id"], quoted("T7")),
                (["event", "type"], quoted(event ?? "app_mention")),
                (["event", "user"], quoted("U42")),
            ]
        case .standardWebhooks: []
        }
    }

    /// Printable ASCII: of anything else a header would have another form.
    private static func isHeaderValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20..<0x7F ~= $0 }
    }

    private static let time = #""2026-01-05T10:00:00.000Z""#

    private static func own(_ rules: ValidationConfig) -> ExamplePayload {
        let mapping = rules.mapping(nil)
        var tree = Tree.object([])
        var headers: [HTTPField] = []
        let values: [(CallField, String)] = [
            (.messageID, #""evt-1""#), (.type, #""track""#),
            (.event, quoted(rules.eventTypes?.first ?? "Order Shipped")), (.timestamp, time),
            (.userID, #""u-42""#),
        ]
        for (field, value) in values {
            switch mapping[field].first {
            case .path(let path): tree.set(path.pointer.tokens[...], value)
            // A header has the value as it is, without quotes.
            case .header(let name):
                let text = (try? JSONText(Array(value.utf8)).root.string) ?? value
                if isHeaderValue(text) { headers.append(HTTPField(name, text)) }
            case .constant, nil: break
            }
        }
        switch type(mapping) {
        case "group": set(.groupID, mapping, &tree)
        case "alias": set(.previousID, mapping, &tree)
        default: break
        }
        for path in rules.requiredFields { tree.set(path.pointer.tokens[...], #""example""#) }
        if case .path(let path) = mapping[.properties].first, path.root != nil {
            tree.set(path.pointer.tokens + ["total"], "12.50")
        }
        return ExamplePayload(text: tree.text, headers: headers)
    }

    private static func set(
        _ field: CallField, _ mapping: WebhookMapping, _ tree: inout Tree
    ) {
        guard case .path(let path) = mapping[field].first else { return }
        tree.set(path.pointer.tokens[...], #""id-7""#)
    }

    /// The type that a mapping gives to all calls.
    private static func type(_ mapping: WebhookMapping) -> String? {
        guard case .constant(let value) = mapping[.type].first else { return nil }
        return value.string
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    /// A JSON value under construction.
    private indirect enum Tree {
        case object([(name: String, value: Tree)])
        /// As it is written.
        case value(String)

        /// Puts a value at a place, unless there is something already.
        mutating func set(_ place: ArraySlice<String>, _ value: String) {
            guard case .object(var members) = self, let name = place.first else { return }
            let rest = place.dropFirst()
            let found = members.firstIndex { $0.name == name }
            let at = found ?? members.count
            if found == nil {
                members.append((name, rest.isEmpty ? .value(value) : .object([])))
            }
            members[at].value.set(rest, value)
            self = .object(members)
        }

        var text: String {
            switch self {
            case .value(let text): text
            case .object(let members):
                "{" + members.map { "\(quoted($0.name)):\($0.value.text)" }.joined(separator: ",")
                    + "}"
            }
        }
    }
}
