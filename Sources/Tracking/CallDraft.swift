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

    /// For each ``CallField`` where its value is: a parsed call needs no allocation for its fields.
    ///
    /// As many as ``CallField/count``, which a type cannot name: with one too few, the last field
    /// would have no slot.
    private var slots = [18 of Slot](repeating: .empty)
    /// Values that are not part of the source's text.
    private var given: [DraftValue] = []
    /// Published last, in order.
    package private(set) var others: [Member] = []
    /// What was sent: ids are derived from it, and it is kept if the call is rejected.
    package let source: JSONValue
    /// Bytes of the call as JSON; of a draft that was made, without its type.
    private(set) var size: Int

    private enum Slot {
        case empty
        case parsed(JSONPlace)
        /// Its place among ``given``.
        case given(Int32)
    }

    /// A call without fields, to be made of what was sent.
    package init(madeOf source: JSONValue) {
        self.source = source
        // The brackets, but no comma after the last member.
        size = 1
    }

    /// The field's value; nil if the call has none.
    package subscript(_ field: CallField) -> DraftValue? {
        switch slots[field.rawValue] {
        case .empty: nil
        case .parsed(let place): .json(source.value(at: place))
        case .given(let place): given[Int(place)]
        }
    }

    /// True if the call has a value for the field.
    func has(_ field: CallField) -> Bool {
        if case .empty = slots[field.rawValue] { false } else { true }
    }

    /// Gives a field its value, once.
    package mutating func set(_ field: CallField, _ value: DraftValue) {
        // Quotes, a colon and a comma.
        size += field.spelling.utf8.count + value.raw.count + 4
        guard case .json(let json) = value else { return fill(field, with: value) }
        switch Self.meaning(json, of: field) {
        case .nothing: slots[field.rawValue] = .empty
        case .emptyMap: if let map = Self.emptyMap { fill(field, with: map) }
        case .itself: fill(field, with: value)
        }
    }

    /// Gives a field the value that a member of the source has.
    private mutating func parse(_ field: CallField, _ place: JSONPlace) {
        switch Self.meaning(source.value(at: place), of: field) {
        case .nothing: slots[field.rawValue] = .empty
        case .emptyMap: if let map = Self.emptyMap { fill(field, with: map) }
        case .itself: slots[field.rawValue] = .parsed(place)
        }
    }

    private mutating func fill(_ field: CallField, with value: DraftValue) {
        slots[field.rawValue] = .given(Int32(truncatingIfNeeded: given.count))
        given.append(value)
    }

    package mutating func add(_ member: Member) {
        size += member.name.raw.count + member.value.raw.count + 2
        others.append(member)
    }

    private enum Meaning {
        case nothing
        case emptyMap
        case itself
    }

    /// What a member's value says of its field.
    ///
    /// Null says nothing, and neither does an empty string of an id or a time. An empty array is an
    /// empty map, because PHP has one spelling for both.
    private static func meaning(_ json: JSONValue, of field: CallField) -> Meaning {
        switch json.kind {
        case .null: .nothing
        case .string where field.isID || field.isTime: json.content.isEmpty ? .nothing : .itself
        case .array where field.isMap && Tracking.isMap(json): .emptyMap
        case .object, .array, .string, .number, .true, .false: .itself
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
        call.forEachMember { name, value in
            guard let match = CallField.match(name, in: call) else {
                others.append(Member(.json(call.value(at: name)), .json(call.value(at: value))))
                return
            }
            if match.isExact {
                parse(match.field, value)
            } else {
                aliases.append(Alias(field: match.field, name: call.value(at: name), value: value))
            }
        }
        if !aliases.isEmpty { settle(aliases) }
    }

    /// Gives fields that have no value yet that of their first other spelling.
    private mutating func settle(_ aliases: [Alias]) {
        var spellings = [JSONValue?](repeating: nil, count: CallField.count)
        for alias in aliases where alias.field != .writeKey {
            let place = alias.field.rawValue
            let value = source.value(at: alias.value)
            if case .nothing = Self.meaning(value, of: alias.field) { continue }
            if !has(alias.field) {
                parse(alias.field, alias.value)
                spellings[place] = alias.name
            } else if let spelling = spellings[place], spelling.raw.elementsEqual(alias.name.raw) {
                parse(alias.field, alias.value)
            } else {
                others.append(Member(.json(alias.name), .json(value)))
            }
        }
    }

    /// A member that names a field in another spelling.
    private struct Alias {
        let field: CallField
        let name: JSONValue
        let value: JSONPlace
    }
}

/// True for an object, and for an empty array, which is how PHP writes an object without members.
package func isMap(_ value: JSONValue) -> Bool {
    value.kind == .object || value.kind == .array && value.elements.isEmpty
}
