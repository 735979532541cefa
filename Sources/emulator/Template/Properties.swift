/// A resource's properties, each resolved when it is read, with what `Globals` adds.
struct Properties {
    let line: Int
    private let scope: TemplateScope
    private let own: TemplateNode?
    private let globals: TemplateNode?

    init(_ resource: TemplateNode, globals: TemplateNode?, scope: TemplateScope) {
        line = resource.line
        self.scope = scope
        own = resource["Properties"]
        self.globals = globals
    }

    /// Maps of both are merged, lists are joined, the resource's own value wins otherwise.
    ///
    /// Source: AWS SAM specification, "Globals section".
    func node(_ name: String) throws(TemplateError) -> TemplateNode? {
        let mine = try own?[name].map { node throws(TemplateError) in try scope.resolve(node) }
        let global = try globals?[name].map { node throws(TemplateError) in
            try scope.resolve(node)
        }
        guard let mine, !mine.isAbsent else { return global.flatMap { $0.isAbsent ? nil : $0 } }
        return global.map { Self.merge($0, mine) } ?? mine
    }

    func text(_ name: String) throws(TemplateError) -> String? {
        guard let node = try node(name) else { return nil }
        guard let text = node.text else { throw TemplateError(node, "\(name) must be a text") }
        return text
    }

    func int(_ name: String, in range: ClosedRange<Int>) throws(TemplateError) -> Int? {
        guard let node = try node(name) else { return nil }
        guard let value = node.text.flatMap({ Int($0) }), range.contains(value) else {
            throw TemplateError(
                node, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func texts(_ name: String) throws(TemplateError) -> [String] {
        guard let node = try node(name) else { return [] }
        guard let list = node.list else { throw TemplateError(node, "\(name) must be a list") }
        return list.compactMap(\.text)
    }

    func error(_ name: String, _ reason: String) -> TemplateError {
        TemplateError(own?[name]?.line ?? globals?[name]?.line ?? line, reason)
    }

    private static func merge(_ below: TemplateNode, _ above: TemplateNode) -> TemplateNode {
        if let first = below.list, let second = above.list {
            return TemplateNode(content: .list(first + second), line: above.line)
        }
        guard let first = below.map, let second = above.map else { return above }
        var merged = first
        for (name, value) in second {
            if let at = merged.firstIndex(where: { $0.name == name }) {
                merged[at].value = merge(merged[at].value, value)
            } else {
                merged.append((name, value))
            }
        }
        return TemplateNode(content: .map(merged), line: above.line)
    }
}
