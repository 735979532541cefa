import Formats

/// An authorizer's policy, evaluated as API Gateway does.
///
/// Source: Amazon API Gateway Developer Guide, "Output from an API Gateway Lambda authorizer".
struct IAMPolicy: Sendable, Equatable {
    enum Verdict: Equatable {
        case allowed
        /// A statement denies.
        case deniedExplicitly
        /// No statement allows.
        case deniedImplicitly
    }

    struct Statement: Sendable, Equatable {
        let isAllow: Bool
        let actions: [String]
        let resources: [String]
    }

    let statements: [Statement]

    /// nil when it is none that API Gateway takes, or uses what is not emulated (`Condition`,
    /// `NotAction`, …).
    init?(_ document: JSONValue?) {
        guard let document, document.kind == .object, document["Version"]?.string != nil,
            let list = document["Statement"]
        else { return nil }
        let elements = list.kind == .object ? [list] : Array(list.elements)
        guard list.kind == .object || list.kind == .array else { return nil }
        var statements: [Statement] = []
        for element in elements {
            guard let effect = element["Effect"]?.string, effect == "Allow" || effect == "Deny",
                let actions = Self.texts(element["Action"]),
                let resources = Self.texts(element["Resource"]),
                ["Condition", "NotAction", "NotResource", "Principal"].allSatisfy({
                    element[$0]?.unlessNull == nil
                })
            else { return nil }
            statements.append(
                Statement(isAllow: effect == "Allow", actions: actions, resources: resources))
        }
        self.statements = statements
    }

    func verdict(on methodARN: String) -> Verdict {
        let matching = statements.filter { statement in
            statement.actions.contains {
                Self.matches($0.lowercased(), "execute-api:invoke")
            } && statement.resources.contains { Self.matches($0, methodARN) }
        }
        if matching.contains(where: { !$0.isAllow }) { return .deniedExplicitly }
        return matching.isEmpty ? .deniedImplicitly : .allowed
    }

    /// `*` stands for any run of characters, slashes included, `?` for one.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.utf8)
        let text = Array(text.utf8)
        var (at, position) = (0, 0)
        // Where the last star was, and how far it reaches.
        var star: (pattern: Int, text: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, position)
                at += 1
            } else if at < pattern.count,
                pattern[at] == UInt8(ascii: "?") || pattern[at] == text[position]
            {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                at = last.pattern + 1
                position = last.text + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func texts(_ value: JSONValue?) -> [String]? {
        guard let value else { return nil }
        if let text = value.string { return [text] }
        guard value.kind == .array else { return nil }
        let texts = value.elements.compactMap(\.string)
        return texts.isEmpty ? nil : texts
    }
}
