internal import Formats

/// An event's `data`, with the members that have a rule found in one pass.
///
/// Of a repeated name the last value counts.
struct CustomerIOData {
    /// The object itself; nil if there is none.
    let object: JSONValue?
    /// A place for each of ``DataMapping/rules``.
    private var values = [JSONValue?](repeating: nil, count: DataMapping.rules.count)

    init(_ value: JSONValue?) {
        object = value?.kind == .object ? value : nil
        guard let object else { return }
        for member in object.members {
            guard let place = DataMapping.place(of: member.name) else { continue }
            values[place] = member.value
        }
    }

    /// A member that has a rule, null included.
    subscript(_ name: String) -> JSONValue? {
        DataMapping.rules.firstIndex { $0.member == name }.flatMap { values[$0] }
    }

    /// A member that says something: text that is not blank, or a number.
    func text(_ name: String) -> JSONValue? { self[name].flatMap { $0.isText ? $0 : nil } }

    func identifier(_ name: String) -> JSONValue? {
        guard let identifiers = self["identifiers"], identifiers.kind == .object,
            let value = identifiers[name], value.isText
        else { return nil }
        return value
    }

    /// True for the last member of its name, which has the rule at this place.
    func isLast(_ member: JSONMember, at place: Int) -> Bool {
        values[place]?.range == member.value.range
    }

    /// The names of the properties that the members become.
    ///
    /// Made once for all that stands beside `data`: asked one by one, each of those names would cost
    /// a look at every member.
    var propertyNames: Set<[UInt8]> {
        guard let object else { return [] }
        var names: Set<[UInt8]> = []
        for member in object.members { names.insert(member.name.utf8 ?? []) }
        for (rule, value) in zip(DataMapping.rules, values) where value != nil {
            switch rule.use {
            case .rename(let name), .copyForEmail(let name): names.insert(Array(name.utf8))
            case .person, .keep, .asText, .drop, .keepOfPreferences, .renameIfTaken: continue
            }
        }
        return names
    }
}

extension JSONValue {
    /// True for a number, and for a string of more than white space.
    var isText: Bool {
        switch kind {
        case .number: true
        case .string: utf8?.contains { $0 > 0x20 } == true
        case .object, .array, .true, .false, .null: false
        }
    }
}
