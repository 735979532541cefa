import Formats

/// A line of a function's log, as JSON or as text.
struct RequestLine {
    private enum Form {
        case json(JSONValue)
        /// The words after the message.
        case text(message: String, id: String, words: [Substring])
    }

    private let form: Form

    /// Nil for a line that no logger of Inlet has written.
    init?(_ line: String) {
        if line.hasPrefix("{") {
            guard let root = (try? JSONText(Array(line.utf8)))?.root, root.kind == .object else {
                return nil
            }
            form = .json(root)
            return
        }
        // time, id, level and message with `name=value` after it, between tabs.
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard parts.count >= 4 else { return nil }
        let words = parts[3].split(separator: " ")
        form = .text(
            message: words.first.map(String.init) ?? "", id: String(parts[1]),
            words: Array(words.dropFirst()))
    }

    /// What the line is about, such as `request`.
    var message: String {
        switch form {
        case .json(let root): root["message"]?.string ?? ""
        case .text(let message, _, _): message
        }
    }

    /// True for the line that is written about each request.
    var isOfRequest: Bool {
        guard message == "request" else { return false }
        return switch form {
        case .json: true
        // Such a text may be another's.
        case .text: self["outcome"] != nil
        }
    }

    /// What it says beside its time, level, message and ids, and what is for metrics alone.
    var fields: [NamedValue] {
        let left = [
            "timestamp", "level", "message", "requestId", "lambdaRequestId", "stage", "_aws",
        ]
        switch form {
        case .json(let root):
            return root.members.compactMap { member in
                guard let name = member.name.string, !left.contains(name) else { return nil }
                let value = member.value
                return NamedValue(name, value.string ?? String(decoding: value.raw, as: UTF8.self))
            }
        case .text(_, _, let words):
            let names = words.compactMap { word -> String? in
                guard let end = word.firstIndex(of: "=") else { return nil }
                return String(word[..<end])
            }
            return names.compactMap { name in
                left.contains(name) ? nil : self[name].map { NamedValue(name, $0) }
            }
        }
    }

    /// The ids that it names: the front's and Lambda's.
    var ids: [String] {
        switch form {
        case .json: ["requestId", "lambdaRequestId"].compactMap { self[$0] }
        case .text(_, let id, _): [id] + ["lambdaRequestId"].compactMap { self[$0] }
        }
    }

    /// A field's value as text.
    subscript(name: String) -> String? {
        switch form {
        case .json(let root):
            guard let value = root[name]?.unlessNull else { return nil }
            return value.string ?? String(decoding: value.raw, as: UTF8.self)
        case .text(_, _, let words):
            guard let start = words.firstIndex(where: { $0.hasPrefix("\(name)=") }) else {
                return nil
            }
            // A value may have spaces, and ends before the next name.
            let rest = words[(start + 1)...].prefix { !$0.contains("=") }
            return ([words[start].dropFirst(name.count + 1)] + rest).joined(separator: " ")
        }
    }
}
