import Formats

/// A reject as people read it: why, which fields, and where that is in the input.
struct RejectDetail {
    /// A field that is to blame.
    struct Field: Equatable {
        /// Where it is in the input, or should be.
        let path: String
        /// A sentence.
        let message: String
    }

    let code: String
    let reason: String?
    let index: Int?
    let messageID: String?
    let fields: [Field]
    /// What was rejected; nil if it is no text.
    let input: String?
    let marks: [TextMark]

    /// Reads a message of the rejected topic, and what the reply says of the same item.
    init(_ message: RecordedMessage, reply: JSONValue?, _ mask: CredentialMask) {
        let told = (try? JSONText(Array(message.text.utf8)))?.root
        code = told?["code"]?.string ?? "rejected"
        reason = told?["message"]?.string
        index = told?["index"]?.int
        let text = told?["body"]?.utf8.map { mask.hide($0) }
        input = text.map { String(decoding: $0, as: UTF8.self) }
        let entry = Self.entry(at: index, in: reply)
        let json = text.flatMap { try? JSONText($0) }
        messageID = entry?["messageId"]?.string ?? json?.root["messageId"]?.string
        let named = Self.fields(of: entry)
        let reason = reason ?? code
        fields =
            named.isEmpty
            ? (Self.blamed[code] ?? []).map { Field(path: $0, message: reason) } : named
        marks = Self.marks(in: text ?? [], json?.root, fields)
    }

    /// What the reply says of the item, or of all that was sent.
    private static func entry(at index: Int?, in reply: JSONValue?) -> JSONValue? {
        guard let index else { return reply }
        for list in [reply?["rejected"], reply?["details"]] {
            if let entry = list?.elements.first(where: { $0["index"]?.int == index }) {
                return entry
            }
        }
        return nil
    }

    private static func fields(of entry: JSONValue?) -> [Field] {
        let lists = [entry?["fields"], entry?["details"]].compactMap(\.self)
        return lists.flatMap(\.elements).compactMap { field in
            guard let path = field["path"]?.string, let message = field["message"]?.string else {
                return nil
            }
            return Field(path: path, message: message)
        }
    }

    /// The fields that a code of the spec is about.
    private static let blamed: [String: [String]] = [
        "type_not_defined": ["type"], "unsupported_type": ["type"],
        "no_user_anon_id": ["userId", "anonymousId"], "id_not_string": ["userId", "anonymousId"],
        "user_id_required": ["userId"], "event_not_defined": ["event"],
        "event_not_string": ["event"], "properties_not_object": ["properties"],
        "traits_not_object": ["traits"], "context_not_object": ["context"],
        "integrations_not_object": ["integrations"], "name_not_string": ["name"],
        "category_not_string": ["category"], "group_id_required": ["groupId"],
        "group_id_not_string": ["groupId"], "previous_id_required": ["previousId"],
        "previous_id_not_string": ["previousId"], "message_id_not_string": ["messageId"],
        "message_id_too_long": ["messageId"], "event_id_missing": ["event_id"],
    ]

    private static func marks(
        in text: [UInt8], _ root: JSONValue?, _ fields: [Field]
    ) -> [TextMark] {
        guard let root else { return [TextMark(jsonErrorIn: text)].compactMap(\.self) }
        let found = fields.map { field in
            (field: field, values: values(at: field.path, in: root))
        }
        var marks = found.flatMap { field, values in
            values.map { TextMark($0.range, of: text, why: field.message) }
        }
        // What is missing would stand in the object that begins here.
        let start = root.range.lowerBound
        for (field, values) in found where values.isEmpty {
            guard !marks.contains(where: { $0.why == field.message }) else { continue }
            marks.append(TextMark(start..<start + 1, of: text, why: field.message))
        }
        return marks
    }

    /// The values at a dotted path or a JSON Pointer; of a field of the spec in any spelling.
    private static func values(at path: String, in root: JSONValue) -> [JSONValue] {
        let tokens =
            path.hasPrefix("/")
            ? JSONPointer(path)?.tokens ?? [] : path.split(separator: ".").map(String.init)
        if let value = JSONPointer(tokens: tokens).value(in: root), !tokens.isEmpty {
            return [value]
        }
        guard tokens.count == 1 else { return [] }
        let wanted = tokens[0].lowercased().filter { $0 != "_" }
        return root.members.compactMap { member in
            let name = member.name.string?.lowercased().filter { $0 != "_" }
            return name == wanted ? member.value : nil
        }
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("code", code)
        writer.member("reason", reason)
        writer.member("index", index)
        writer.member("messageId", messageID)
        writer.list("fields", fields) { field, writer in
            writer.object { writer in
                writer.member("path", field.path)
                writer.member("message", field.message)
            }
        }
        writer.member("input", input)
        writer.list("marks", marks) { $0.write(to: &$1) }
    }
}
