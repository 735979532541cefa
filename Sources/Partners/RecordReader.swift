internal import Formats

/// A JSON object whose keys are all known, with the place of each value for errors.
struct RecordReader {
    let place: String
    private var values: [Member] = []

    init(_ value: JSONValue, at place: String, keys: [String]) throws(PartnerError) {
        var mistakes = MistakeList()
        try self.init(value, at: place, keys: keys, mistakes: &mistakes)
        try mistakes.check()
    }

    /// Reads the same, but keeps keys that are not known or given twice for later.
    init(
        _ value: JSONValue, at place: String, keys: [String], mistakes: inout MistakeList
    ) throws(PartnerError) {
        self.place = place
        guard value.kind == .object else {
            throw .invalid(place: place, problem: "not an object")
        }
        for member in value.members {
            let key = member.name.string ?? ""
            guard keys.contains(key) else {
                let known = keys.sorted().joined(separator: ", ")
                mistakes.add(
                    place: place, problem: "unknown key \"\(key.prefix(64))\"; known are \(known)")
                continue
            }
            guard !values.contains(where: { $0.key == key }) else {
                mistakes.add(place: place, problem: "\(key) is given twice")
                continue
            }
            values.append(Member(key: key, value: member.value))
        }
    }

    func place(of key: String) -> String { "\(place).\(key)" }

    /// A value that is not null.
    subscript(key: String) -> JSONValue? {
        values.first { $0.key == key }?.value.unlessNull
    }

    /// A text; nil when it is left out.
    func text(_ key: String) throws(PartnerError) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.string else {
            throw .invalid(place: place(of: key), problem: "not a string")
        }
        return text
    }

    /// A text with at least one character; nil when it is left out.
    func filledText(_ key: String) throws(PartnerError) -> String? {
        guard let text = try text(key) else { return nil }
        guard !text.isEmpty else { throw .invalid(place: place(of: key), problem: "empty") }
        return text
    }

    func time(_ key: String) throws(PartnerError) -> Timestamp? {
        guard let text = try text(key) else { return nil }
        guard let time = Timestamp(rfc3339: text.utf8) else {
            throw .invalid(
                place: place(of: key), problem: "not a time such as 2026-01-05T10:00:00.000Z")
        }
        return time
    }

    /// One of a type's raw values; nil when it is left out.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String
    ) throws(PartnerError) -> Choice? {
        guard let text = try text(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(place: place(of: key), problem: "not one of \(known)")
        }
        return choice
    }

    /// A whole number within bounds; nil when it is left out.
    func number(_ key: String, in bounds: ClosedRange<Int>) throws(PartnerError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let number = value.int, bounds.contains(number) else {
            throw .invalid(
                place: place(of: key),
                problem: "not a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// What is made of each text of an array; nil when it is left out.
    ///
    /// `make` is given what was made of the texts before it, and throws for a text that is wrong: all
    /// of those are told at once.
    func list<Element>(
        _ key: String, most: Int = .max,
        of make: (_ text: String, _ place: String, _ before: [Element]) throws(PartnerError) ->
            Element
    ) throws(PartnerError) -> [Element]? {
        guard let texts = try texts(key, most: most) else { return nil }
        var mistakes = MistakeList()
        var made: [Element] = []
        for (text, place) in texts {
            let element = try mistakes.gather { () throws(PartnerError) in
                try make(text, place, made)
            }
            if let element { made.append(element) }
        }
        try mistakes.check()
        return made
    }

    /// The texts of an array with at least one element, and the place of each; nil when left out.
    func texts(
        _ key: String, most: Int = .max
    ) throws(PartnerError) -> [(text: String, place: String)]? {
        guard let value = self[key] else { return nil }
        let place = place(of: key)
        guard value.kind == .array else { throw .invalid(place: place, problem: "not an array") }
        var texts: [(text: String, place: String)] = []
        for (index, element) in value.elements.enumerated() {
            guard index < most else {
                throw .invalid(place: place, problem: "more than \(most) elements")
            }
            guard let text = element.string else {
                throw .invalid(place: "\(place)[\(index)]", problem: "not a string")
            }
            texts.append((text, "\(place)[\(index)]"))
        }
        guard !texts.isEmpty else {
            throw .invalid(place: place, problem: "empty; leave it out instead")
        }
        return texts
    }
}

private struct Member {
    let key: String
    let value: JSONValue
}
