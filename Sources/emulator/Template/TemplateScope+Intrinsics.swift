/// An intrinsic function with its argument, from `!Name argument` or `Fn::Name: argument`.
struct Intrinsic {
    let name: String
    let argument: TemplateNode

    init?(_ node: TemplateNode) {
        if let tag = node.tag {
            name = String(tag.dropFirst())
            argument = TemplateNode(content: node.content, line: node.line)
        } else if let map = node.map, map.count == 1, let only = map.first,
            only.name == "Ref" || only.name == "Condition" || only.name.hasPrefix("Fn::")
        {
            name = only.name.hasPrefix("Fn::") ? String(only.name.dropFirst(4)) : only.name
            argument = only.value
        } else {
            return nil
        }
    }
}

extension TemplateScope {
    /// The node with every intrinsic function in it computed.
    ///
    /// Members and elements that became `AWS::NoValue` are gone.
    func resolve(_ node: TemplateNode) throws(TemplateError) -> TemplateNode {
        if let intrinsic = Intrinsic(node) { return try compute(intrinsic, at: node) }
        switch node.content {
        case .text, .absent: return node
        case .list(let list):
            var resolved: [TemplateNode] = []
            for element in list {
                let element = try resolve(element)
                if !element.isAbsent { resolved.append(element) }
            }
            return TemplateNode(content: .list(resolved), line: node.line)
        case .map(let map):
            var resolved: [(name: String, value: TemplateNode)] = []
            for (name, value) in map {
                let value = try resolve(value)
                if !value.isAbsent { resolved.append((name, value)) }
            }
            return TemplateNode(content: .map(resolved), line: node.line)
        }
    }

    private func compute(
        _ intrinsic: Intrinsic, at node: TemplateNode
    ) throws(TemplateError) -> TemplateNode {
        let argument = intrinsic.argument
        switch intrinsic.name {
        case "Ref":
            guard let name = argument.text else {
                throw TemplateError(node, "Ref takes a name")
            }
            return text(try reference(name, at: node.line), node)
        case "GetAtt": return text(try getAttribute(argument), node)
        case "Sub": return text(try substitute(argument), node)
        case "Join": return text(try join(argument), node)
        case "Split": return TemplateNode(content: .list(try split(argument)), line: node.line)
        case "Select": return try select(argument)
        case "If":
            guard let parts = argument.list, parts.count == 3, let name = parts[0].text else {
                throw TemplateError(node, "If takes a condition and two values")
            }
            return try resolve(try isTrue(condition: name, at: node.line) ? parts[1] : parts[2])
        case "Equals", "Not", "And", "Or", "Condition":
            return text(try evaluate(node, depth: 0) ? "true" : "false", node)
        default:
            throw TemplateError(node, "the emulator does not know the function \(intrinsic.name)")
        }
    }

    private func text(_ text: String?, _ node: TemplateNode) -> TemplateNode {
        TemplateNode(content: text.map { .text($0) } ?? .absent, line: node.line)
    }

    private func getAttribute(_ argument: TemplateNode) throws(TemplateError) -> String {
        let parts: [String]
        if let list = argument.list {
            parts = list.compactMap(\.text)
        } else {
            parts = argument.text?.split(separator: ".", maxSplits: 1).map(String.init) ?? []
        }
        guard parts.count == 2 else {
            throw TemplateError(argument, "GetAtt takes a resource and an attribute")
        }
        return try attribute(parts[1], of: parts[0], at: argument.line)
    }

    private func join(_ argument: TemplateNode) throws(TemplateError) -> String {
        guard let parts = argument.list, parts.count == 2, let separator = parts[0].text,
            let list = try resolve(parts[1]).list
        else { throw TemplateError(argument, "Join takes a separator and a list") }
        return list.compactMap(\.text).joined(separator: separator)
    }

    private func split(_ argument: TemplateNode) throws(TemplateError) -> [TemplateNode] {
        guard let parts = argument.list, parts.count == 2, let separator = parts[0].text,
            !separator.isEmpty, let whole = try resolve(parts[1]).text
        else { throw TemplateError(argument, "Split takes a separator and a text") }
        return whole.split(separator: separator, omittingEmptySubsequences: false).map {
            TemplateNode(content: .text(String($0)), line: argument.line)
        }
    }

    private func select(_ argument: TemplateNode) throws(TemplateError) -> TemplateNode {
        guard let parts = argument.list, parts.count == 2,
            let place = try resolve(parts[0]).text.flatMap({ Int($0) }),
            let list = try resolve(parts[1]).list, list.indices.contains(place)
        else { throw TemplateError(argument, "Select takes a place in a list, and the list") }
        return list[place]
    }

    private func substitute(_ argument: TemplateNode) throws(TemplateError) -> String {
        var own: TemplateNode?
        var pattern = argument.text
        if let parts = argument.list, parts.count == 2 {
            pattern = parts[0].text
            own = parts[1]
        }
        guard let pattern else {
            throw TemplateError(argument, "Sub takes a text, or a text and a map")
        }
        var result = ""
        var rest = pattern[...]
        while let start = rest.firstIndex(of: "$") {
            result += rest[..<start]
            rest = rest[start...]
            guard rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") else {
                result.append("$")
                rest.removeFirst()
                continue
            }
            let name = String(rest[rest.index(start, offsetBy: 2)..<end])
            rest = rest[rest.index(after: end)...]
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else if let value = own?[name] {
                result += try resolve(value).text ?? ""
            } else if let dot = name.firstIndex(of: ".") {
                result += try attribute(
                    String(name[name.index(after: dot)...]), of: String(name[..<dot]),
                    at: argument.line)
            } else {
                result += try reference(name, at: argument.line) ?? ""
            }
        }
        return result + rest
    }

    /// The truth of a condition's expression.
    func evaluate(_ node: TemplateNode, depth: Int) throws(TemplateError) -> Bool {
        guard depth < 50, let intrinsic = Intrinsic(node) else {
            throw TemplateError(node, "it is no condition")
        }
        let argument = intrinsic.argument
        if intrinsic.name == "Condition", let name = argument.text {
            return try isTrue(condition: name, at: node.line, depth: depth + 1)
        }
        guard let parts = argument.list else {
            throw TemplateError(node, "\(intrinsic.name) takes a list")
        }
        switch (intrinsic.name, parts.count) {
        case ("Equals", 2):
            return try resolve(parts[0]).text == resolve(parts[1]).text
        case ("Not", 1):
            return try !evaluate(parts[0], depth: depth + 1)
        case ("And", 2...10):
            for part in parts where try !evaluate(part, depth: depth + 1) { return false }
            return true
        case ("Or", 2...10):
            for part in parts where try evaluate(part, depth: depth + 1) { return true }
            return false
        default:
            throw TemplateError(node, "\(intrinsic.name) is no condition of \(parts.count) parts")
        }
    }
}
