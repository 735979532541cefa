/// An AWS config or credentials file.
///
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". `#` and `;`
/// begin a comment at a line's start, or after white space. A key's case does not count; of two
/// equal keys the later counts.
struct ConfigFile: Sendable {
    /// A section's values by key; the key of an indented line is `parent/key`.
    struct Section: Sendable {
        fileprivate let name: String
        private var values: [Value] = []

        private struct Value {
            let key: String
            let text: String
        }

        fileprivate init(_ name: String) { self.name = name }

        fileprivate mutating func add(_ key: String, _ text: String) {
            values.append(Value(key: key, text: text))
        }

        fileprivate mutating func add(_ other: Section) { values += other.values }

        subscript(key: String) -> String? { values.last { $0.key == key }?.text }
    }

    /// Lists, because the types of dictionaries take a tenth of a start to make, and most functions
    /// have no such file.
    private var sections: [Section] = []

    init() {}

    /// Lines that are none of section, key and comment are passed over.
    init(_ bytes: [UInt8]) {
        var isInSection = false
        var parent: String?
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = Self.trimmed(String(decoding: line, as: UTF8.self)[...])
            guard let first = text.first, first != "#", first != ";" else { continue }
            if first == "[" {
                let end = text.firstIndex(of: "]")
                if let end { sections.append(Section(Self.name(text[..<end].dropFirst()))) }
                isInSection = end != nil
                parent = nil
                continue
            }
            guard isInSection, let equals = text.firstIndex(of: "=") else { continue }
            var key = Self.trimmed(text[..<equals]).lowercased()
            let value = Self.trimmed(Self.withoutComment(text[equals...].dropFirst()))
            let isIndented = line.first == 0x20 || line.first == 0x09
            if isIndented {
                guard let parent else { continue }
                key = "\(parent)/\(key)"
            } else {
                parent = value.isEmpty ? key : nil
            }
            sections[sections.count - 1].add(key, String(value))
        }
    }

    /// A section, `default`, `profile name` or `services name`; nil when the file has none.
    subscript(section: String) -> Section? {
        var found: Section?
        // A section may be begun several times.
        for other in sections where other.name == section {
            if found == nil { found = other } else { found?.add(other) }
        }
        return found
    }

    /// A section's name with single spaces and without quotes.
    private static func name(_ text: Substring) -> String {
        text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            .filter { $0 != "\"" && $0 != "'" }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let last = text.lastIndex(where: { !isSpace($0) }) else { return "" }
        return text[...last].drop(while: isSpace)
    }

    private static func withoutComment(_ value: Substring) -> Substring {
        var previous: Character?
        for index in value.indices {
            let character = value[index]
            if character == "#" || character == ";", previous == " " || previous == "\t" {
                return value[..<index]
            }
            previous = character
        }
        return value
    }
}
