import Formats
import LocalServer
import Platform

/// The REST APIs of the template: from a client's request to its reply.
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
    /// A function may take until `timeout` to answer; API Gateway's own is 29 s.
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
        var decision: AuthorizerDecision?
        if let name = request.route.authorizer,
            let authorizer = request.api.authorizers.first(where: { $0.name == name })
        {
            switch gate.check(request, authorizer) {
            case .passed(let passed): decision = passed
            case .refused(let error): return refuse(error, request)
            }
        }
        let event = ProxyEvent(request: request, region: template.region)
            .proxy(authorizer: decision)
        guard event.count <= Self.maximumEvent else { return refuse(.requestTooLarge, request) }
        let invocation = Invocation(
            event: event, traceRoot: request.traceRoot, origins: [request.requestID])
        switch outcome(of: invocation, function: request.route.function) {
        case nil: return refuse(.integrationTimeout, request)
        case .throttled: return refuse(.throttled, request)
        case .failure: return refuse(.integrationFailure, request)
        case .success(let result):
            let reply = ProxyReply.response(
                from: result, binaryTypes: BinaryTypes(request.api),
                accept: request.request.header("Accept"))
            guard var reply else {
                Log.line("Malformed Lambda proxy response for request \(request.requestID)")
                return refuse(.integrationFailure, request)
            }
            reply.headers += [
                HTTPField("x-amzn-RequestId", request.requestID),
                HTTPField("x-amz-apigw-id", request.extendedRequestID),
                HTTPField("X-Amzn-Trace-Id", request.traceRoot),
            ]
            return reply
        }
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

    /// The function's result; nil when it takes too long, which does not stop it.
    private func outcome(of invocation: Invocation, function: String) -> InvocationResult? {
        let result = Monitor<InvocationResult?>(nil)
        let invoke = invoke
        BackgroundThread {
            let given = invoke(function, invocation)
            result.sync { $0 = given }
        }
        return result.wait(until: .now + timeout) { $0 }
    }
}
