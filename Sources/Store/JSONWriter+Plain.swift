internal import Formats

extension JSONWriter {
    /// Writes a value with only the escapes that JSON requires, numbers as they are.
    ///
    /// Databases compare names by their characters, and store no NUL.
    ///
    /// - Returns: false when a string holds a NUL.
    mutating func plain(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .object:
            beginObject()
            for member in value.members {
                let name = member.name.string ?? ""
                guard !name.utf8.contains(0) else { return false }
                self.name(name)
                guard plain(member.value) else { return false }
            }
            endObject()
        case .array:
            beginArray()
            for element in value.elements where !plain(element) { return false }
            endArray()
        case .string:
            let text = value.utf8 ?? []
            guard !text.contains(0) else { return false }
            string(utf8: text.span)
        case .number, .true, .false, .null:
            raw(value.raw)
        }
        return true
    }
}
