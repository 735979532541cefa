internal import Formats
internal import Tracking

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
            value, at: place, keys: fields.map(\.spelling), mistakes: &mistakes)
        var sources: Sources = [:]
        for field in fields {
            guard let value = record[field.spelling] else { continue }
            let place = record.place(of: field.spelling)
            sources[field] = try mistakes.gather { () throws(PartnerError) in
                try Self.sources(value, of: field, at: place)
            }
        }
        try mistakes.check()
        return sources
    }

    private static func sources(
        _ value: JSONValue, of field: CallField, at place: String
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
        _ value: JSONValue, of field: CallField, at place: String
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
        _ value: JSONValue, of field: CallField, at place: String
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
            .previousID, .timestamp, .originalTimestamp, .sentAt, .receivedAt, .writeKey:
            return name
        }
    }

    /// Refuses a constant that no call could have in that field.
    private static func check(
        _ constant: JSONValue, of field: CallField, at place: String
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
        case .timestamp, .originalTimestamp, .sentAt, .receivedAt, .writeKey:
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
