import Formats
import Senders
import Store
import Tracking

/// A payload that a partner's rules let pass, for its guide.
enum ExamplePayload {
    /// The JSON text, and the messages it becomes; nil where the rules are too special for one.
    static func text(
        for partner: Partner, of sender: SenderName, at now: Timestamp
    ) -> String? {
        let text =
            switch sender {
            case .partner: own(partner.validation)
            case .customerIO: event
            case .segmentAPI, .segmentDestination: call
            }
        let intake = BodyReader(receivedAt: now, randomID: Session.randomID).read(
            Array(text.utf8), of: sender, from: partner)
        return intake.rejects.isEmpty ? text : nil
    }

    private static let time = #""2026-01-05T10:00:00.000Z""#

    private static let call = """
        {"type":"track","messageId":"evt-1","timestamp":\(time),"userId":"u-42",\
        "event":"Order Shipped","properties":{"total":12.50}}
        """

    private static let event = """
        {"event_id":"evt-1","object_type":"email","metric":"delivered","timestamp":1767607200,\
        "data":{"customer_id":"u-42","delivery_id":"d-7"}}
        """

    private static func own(_ rules: ValidationConfig) -> String {
        var tree = Tree.object([])
        let values: [(WebhookMapping.Field, String)] = [
            (.messageID, #""evt-1""#), (.type, #""track""#),
            (.event, quoted(rules.eventTypes?.first ?? "Order Shipped")), (.timestamp, time),
            (.userID, #""u-42""#),
        ]
        for (field, value) in values {
            if case .path(let path) = rules.mapping[field].first {
                tree.set(path.pointer.tokens[...], value)
            }
        }
        switch type(rules) {
        case "group": set(.groupID, rules, &tree)
        case "alias": set(.previousID, rules, &tree)
        default: break
        }
        for path in rules.requiredFields { tree.set(path.pointer.tokens[...], #""example""#) }
        if case .path(let path) = rules.mapping[.properties].first, path.root != nil {
            tree.set(path.pointer.tokens + ["total"], "12.50")
        }
        return tree.text
    }

    private static func set(
        _ field: WebhookMapping.Field, _ rules: ValidationConfig, _ tree: inout Tree
    ) {
        guard case .path(let path) = rules.mapping[field].first else { return }
        tree.set(path.pointer.tokens[...], #""id-7""#)
    }

    /// The type that a mapping gives to all calls.
    private static func type(_ rules: ValidationConfig) -> String? {
        guard case .constant(let value) = rules.mapping[.type].first else { return nil }
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
