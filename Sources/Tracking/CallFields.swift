package import Formats

/// A call's fields in any casing, found in one pass.
///
/// `userId`, `user_id`, `UserID` name the same field; where several are there the spec's own
/// spelling wins, and the others stay among ``others``. A name repeated in one spelling counts
/// with its last value. Null counts as absent, and so does an empty string for an id or a time; an
/// empty array for a map is an empty object, because PHP has one spelling for both.
struct CallFields {
    enum Name: Int {
        // In the order in which they are published.
        case type, messageID, userID, anonymousID, event, name, category, groupID, previousID
        case properties, traits, context, integrations
        case timestamp, originalTimestamp, sentAt, receivedAt
        case writeKey

        var spelling: String {
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

    /// A place for each ``Name``.
    private var values = [18 of JSONValue?](repeating: nil)
    /// Everything else, as it came.
    private(set) var others: [JSONMember] = []

    init(_ call: JSONValue) {
        var aliases: [(name: Name, member: JSONMember)] = []
        for member in call.members {
            guard let (name, isExact) = Self.field(named: member.name) else {
                others.append(member)
                continue
            }
            if isExact {
                values[name.rawValue] = Self.value(member.value, of: name)
            } else {
                aliases.append((name, member))
            }
        }
        for (name, member) in aliases {
            guard name != .writeKey, let value = Self.value(member.value, of: name) else {
                continue
            }
            if values[name.rawValue] == nil {
                values[name.rawValue] = value
            } else {
                others.append(member)
            }
        }
    }

    subscript(_ name: Name) -> JSONValue? { values[name.rawValue] }

    /// What a member says of its field; nil where it says nothing.
    private static func value(_ value: JSONValue, of name: Name) -> JSONValue? {
        switch value.kind {
        case .null: nil
        case .string where value.content.isEmpty && (name.isID || name.isTime): nil
        case .array where name.isMap && Tracking.isMap(value): emptyMap
        case .object, .array, .string, .number, .true, .false: value
        }
    }

    private static let emptyMap = (try? JSONText(Array("{}".utf8)))?.root

    /// The field that a name means, and whether it is the spec's own spelling.
    static func field(named name: JSONValue) -> (name: Name, isExact: Bool)? {
        if let plain = name.plainContent { return field(plain.span) }
        let unescaped = name.utf8 ?? []
        return field(unescaped.span)
    }

    static func field(_ spelling: Span<UInt8>) -> (name: Name, isExact: Bool)? {
        // The longest name is 17 letters, and twice as long with separators.
        guard (4...40).contains(spelling.count) else { return nil }
        let underscore = UInt8(ascii: "_")
        // Only between letters an underscore is another casing: `_name` is somebody's own field.
        guard spelling[0] != underscore, spelling[spelling.count - 1] != underscore else {
            return nil
        }
        var length = 0
        for index in spelling.indices where spelling[index] != underscore { length &+= 1 }
        let candidates = names(of: length)
        for index in candidates.indices {
            guard let name = candidates[index] else { break }
            if let isExact = compare(spelling, name.spelling.utf8.span) { return (name, isExact) }
        }
        return nil
    }

    /// Nil unless both are the same letters apart from case and underscores; true where they are the
    /// same altogether.
    private static func compare(_ spelling: Span<UInt8>, _ canonical: Span<UInt8>) -> Bool? {
        var isExact = true
        var letter = 0
        for index in spelling.indices {
            let byte = spelling[index]
            guard byte != UInt8(ascii: "_") else {
                isExact = false
                continue
            }
            guard byte | 0x20 == canonical[letter] | 0x20 else { return nil }
            if byte != canonical[letter] { isExact = false }
            letter &+= 1
        }
        return isExact
    }

    /// The fields whose names have that many letters.
    private static func names(of length: Int) -> [3 of Name?] {
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
package func isCallField(_ name: JSONValue) -> Bool { CallFields.field(named: name) != nil }

/// True for a name, in any casing, of the field that authenticates a call.
package func isWriteKey(_ name: JSONValue) -> Bool {
    CallFields.field(named: name)?.name == .writeKey
}

/// True for an object, and for an empty array, which is how PHP writes an object without members.
package func isMap(_ value: JSONValue) -> Bool {
    value.kind == .object || value.kind == .array && value.elements.isEmpty
}
