import Formats

/// A value of the template and the line it stands on, intrinsic functions included.
struct TemplateNode: Sendable {
    enum Content: Sendable {
        case text(String)
        case list([TemplateNode])
        /// In the order of the file.
        case map([(name: String, value: TemplateNode)])
        /// `null`, nothing at all, or `AWS::NoValue` once resolved.
        case absent
    }

    let content: Content
    /// A tag such as `!Ref`.
    var tag: String?
    /// From 1.
    let line: Int
    /// True for a text without quotes, which YAML may take for a number or a truth value.
    var isPlain = false

    var text: String? {
        guard case .text(let text) = content else { return nil }
        return text
    }

    var list: [TemplateNode]? {
        guard case .list(let list) = content else { return nil }
        return list
    }

    var map: [(name: String, value: TemplateNode)]? {
        guard case .map(let map) = content else { return nil }
        return map
    }

    var isAbsent: Bool {
        guard case .absent = content else { return false }
        return true
    }

    /// The member of that name, if this is a map that has it.
    subscript(_ name: String) -> TemplateNode? { map?.first { $0.name == name }?.value }
}

extension TemplateNode {
    /// The value as JSON; its intrinsic functions must be resolved.
    func write(to writer: inout JSONWriter) {
        switch content {
        case .absent: writer.null()
        case .list(let list):
            writer.array { writer in for element in list { element.write(to: &writer) } }
        case .map(let map):
            writer.object { writer in
                for (name, value) in map {
                    writer.name(name)
                    value.write(to: &writer)
                }
            }
        case .text(let text):
            let value = Array(text.utf8)
            let kind = (try? JSONText(value))?.root.kind
            let isLiteral = kind == .number || kind == .true || kind == .false
            if isPlain, isLiteral { writer.raw(value[...]) } else { writer.string(text) }
        }
    }
}

/// A part of a template that the emulator does not understand, and its line.
struct TemplateError: Error, Equatable {
    /// From 1.
    let line: Int
    /// A sentence without its full stop.
    let reason: String

    init(_ line: Int, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    init(_ node: TemplateNode, _ reason: String) { self.init(node.line, reason) }
}
