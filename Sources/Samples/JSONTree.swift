import Formats

/// A JSON value under construction.
indirect enum JSONTree {
    case object([(name: String, value: JSONTree)])
    /// As it is written.
    case value(String)

    /// Puts a value at a place, unless there is something already.
    mutating func set(_ place: ArraySlice<String>, _ value: String) {
        guard case .object(var members) = self, let name = place.first else { return }
        let rest = place.dropFirst()
        let found = members.firstIndex { $0.name == name }
        let at = found ?? members.count
        if found == nil {
            members.append((name, rest.isEmpty ? .value(value) : .object([])))
        }
        members[at].value.set(rest, value)
        self = .object(members)
    }

    var text: String {
        switch self {
        case .value(let text): text
        case .object(let members):
            "{"
                + members.map { "\(Self.quoted($0.name)):\($0.value.text)" }
                .joined(separator: ",") + "}"
        }
    }

    /// A text as JSON has it.
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }
}
