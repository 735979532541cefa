package import Formats

/// A field of a call in the Segment spec: the one list of their names.
package enum CallField: Int, Sendable, CaseIterable {
    // In the order in which they are published.
    case type, messageID, userID, anonymousID, event, name, category, groupID, previousID
    case properties, traits, context, integrations
    case timestamp, originalTimestamp, sentAt, receivedAt
    case writeKey

    /// How many there are: raw values are the places from 0.
    static let count = writeKey.rawValue + 1

    /// The spec's own spelling.
    package var spelling: String {
        switch self {
        case .type: "type"
        case .messageID: "messageId"
        case .userID: "userId"
        case .anonymousID: "anonymousId"
        case .event: "event"
        case .name: "name"
        case .category: "category"
        case .groupID: "groupId"
        case .previousID: "previousId"
        case .properties: "properties"
        case .traits: "traits"
        case .context: "context"
        case .integrations: "integrations"
        case .timestamp: "timestamp"
        case .originalTimestamp: "originalTimestamp"
        case .sentAt: "sentAt"
        case .receivedAt: "receivedAt"
        case .writeKey: "writeKey"
        }
    }

    /// The same for a JSON text.
    var jsonName: JSONName { Self.names[rawValue].json }

    /// The spelling in its other forms.
    private struct Name {
        let json: JSONName
        let short: ShortName?

        init(of field: CallField) {
            json = JSONName(field.spelling)
            short = ShortName(field.spelling.utf8.span)
        }
    }

    private static let names = allCases.map { Name(of: $0) }

    /// True for what tells a person, a group or a call from others.
    var isID: Bool {
        switch self {
        case .messageID, .userID, .anonymousID, .groupID, .previousID: true
        default: false
        }
    }

    var isTime: Bool {
        switch self {
        case .timestamp, .originalTimestamp, .sentAt, .receivedAt: true
        default: false
        }
    }

    var isMap: Bool {
        switch self {
        case .properties, .traits, .context, .integrations: true
        default: false
        }
    }
}

extension JSONWriter {
    mutating func member(_ field: CallField, raw value: ArraySlice<UInt8>) {
        member(field.jsonName, raw: value.span)
    }

    mutating func member(_ field: CallField, _ value: String) {
        member(field.jsonName, value)
    }
}

extension CallField {
    /// A field that a name means.
    struct Match {
        let field: CallField
        /// True for the spec's own spelling.
        let isExact: Bool
    }

    /// The field that a name means, in any casing.
    static func match(_ name: JSONValue) -> Match? {
        let bytes = name.text.bytes
        return match(name.place, in: name.text, bytes.span)
    }

    /// The same for the name at a place; `bytes` are the text's.
    static func match(_ name: JSONPlace, in text: JSONText, _ bytes: Span<UInt8>) -> Match? {
        if let plain = text.plainContent(at: name) { return match(bytes.extracting(plain)) }
        let unescaped = text.root.value(at: name).utf8 ?? []
        return match(unescaped.span)
    }

    static func match(_ spelling: Span<UInt8>) -> Match? {
        if let field = field(spelled: spelling) { return Match(field: field, isExact: true) }
        // The longest name is 17 letters, and twice as long with separators.
        guard (4...40).contains(spelling.count) else { return nil }
        let underscore = UInt8(ascii: "_")
        // Only between letters an underscore is another casing: `_name` is somebody's own field.
        guard spelling[0] != underscore, spelling[spelling.count - 1] != underscore else {
            return nil
        }
        var length = 0
        for index in spelling.indices where spelling[index] != underscore { length &+= 1 }
        let candidates = fields(of: length)
        for index in candidates.indices {
            guard let field = candidates[index] else { break }
            if isSpelling(spelling, of: field.spelling.utf8.span) {
                return Match(field: field, isExact: false)
            }
        }
        return nil
    }

    /// The field of the spec's own spelling, which most names are.
    private static func field(spelled spelling: Span<UInt8>) -> CallField? {
        let candidates = fields(of: spelling.count)
        guard candidates[0] != nil, let name = ShortName(spelling) else { return nil }
        let names = names
        for index in candidates.indices {
            guard let field = candidates[index] else { break }
            if names[field.rawValue].short == name { return field }
        }
        return nil
    }

    /// True for the same letters apart from case and underscores.
    private static func isSpelling(
        _ spelling: Span<UInt8>, of canonical: Span<UInt8>
    ) -> Bool {
        var letter = 0
        for index in spelling.indices where spelling[index] != UInt8(ascii: "_") {
            guard spelling[index] | 0x20 == canonical[letter] | 0x20 else { return false }
            letter &+= 1
        }
        return true
    }

    /// The fields whose names have that many letters.
    private static func fields(of length: Int) -> [3 of CallField?] {
        switch length {
        case 4: [.type, .name, nil]
        case 5: [.event, nil, nil]
        case 6: [.userID, .traits, .sentAt]
        case 7: [.groupID, .context, nil]
        case 8: [.category, .writeKey, nil]
        case 9: [.messageID, .timestamp, nil]
        case 10: [.properties, .previousID, .receivedAt]
        case 11: [.anonymousID, nil, nil]
        case 12: [.integrations, nil, nil]
        case 17: [.originalTimestamp, nil, nil]
        default: [nil, nil, nil]
        }
    }
}

/// True for a name, in any casing, that a call's own fields have.
package func isCallField(_ name: JSONValue) -> Bool { CallField.match(name) != nil }

/// True for a name, in any casing, of the field that authenticates a call.
package func isWriteKey(_ name: JSONValue) -> Bool { CallField.match(name)?.field == .writeKey }
