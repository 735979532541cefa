import Formats

/// Decides which messages of a topic a subscription takes.
///
/// Source: Amazon SNS Developer Guide, "Amazon SNS subscription filter policies".
struct FilterPolicy: Sendable {
    enum Scope: String, Sendable {
        case attributes = "MessageAttributes"
        case body = "MessageBody"
    }

    /// What one key asks for.
    private indirect enum Rule: Sendable {
        /// Any of these.
        case anyOf([FilterCondition])
        /// A key inside, in the scope of bodies.
        case inside([Member])
    }

    private enum Member: Sendable {
        case key(String, Rule)
        /// `$or`: one of them at least.
        case either([[Member]])
    }

    let scope: Scope
    /// As it was written, in JSON.
    let json: [UInt8]
    private let members: [Member]

    /// Reads a policy in JSON.
    init(_ json: [UInt8], scope: Scope) throws(FilterPolicyError) {
        guard let root = (try? JSONText(json))?.root, root.kind == .object else {
            throw FilterPolicyError(reason: "it must be an object")
        }
        self.scope = scope
        self.json = json
        members = try Self.members(of: root, scope: scope)
    }

    /// The same as text.
    var text: String { String(decoding: json, as: UTF8.self) }

    /// The first key that keeps a message out; nil if the policy takes it.
    func obstacle(to message: SNSMessage) -> String? {
        for member in members where !matches(message, [member]) {
            switch member {
            case .key(let name, _): return name
            case .either: return "$or"
            }
        }
        return nil
    }

    func matches(_ message: SNSMessage) -> Bool { matches(message, members) }

    private func matches(_ message: SNSMessage, _ members: [Member]) -> Bool {
        switch scope {
        case .attributes:
            // Not even {"exists": false} takes a message without attributes.
            guard !message.attributes.isEmpty else { return false }
            let values = Dictionary(
                message.attributes.compactMap { attribute in
                    FilterValue.values(of: attribute).map { (attribute.name, $0) }
                }
            ) { first, _ in first }
            return Self.match(members) { name in values[name].map { .values($0) } }
        case .body:
            guard let body = (try? JSONText(Array(message.text.utf8)))?.root, body.kind == .object
            else { return false }
            return Self.match(members, in: body)
        }
    }

    // MARK: - Reading

    private static func members(
        of object: JSONValue, scope: Scope
    ) throws(FilterPolicyError) -> [Member] {
        var members: [Member] = []
        for member in object.members {
            let name = member.name.string ?? ""
            if name == "$or", member.value.kind == .array {
                var choices: [[Member]] = []
                for choice in member.value.elements {
                    guard choice.kind == .object else {
                        throw FilterPolicyError(reason: "$or takes objects")
                    }
                    choices.append(try Self.members(of: choice, scope: scope))
                }
                guard choices.count > 1 else {
                    throw FilterPolicyError(reason: "$or takes two objects at least")
                }
                members.append(.either(choices))
                continue
            }
            members.append(.key(name, try rule(member.value, of: name, scope: scope)))
        }
        guard !members.isEmpty else { throw FilterPolicyError(reason: "it must have a key") }
        return members
    }

    private static func rule(
        _ value: JSONValue, of name: String, scope: Scope
    ) throws(FilterPolicyError) -> Rule {
        if value.kind == .object, scope == .body {
            return .inside(try members(of: value, scope: scope))
        }
        guard value.kind == .array, !value.elements.isEmpty else {
            throw FilterPolicyError(reason: "\(name) must have a list that is not empty")
        }
        var conditions: [FilterCondition] = []
        for element in value.elements { conditions.append(try FilterCondition(element)) }
        return .anyOf(conditions)
    }

    // MARK: - Matching

    private enum Found {
        case values([FilterValue])
        case object(JSONValue)
    }

    private static func match(_ members: [Member], _ find: (String) -> Found?) -> Bool {
        members.allSatisfy { member in
            switch member {
            case .either(let choices): choices.contains { match($0, find) }
            case .key(let name, .anyOf(let conditions)):
                switch find(name) {
                case .values(let values): conditions.contains { $0.matches(values) }
                case .object, nil: conditions.contains { $0.matches(nil) }
                }
            case .key(let name, .inside(let members)):
                if case .object(let object) = find(name) {
                    match(members, in: object)
                } else {
                    match(members) { _ in nil }
                }
            }
        }
    }

    private static func match(_ members: [Member], in object: JSONValue) -> Bool {
        match(members) { name in
            guard let value = object[name] else { return nil }
            return value.kind == .object ? .object(value) : .values(FilterValue.values(of: value))
        }
    }
}

struct FilterPolicyError: Error, Equatable {
    /// A phrase.
    let reason: String
}
