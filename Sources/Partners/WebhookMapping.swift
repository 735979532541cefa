package import Formats
internal import Tracking

/// Where a partner's payload has the fields of a call.
///
/// A field's sources are tried in order until one gives a value. A field that a partner's own
/// mapping does not name keeps its source of ``standard``.
package struct WebhookMapping: Sendable {
    /// A field of a call, by its name in the Segment spec.
    package enum Field: String, Sendable, CaseIterable {
        case type, event, name, category
        case userID = "userId"
        case anonymousID = "anonymousId"
        case messageID = "messageId"
        case groupID = "groupId"
        case previousID = "previousId"
        case timestamp, properties, traits, context, integrations
    }

    package enum Source: Sendable {
        case path(FieldPath)
        /// Of the request, named in lower case.
        case header(String)
        case constant(JSONValue)
    }

    package typealias Sources = [Field: [Source]]

    private var sources: Sources
    /// What stands in for an anonymous id where a payload names nobody.
    package private(set) var subject: [Source] = []
    /// Top-level fields of a payload that are not published.
    package let withheld: [String]

    package subscript(field: Field) -> [Source] { sources[field] ?? [] }

    /// Fits `{"event_type":…,"timestamp":…,"data":{"user_id":…}}`: a track call, `data` its properties.
    ///
    /// `id` is no message's id: where an event is about an order, it is the order's.
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
        // Who says where the ids are means no other place.
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

extension WebhookMapping {
    private static let maximumSources = 8
    /// Bytes of one constant.
    private static let maximumConstant = 4096

    /// Reads the fields that a partner's own mapping names.
    ///
    /// A field has a source, or an array of them: a path, `{"header": name}` or `{"const": value}`.
    static func own(_ value: JSONValue, at place: String) throws(PartnerError) -> Sources {
        var mistakes = MistakeList()
        let record = try RecordReader(
            value, at: place, keys: Field.allCases.map(\.rawValue), mistakes: &mistakes)
        var sources: Sources = [:]
        for field in Field.allCases {
            guard let value = record[field.rawValue] else { continue }
            let place = record.place(of: field.rawValue)
            sources[field] = try mistakes.gather { () throws(PartnerError) in
                try Self.sources(value, of: field, at: place)
            }
        }
        try mistakes.check()
        return sources
    }

    private static func sources(
        _ value: JSONValue, of field: Field, at place: String
    ) throws(PartnerError) -> [Source] {
        guard value.kind == .array else { return [try source(value, of: field, at: place)] }
        var list: [Source] = []
        for (index, element) in value.elements.enumerated() {
            let place = "\(place)[\(index)]"
            guard index < maximumSources else {
                throw .invalid(place: place, problem: "more than \(maximumSources) sources")
            }
            if case .constant = list.last {
                throw .invalid(place: place, problem: "never tried: a constant comes before it")
            }
            list.append(try source(element, of: field, at: place))
        }
        guard !list.isEmpty else {
            throw .invalid(
                place: place, problem: #"empty; {"const": null} takes the field from nowhere"#)
        }
        return list
    }

    private static func source(
        _ value: JSONValue, of field: Field, at place: String
    ) throws(PartnerError) -> Source {
        switch value.kind {
        case .string:
            return .path(try FieldPath(value.string ?? "", at: place))
        case .object:
            var members = value.members
            let only = members.next()
            guard let only, members.isEmpty else { throw .invalid(place: place, problem: forms) }
            if only.name.equals("header") {
                return .header(try header(only.value, of: field, at: "\(place).header"))
            }
            guard only.name.equals("const") else { throw .invalid(place: place, problem: forms) }
            let constant = only.value
            try check(constant, of: field, at: "\(place).const")
            return .constant(try copy(constant, at: "\(place).const"))
        case .array, .number, .true, .false, .null:
            throw .invalid(place: place, problem: forms)
        }
    }

    private static let forms =
        #"neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
    /// Characters of a header's name.
    private static let maximumHeader = 128

    /// A header that a call's field may be taken from: a text that is no secret.
    private static func header(
        _ value: JSONValue, of field: Field, at place: String
    ) throws(PartnerError) -> String {
        guard let text = value.string, text.utf8.count <= maximumHeader,
            let name = HeaderName.normalised(text)
        else { throw .invalid(place: place, problem: "not a header's name") }
        guard !HeaderName.isSecret(name) else {
            throw .invalid(place: place, problem: "what such a header holds is not published")
        }
        switch field {
        case .properties, .traits, .context, .integrations:
            throw .invalid(place: place, problem: "a header is no object")
        case .type, .event, .name, .category, .userID, .anonymousID, .messageID, .groupID,
            .previousID, .timestamp:
            return name
        }
    }

    /// Refuses a constant that no call could have in that field.
    private static func check(
        _ constant: JSONValue, of field: Field, at place: String
    ) throws(PartnerError) {
        guard constant.range.count <= maximumConstant else {
            throw .invalid(place: place, problem: "longer than \(maximumConstant) bytes")
        }
        guard !constant.isNull else { return }
        switch field {
        case .type:
            guard let type = constant.string,
                CallType.ofClients.contains(where: { $0.rawValue == type })
            else {
                throw .invalid(place: place, problem: "not one of \(CallType.namesOfClients)")
            }
        case .messageID:
            throw .invalid(
                place: place, problem: "one messageId for all would make all one message")
        case .timestamp:
            throw .invalid(
                place: place, problem: "one time for all; leave it out for the arrival's")
        case .event, .name, .category, .userID, .anonymousID, .groupID, .previousID:
            guard constant.kind == .string, !constant.equals("") else {
                throw .invalid(place: place, problem: "not a string with at least one character")
            }
        case .properties, .traits, .context, .integrations:
            guard constant.kind == .object else {
                throw .invalid(place: place, problem: "not an object")
            }
        }
    }

    /// The constant in a text of its own, which does not keep the record's alive.
    private static func copy(_ value: JSONValue, at place: String) throws(PartnerError) -> JSONValue
    {
        do throws(JSONError) {
            return try JSONText(Array(value.raw)).root
        } catch {
            throw .invalid(place: place, problem: error.reason)
        }
    }
}
