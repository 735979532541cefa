import Formats

/// What an authorizer returned, by its kind.
enum AuthorizerAnswer: Sendable, Equatable {
    case policy(AuthorizerDecision)
    case simple(SimpleDecision)

    /// Nil if API Gateway would call the answer a configuration error.
    init?(_ result: [UInt8], to kind: Template.Authorizer.Kind) {
        switch kind {
        case .token, .request:
            guard let decision = AuthorizerDecision(result) else { return nil }
            self = .policy(decision)
        case .simple:
            guard let decision = SimpleDecision(result) else { return nil }
            self = .simple(decision)
        }
    }
}

/// A policy with what is told of the caller.
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

/// A truth value with what is told of the caller.
///
/// Source: Amazon API Gateway Developer Guide, "Control access to HTTP APIs with AWS Lambda
/// authorizers".
struct SimpleDecision: Sendable, Equatable {
    let isAuthorized: Bool
    /// A JSON object, or nil.
    let context: [UInt8]?

    /// Nil if API Gateway would call the answer a configuration error.
    init?(_ result: [UInt8]) {
        guard let root = (try? JSONText(result))?.root, root.kind == .object,
            let isAuthorized = root["isAuthorized"]?.bool
        else { return nil }
        let context = root["context"]?.unlessNull
        guard context?.kind ?? .object == .object else { return nil }
        self.isAuthorized = isAuthorized
        self.context = context.map { Array($0.raw) }
    }
}
