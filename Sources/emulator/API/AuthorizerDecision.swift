import Formats

/// What an authorizer returned.
struct AuthorizerDecision: Sendable, Equatable {
    let principalID: String
    let policy: IAMPolicy
    /// Values as text, whatever they were.
    let context: [NamedValue]
    /// Milliseconds; 0 for a result out of the cache.
    var latency = 0

    /// Nil if API Gateway would call the answer a configuration error.
    init?(_ result: [UInt8]) {
        guard let root = (try? JSONText(result))?.root, root.kind == .object,
            let principal = root["principalId"]?.string, !principal.isEmpty,
            let policy = IAMPolicy(root["policyDocument"])
        else { return nil }
        principalID = principal
        self.policy = policy
        let given = root["context"]?.unlessNull
        guard given?.kind ?? .object == .object else { return nil }
        var context: [NamedValue] = []
        for member in given.map({ Array($0.members) }) ?? [] {
            guard let name = member.name.string else { return nil }
            switch member.value.kind {
            case .string: context.append(NamedValue(name, member.value.string ?? ""))
            case .number, .true, .false:
                context.append(NamedValue(name, String(decoding: member.value.raw, as: UTF8.self)))
            case .null: continue
            case .object, .array: return nil
            }
        }
        self.context = context
    }
}
