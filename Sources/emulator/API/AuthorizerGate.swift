import Formats
import LocalServer
import Platform

/// Asks authorizers whether requests may pass, and remembers what they said.
final class AuthorizerGate: Sendable {
    enum Outcome: Equatable {
        case passed(AuthorizerAnswer)
        case refused(GatewayError)
    }

    private struct Key: Hashable {
        let api: String
        let authorizer: String
        let identity: [String]
    }

    private let cache = Monitor<[Key: (answer: AuthorizerAnswer, until: Timestamp)]>([:])
    private let region: String
    private let now: @Sendable () -> Timestamp
    private let invoke: @Sendable (String, Invocation) -> InvocationResult

    /// Asks authorizers by `invoke`, which runs the function of that name.
    init(
        region: String, now: @escaping @Sendable () -> Timestamp = { System.wallClock() },
        invoke: @escaping @Sendable (String, Invocation) -> InvocationResult
    ) {
        self.region = region
        self.now = now
        self.invoke = invoke
    }

    func check(_ request: APIRequest, _ authorizer: Template.Authorizer) -> Outcome {
        guard let identity = Self.identity(of: request, authorizer) else {
            return .refused(.unauthorized)
        }
        let key = Key(api: request.api.name, authorizer: authorizer.name, identity: identity)
        let isCached = authorizer.lifetime > 0 && !identity.isEmpty
        if isCached, let answer = cached(key) { return judge(request, answer) }
        let start = ContinuousClock.now
        let invocation = Invocation(
            event: payload(for: authorizer, request, identity), traceRoot: request.traceRoot,
            origins: [request.requestID])
        switch invoke(authorizer.function, invocation) {
        case .throttled: return .refused(.authorizerFailure)
        case .failure(let error):
            let message = (try? JSONText(error))?.root["errorMessage"]?.string
            return .refused(message == "Unauthorized" ? .unauthorized : .authorizerFailure)
        case .success(let result):
            guard var answer = AuthorizerAnswer(result, to: authorizer.kind) else {
                Log.line(
                    "Authorizer \(authorizer.name) returned \(Self.wanted(of: authorizer.kind))")
                return .refused(.authorizerConfiguration)
            }
            if isCached { keep(answer, of: key, for: authorizer.lifetime) }
            if case .policy(var decision) = answer {
                decision.latency = Int(start.duration(to: .now) / .milliseconds(1))
                answer = .policy(decision)
            }
            return judge(request, answer)
        }
    }

    /// The event that an authorizer is asked by.
    private func payload(
        for authorizer: Template.Authorizer, _ request: APIRequest, _ identity: [String]
    ) -> [UInt8] {
        switch authorizer.kind {
        case .token:
            ProxyEvent(request: request, region: region).authorizerToken(identity.first ?? "")
        case .request: ProxyEvent(request: request, region: region).authorizerRequest()
        case .simple: HTTPEvent(request: request, region: region).authorizerRequest(identity)
        }
    }

    /// What an authorizer has not returned, for its author.
    private static func wanted(of kind: Template.Authorizer.Kind) -> String {
        switch kind {
        case .token, .request:
            "no principalId and policyDocument of Allow and Deny statements, or a context that is "
                + "not flat"
        case .simple: "no isAuthorized that is true or false, or a context that is no object"
        }
    }

    /// Keeps an answer for `lifetime` seconds.
    private func keep(_ answer: AuthorizerAnswer, of key: Key, for lifetime: Int) {
        let until = Timestamp(microseconds: now().microseconds + Int64(lifetime) * 1_000_000)
        cache.sync { $0[key] = (answer, until) }
    }

    private func cached(_ key: Key) -> AuthorizerAnswer? {
        let now = now()
        return cache.sync { cache in
            guard let entry = cache[key] else { return nil }
            guard entry.until > now else {
                cache[key] = nil
                return nil
            }
            return entry.answer
        }
    }

    private func judge(_ request: APIRequest, _ answer: AuthorizerAnswer) -> Outcome {
        switch answer {
        case .simple(let decision):
            decision.isAuthorized ? .passed(answer) : .refused(.deniedExplicitly)
        case .policy(let decision):
            switch decision.policy.verdict(on: request.methodARN(region: region)) {
            case .allowed: .passed(answer)
            case .deniedExplicitly: .refused(.deniedExplicitly)
            case .deniedImplicitly: .refused(.deniedImplicitly)
            }
        }
    }

    /// The values of all identity sources; nil when one is missing, empty, or no valid token.
    private static func identity(
        of request: APIRequest, _ authorizer: Template.Authorizer
    ) -> [String]? {
        var values: [String] = []
        for source in authorizer.sources {
            let value: String? =
                switch source {
                case .header(let name): request.request.header(name)
                case .query(let name): request.query.last { $0.name == name }?.value
                case .stageVariable(let name):
                    request.api.stageVariables.first { $0.name == name }?.value
                case .context("httpMethod"): request.request.method
                case .context("resourcePath"): request.route.path
                case .context("path"): "/\(request.api.stage)\(request.request.path)"
                case .context("stage"): request.api.stage
                case .context("identity.sourceIp"): request.request.peer
                case .context: nil
                }
            guard let value, !value.isEmpty else { return nil }
            values.append(value)
        }
        if case .token(let validation?) = authorizer.kind {
            guard let pattern = try? Regex(validation),
                (try? pattern.wholeMatch(in: values.first ?? "")) != nil
            else { return nil }
        }
        return values
    }
}
