package import Formats
package import Tracking

/// Where a partner's payload has the fields of a call.
///
/// A field's sources are tried in order until one gives a value. A field that a partner's own
/// mapping does not name keeps its source of ``standard``.
package struct WebhookMapping: Sendable {
    /// The fields that a mapping may name: all but those that Inlet sets itself.
    package static let fields: [CallField] = [
        .type, .event, .name, .category, .userID, .anonymousID, .messageID, .groupID, .previousID,
        .timestamp, .properties, .traits, .context, .integrations,
    ]

    package enum Source: Sendable {
        case path(FieldPath)
        /// Of the request, named in lower case.
        case header(String)
        case constant(JSONValue)
    }

    package typealias Sources = [CallField: [Source]]

    private var sources: Sources
    /// What takes the place of an anonymous id when a payload names no user.
    package private(set) var subject: [Source] = []
    /// Top-level fields of a payload that are not published.
    package let withheld: [String]

    package subscript(field: CallField) -> [Source] { sources[field] ?? [] }

    /// Fits `{"event_type":…,"timestamp":…,"data":{"user_id":…}}`: a track call, `data` its properties.
    ///
    /// `id` is not taken for the messageId: in an event about an order, it is the order's.
    package static let standard = WebhookMapping(sources: [
        .event: [.path("event_type"), .path("event"), .path("type")],
        .name: [.path("data", "name")],
        .category: [.path("data", "category")],
        .userID: standardID("user_id", "userId"),
        .anonymousID: standardID("anonymous_id", "anonymousId"),
        .groupID: standardID("group_id", "groupId"),
        .previousID: standardID("previous_id", "previousId"),
        .messageID: [.path("event_id"), .path("message_id"), .path("messageId")],
        .timestamp: [.path("timestamp")],
        .properties: [.path("data"), .path("properties")],
        .traits: [.path("data"), .path("traits")],
        .context: [.path("context")],
        .integrations: [.path("integrations")],
    ])

    private static func standardID(_ snake: String, _ camel: String) -> [Source] {
        [.path("data", snake), .path("data", camel), .path(snake), .path(camel)]
    }

    init(sources: Sources, subject: [Source] = [], withheld: [String] = []) {
        self.sources = sources
        self.subject = subject
        self.withheld = withheld
    }

    /// This mapping, but for the fields that a partner's own names.
    func overridden(by own: Sources) -> WebhookMapping {
        var mapping = self
        for (field, sources) in own { mapping.sources[field] = sources }
        // A mapping that says where the ids are excludes all other places.
        if own[.userID] != nil || own[.anonymousID] != nil { mapping.subject = [] }
        return mapping
    }
}

extension WebhookMapping.Source {
    static func path(_ names: String...) -> Self { .path(FieldPath(names)) }

    /// A text that is always the same.
    static func text(_ text: String) -> Self {
        var writer = JSONWriter()
        writer.string(text)
        guard let json = try? JSONText(writer.bytes) else {
            preconditionFailure("a JSON string is JSON")
        }
        return .constant(json.root)
    }
}
