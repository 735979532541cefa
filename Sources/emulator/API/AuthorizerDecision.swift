import Formats

/// What an authorizer returned.
struct AuthorizerDecision: Sendable, Equatable {
    let principalID: String
    let policy: IAMPolicy
    /// Values as text, whatever they were.
    let context: [(name: String, value: String)]
    /// Milliseconds; 0 for a result out of the cache.
    var latency = 0

    /// nil for what API Gateway calls a configuration error.
    init?(_ result: [UInt8]) {
        guard let root = (try? JSONText(result))?.root, root.kind == .object,
            let principal = root["principalId"]?.string, !principal.isEmpty,
            let policy = IAMPolicy(root["policyDocument"])
        else { return nil }
        principalID = principal
        self.policy = policy
        let given = root["context"]?.unlessNull
        guard given?.kind ?? .object == .object else { return nil }
        var context: [(name: String, value: String)] = []
        for member in given.map({ Array($0.members) }) ?? [] {
            guard let name = member.name.string else { return nil }
            switch member.value.kind {
            case .string: context.append((name, member.value.string ?? ""))
            case .number, .true, .false:
                context.append((name, String(decoding: member.value.raw, as: UTF8.self)))
            case .null: continue
            case .object, .array: return nil
            }
        }
        self.context = context
    }

    static func == (one: AuthorizerDecision, other: AuthorizerDecision) -> Bool {
        one.principalID == other.principalID && one.policy == other.policy
            && one.context.elementsEqual(other.context, by: ==)
    }
}
