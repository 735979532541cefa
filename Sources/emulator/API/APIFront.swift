import Formats
import LocalServer
import Platform

/// The APIs and function URLs of the template: from a client's request to its reply.
struct APIFront: Sendable {
    /// 10 MB, API Gateway's own limit.
    static let maximumBody = 10 * 1024 * 1024
    /// Lambda's limit for an event: 6 MB.
    static let maximumEvent = 6 * 1024 * 1024

    private let router: Router
    private let gate: AuthorizerGate
    private let template: Template
    private let timeout: Duration
    private let invoke: @Sendable (String, Invocation) -> InvocationResult

    /// Serves a template; `invoke` runs the function of that name.
    ///
    /// A function may take until `timeout` to answer an API; API Gateway's own is 29 s.
    init(
        _ template: Template, timeout: Duration,
        invoke: @escaping @Sendable (String, Invocation) -> InvocationResult
    ) {
        self.template = template
        self.timeout = timeout
        self.invoke = invoke
        router = Router(template.apis)
        gate = AuthorizerGate(region: template.region, invoke: invoke)
    }

    /// The route of a request; nil if the API has none.
    func route(of request: LocalRequest) -> Template.Route? {
        router.match(method: request.method, path: request.path)?.route
    }

    /// Answers a request, which gets this id.
    func answer(_ request: LocalRequest, id: String = RandomText.uuid()) -> LocalResponse {
        guard let match = router.match(method: request.method, path: request.path) else {
            return refuse(.missingAuthenticationToken, id: id)
        }
        let request = APIRequest(request, match: match, id: id)
        var answer: AuthorizerAnswer?
        if let name = request.route.authorizer,
            let authorizer = request.api.authorizers.first(where: { $0.name == name })
        {
            switch gate.check(request, authorizer) {
            case .passed(let passed): answer = passed
            case .refused(let error): return refuse(error, request)
            }
        }
        let event = event(for: request, answer)
        guard event.count <= Self.maximumEvent else { return refuse(.requestTooLarge, request) }
        let invocation = Invocation(
            event: event, traceRoot: request.traceRoot, origins: [request.requestID])
        switch outcome(of: invocation, request.route.function, by: request.api) {
        case nil: return refuse(.integrationTimeout, request)
        case .throttled: return refuse(.throttled, request)
        case .failure: return refuse(.integrationFailure, request)
        case .success(let result):
            guard var reply = reply(from: result, to: request) else {
                Log.line("Malformed Lambda proxy response for request \(request.requestID)")
                return refuse(.integrationFailure, request)
            }
            reply.headers += request.replyHeaders
            return reply
        }
    }

    private func event(for request: APIRequest, _ answer: AuthorizerAnswer?) -> [UInt8] {
        if case .rest = request.api.kind {
            var decision: AuthorizerDecision?
            if case .policy(let policy) = answer { decision = policy }
            return ProxyEvent(request: request, region: template.region)
                .proxy(authorizer: decision)
        }
        var decision: SimpleDecision?
        if case .simple(let simple) = answer { decision = simple }
        return HTTPEvent(request: request, region: template.region).proxy(authorizer: decision)
    }

    /// Nil if it is malformed.
    private func reply(from result: [UInt8], to request: APIRequest) -> LocalResponse? {
        guard case .rest = request.api.kind else { return HTTPReply.response(from: result) }
        return ProxyReply.response(
            from: result, binaryTypes: BinaryTypes(request.api),
            accept: request.request.header("Accept"))
    }

    /// Refuses a request whose body is too large, and which gets this id.
    func refuseTooLarge(id: String) -> LocalResponse { refuse(.requestTooLarge, id: id) }

    private func refuse(_ error: GatewayError, _ request: APIRequest) -> LocalResponse {
        error.response(from: request.api, requestID: request.requestID)
    }

    /// Refuses a request that no route of an API has.
    private func refuse(_ error: GatewayError, id: String) -> LocalResponse {
        error.response(from: template.apis.first, requestID: id)
    }

    /// The function's result; nil when it takes too long for an API, which does not stop it.
    ///
    /// A function URL waits for as long as the function may take.
    private func outcome(
        of invocation: Invocation, _ function: String, by api: Template.API
    ) -> InvocationResult? {
        guard api.kind != .functionURL else { return invoke(function, invocation) }
        let result = Monitor<InvocationResult?>(nil)
        let invoke = invoke
        BackgroundThread {
            let given = invoke(function, invocation)
            result.sync { $0 = given }
        }
        return result.wait(until: .now + timeout) { $0 }
    }
}
