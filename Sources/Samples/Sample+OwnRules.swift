import Formats
import Partners
import Senders
import Tracking

extension Sample {
    /// What the partner's own mapping and rules ask for.
    static func own(_ rules: ValidationConfig, _ values: SampleValues) -> Sample {
        let mapping = rules.mapping(nil)
        var tree = JSONTree.object([])
        var headers: [HTTPField] = []
        let quoted = JSONTree.quoted
        let fields: [(CallField, String)] = [
            (.messageID, values.id(or: "evt-1")), (.type, "track"),
            (.event, rules.eventTypes?.first ?? "Order Shipped"), (.timestamp, values.time),
            (.userID, "u-42"),
        ]
        for (field, value) in fields {
            switch mapping[field].first {
            case .path(let path): tree.set(path.pointer.tokens[...], quoted(value))
            case .header(let name) where isHeaderValue(value):
                headers.append(HTTPField(name, value))
            case .header, .constant, nil: break
            }
        }
        switch type(mapping) {
        case "group": set(.groupID, mapping, &tree)
        case "alias": set(.previousID, mapping, &tree)
        default: break
        }
        for path in rules.requiredFields { tree.set(path.pointer.tokens[...], quoted("example")) }
        if case .path(let path) = mapping[.properties].first, path.root != nil {
            tree.set(path.pointer.tokens + ["total"], "12.50")
        }
        return Sample(text: tree.text, headers: headers)
    }

    private static func set(
        _ field: CallField, _ mapping: WebhookMapping, _ tree: inout JSONTree
    ) {
        guard case .path(let path) = mapping[field].first else { return }
        tree.set(path.pointer.tokens[...], JSONTree.quoted("id-7"))
    }

    /// The type that a mapping gives to all calls.
    private static func type(_ mapping: WebhookMapping) -> String? {
        guard case .constant(let value) = mapping[.type].first else { return nil }
        return value.string
    }
}
