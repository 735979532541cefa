import Formats

/// JSON for people: a member or an element in a line, values as they were written.
enum IndentedJSON {
    /// The text of one JSON value, with a line break at its end.
    ///
    /// What is not JSON stays as it is.
    static func text(of json: [UInt8]) -> String {
        guard let root = (try? JSONText(json))?.root else {
            return String(decoding: json, as: UTF8.self)
        }
        return text(of: root, depth: 0) + "\n"
    }

    private static func text(of value: JSONValue, depth: Int) -> String {
        switch value.kind {
        case .object:
            list(
                value.members.map { member in
                    "\(raw(member.name)): \(text(of: member.value, depth: depth + 1))"
                }, "{", "}", depth)
        case .array:
            list(value.elements.map { text(of: $0, depth: depth + 1) }, "[", "]", depth)
        case .string, .number, .true, .false, .null: raw(value)
        }
    }

    private static func raw(_ value: JSONValue) -> String {
        String(decoding: value.raw, as: UTF8.self)
    }

    private static func list(
        _ parts: [String], _ open: String, _ close: String, _ depth: Int
    ) -> String {
        guard !parts.isEmpty else { return open + close }
        let indent = "\n" + String(repeating: "  ", count: depth + 1)
        return open + indent + parts.joined(separator: ",\(indent)") + "\n"
            + String(repeating: "  ", count: depth) + close
    }
}
