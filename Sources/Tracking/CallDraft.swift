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

    /// For each ``CallField`` where its value is: a parsed call needs one allocation for its fields.
    ///
    /// Codes of ``Slot``. Of an inline array the compiler copies all to look at one of them.
    private var slots = [Int32](repeating: Slot.empty.code, count: CallField.count)
    /// Values that are not part of the source's text.
    private var given: [DraftValue] = []
    /// Published last, in order.
    package private(set) var others: [Member] = []
    /// What was sent: ids are derived from it, and it is kept if the call is rejected.
    package let source: JSONValue
    /// Of the source's text.
    private let bytes: [UInt8]
    /// Bytes of the call as JSON; of a draft that was made, without its type.
    private(set) var size: Int

    /// Where a field's value is.
    private enum Slot {
        case empty
        case parsed(JSONPlace)
        /// Its place among ``given``.
        case given(Int)

        /// A place of the text from 0; or from −2 downwards one among ``given``.
        @inline(__always)
        init(code: Int32) {
            switch code {
            case 0...: self = .parsed(JSONPlace(index: code))
            case -1: self = .empty
            default: self = .given(Int(-2 - code))
            }
        }

        @inline(__always)
        var code: Int32 {
            switch self {
            case .empty: -1
            case .parsed(let place): place.index
            case .given(let place): -2 - Int32(truncatingIfNeeded: place)
            }
        }
    }

    @inline(__always)
    private func slot(of field: CallField) -> Slot { Slot(code: slots[field.rawValue]) }

    private mutating func set(_ field: CallField, to slot: Slot) {
        slots[field.rawValue] = slot.code
    }

    /// A call without fields, to be made of what was sent.
    package init(madeOf source: JSONValue) {
        self.source = source
        bytes = source.text.bytes
        // The brackets, but no comma after the last member.
        size = 1
    }

    /// The field's value; nil if the call has none.
    package subscript(_ field: CallField) -> DraftValue? {
        switch slot(of: field) {
        case .empty: nil
        case .parsed(let place): .json(source.value(at: place))
        case .given(let place): given[place]
        }
    }

    /// True if the call has a value for the field.
    func has(_ field: CallField) -> Bool { kind(of: field) != nil }

    /// What kind the field's value has; nil if the call has none.
    func kind(of field: CallField) -> JSONKind? {
        switch slot(of: field) {
        case .empty: nil
        case .parsed(let place): source.text.kind(at: place)
        case .given(let place): given[place].kind
        }
    }

    /// What kind a member of the field's value has, if that is an object that was sent.
    func kind(of member: String, in field: CallField) -> JSONKind? {
        switch slot(of: field) {
        case .empty: nil
        case .parsed(let place):
            source.text.member(member, of: place).map { source.text.kind(at: $0) }
        case .given(let place): given[place].json?[member]?.kind
        }
    }

    /// True for a string of these characters.
    func equals(_ field: CallField, _ text: String) -> Bool {
        switch slot(of: field) {
        case .empty: false
        case .parsed(let place): source.value(at: place).equals(text)
        case .given(let place):
            given[place].kind == .string && given[place].callText?.text == text
        }
    }

    /// The field's value as a text, if it is one: see ``CallText``.
    func text(of field: CallField) -> CallText? {
        switch slot(of: field) {
        case .empty: nil
        case .parsed(let place): CallText.text(at: place, of: source.text)
        case .given(let place): given[place].callText
        }
    }

    /// The moment that the field's value names; nil if it names none.
    func moment(of field: CallField) -> Timestamp? {
        switch slot(of: field) {
        case .empty: nil
        case .parsed(let place): Timestamp(reading: source.value(at: place))
        case .given(let place): given[place].moment
        }
    }

    /// Writes the field's value, if there is one, as it was sent, under a field's name; a number
    /// that is an id becomes a string.
    func write(_ field: CallField, as name: CallField, to object: inout JSONWriter) {
        switch slot(of: field) {
        case .empty: return
        case .parsed(let place) where name.isID && source.text.kind(at: place) == .number:
            object.member(name.jsonName, raw: source.value(at: place).quoted.span)
        case .parsed(let place):
            object.member(
                name.jsonName, raw: bytes.span.extracting(source.text.range(at: place)))
        case .given(let place):
            let value = given[place]
            object.member(name.jsonName, raw: (name.isID ? value.quoted : value.raw).span)
        }
    }

    /// Gives a field its value, once.
    package mutating func set(_ field: CallField, _ value: DraftValue) {
        // Quotes, a colon and a comma.
        size += field.spelling.utf8.count + value.raw.count + 4
        guard case .json(let json) = value else { return fill(field, with: value) }
        switch Self.meaning(of: json.place, json.text, field) {
        case .nothing: set(field, to: .empty)
        case .emptyMap: if let map = Self.emptyMap { fill(field, with: map) }
        case .itself: fill(field, with: value)
        }
    }

    /// Gives a field the value that a member of the source has.
    private mutating func parse(_ field: CallField, _ place: JSONPlace) {
        switch Self.meaning(of: place, source.text, field) {
        case .nothing: set(field, to: .empty)
        case .emptyMap: if let map = Self.emptyMap { fill(field, with: map) }
        case .itself: set(field, to: .parsed(place))
        }
    }

    private mutating func fill(_ field: CallField, with value: DraftValue) {
        set(field, to: .given(given.count))
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
    private static func meaning(
        of place: JSONPlace, _ text: JSONText, _ field: CallField
    ) -> Meaning {
        switch text.kind(at: place) {
        case .null: .nothing
        case .string where field.isID || field.isTime:
            text.content(at: place).isEmpty ? .nothing : .itself
        case .array where field.isMap && isMap(text.root.value(at: place)): .emptyMap
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
        bytes = call.text.bytes
        size = call.range.count
        var aliases: [Alias] = []
        let (text, bytes) = (call.text, bytes)
        for member in call.memberPlaces {
            guard let match = CallField.match(member.name, in: text, bytes.span) else {
                others.append(
                    Member(.json(call.value(at: member.name)), .json(call.value(at: member.value))))
                continue
            }
            if match.isExact {
                parse(match.field, member.value)
            } else {
                aliases.append(
                    Alias(
                        field: match.field, name: call.value(at: member.name), value: member.value))
            }
        }
        if !aliases.isEmpty { settle(aliases) }
    }

    /// Gives each field without a value that of its first other spelling.
    ///
    /// A write key needs none: whatever its spelling, it is never published.
    private mutating func settle(_ aliases: [Alias]) {
        var spellings = [JSONValue?](repeating: nil, count: CallField.count)
        for alias in aliases where alias.field != .writeKey {
            let place = alias.field.rawValue
            let value = source.value(at: alias.value)
            if case .nothing = Self.meaning(of: alias.value, source.text, alias.field) { continue }
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
