package import Formats

/// A call before it is checked: its fields, and the members that no field took.
///
/// A sender that speaks Segment's language has its calls parsed; another one makes drafts of what it
/// was sent.
package struct CallDraft {
    /// A member under a name that is no field's.
    package struct Member {
        let name: DraftValue
        let value: DraftValue

        package init(_ name: DraftValue, _ value: DraftValue) {
            self.name = name
            self.value = value
        }
    }

    /// A place for each ``CallField``.
    private var values = [DraftValue?](repeating: nil, count: CallField.count)
    /// Published last, in order.
    package private(set) var others: [Member] = []
    /// What was sent: ids are derived from it, and it is kept if the call is rejected.
    package let source: JSONValue
    /// Bytes of the call as JSON; of a draft that was made, without its type.
    private(set) var size: Int

    /// A call without fields, to be made of what was sent.
    package init(madeOf source: JSONValue) {
        self.source = source
        // The brackets, but no comma after the last member.
        size = 1
    }

    /// The field's value; nil if the call has none.
    package subscript(_ field: CallField) -> DraftValue? { values[field.rawValue] }

    /// Gives a field its value, once.
    package mutating func set(_ field: CallField, _ value: DraftValue) {
        // Quotes, a colon and a comma.
        size += field.spelling.utf8.count + value.raw.count + 4
        values[field.rawValue] = CallDraft.value(value, of: field)
    }

    package mutating func add(_ member: Member) {
        size += member.name.raw.count + member.value.raw.count + 2
        others.append(member)
    }

    /// What a member says of its field; nil if it says nothing.
    ///
    /// Null says nothing, and neither does an empty string of an id or a time. An empty array is an
    /// empty map, because PHP has one spelling for both.
    private static func value(_ value: DraftValue, of field: CallField) -> DraftValue? {
        guard case .json(let json) = value else { return value }
        switch json.kind {
        case .null: return nil
        case .string where (field.isID || field.isTime) && json.content.isEmpty: return nil
        case .array where field.isMap && Tracking.isMap(json): return emptyMap
        case .object, .array, .string, .number, .true, .false: return value
        }
    }

    private static let emptyMap = (try? JSONText(Array("{}".utf8))).map { text in
        DraftValue.json(text.root)
    }
}

extension CallDraft {
    /// Reads a call's fields in any casing, in one pass.
    ///
    /// `userId`, `user_id`, `UserID` name the same field. If several are there the spec's own
    /// spelling wins, and the others stay among ``others``. A name repeated in one spelling counts
    /// with its last value.
    package init(parsing call: JSONValue) {
        source = call
        size = call.range.count
        var aliases: [Alias] = []
        for member in call.members {
            guard let match = CallField.match(member.name) else {
                others.append(Member(.json(member.name), .json(member.value)))
                continue
            }
            if match.isExact {
                values[match.field.rawValue] = Self.value(.json(member.value), of: match.field)
            } else {
                aliases.append(Alias(field: match.field, member: member))
            }
        }
        if !aliases.isEmpty { settle(aliases) }
    }

    /// Gives fields that have no value yet that of their first other spelling.
    private mutating func settle(_ aliases: [Alias]) {
        var spellings = [JSONValue?](repeating: nil, count: CallField.count)
        for alias in aliases where alias.field != .writeKey {
            let place = alias.field.rawValue
            guard let value = Self.value(.json(alias.member.value), of: alias.field) else {
                continue
            }
            if values[place] == nil {
                (values[place], spellings[place]) = (value, alias.member.name)
            } else if let spelling = spellings[place],
                spelling.raw.elementsEqual(alias.member.name.raw)
            {
                values[place] = value
            } else {
                others.append(Member(.json(alias.member.name), .json(alias.member.value)))
            }
        }
    }

    /// A member that names a field in another spelling.
    private struct Alias {
        let field: CallField
        let member: JSONMember
    }
}

/// True for an object, and for an empty array, which is how PHP writes an object without members.
package func isMap(_ value: JSONValue) -> Bool {
    value.kind == .object || value.kind == .array && value.elements.isEmpty
}
