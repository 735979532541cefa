import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("AuthorizerGate")
struct AuthorizerGateTests {
    private let clock = Monitor(Timestamp(microseconds: 0))

    private func authorizer(
        _ sources: [Template.Authorizer.IdentitySource] = [.header("Authorization")],
        kind: Template.Authorizer.Kind = .request, lifetime: Int = 300
    ) -> Template.Authorizer {
        Template.Authorizer(
            name: "A", function: "auth", kind: kind, sources: sources, lifetime: lifetime)
    }

    private func gate(_ function: FakeFunction) -> AuthorizerGate {
        let clock = clock
        return AuthorizerGate(region: "us-east-1", now: { clock.sync { $0 } }) { _, invocation in
            function.events.sync { $0.append(invocation.event) }
            guard let event = json(invocation.event) else { return .throttled }
            return function.reply(event)
        }
    }

    private func request(
        _ headers: [HTTPField], _ authorizer: Template.Authorizer,
        path: String = "/a", query: String? = nil
    ) -> APIRequest {
        let api = Template.API.test(authorizer: authorizer)
        return APIRequest(
            LocalRequest(
                method: "GET", path: path, query: query, headers: headers,
                body: Array("secret".utf8)),
            match: Router.Match(api: api, route: api.routes[0], pathParameters: []))
    }

    private static func policy(_ effect: String, _ resource: String) -> InvocationResult {
        .success(
            Array(
                #"""
                {"principalId":"p","policyDocument":{"Version":"2012-10-17","Statement":[
                {"Action":"execute-api:Invoke","Effect":"\#(effect)","Resource":"\#(resource)"}]},
                "context":{"n":7}}
                """#.utf8))
    }

    private func isPassed(_ outcome: AuthorizerGate.Outcome) -> Bool {
        guard case .passed = outcome else { return false }
        return true
    }

    @Test("(a) asks once for a token, until the result is too old")
    func cache() {
        let function = FakeFunction { _ in Self.policy("Allow", "*") }
        let gate = gate(function)
        let rule = authorizer()
        let request = request([HTTPField("authorization", "t")], rule)
        #expect(isPassed(gate.check(request, rule)))
        #expect(isPassed(gate.check(request, rule)))
        #expect(function.events.sync { $0.count } == 1)
        clock.sync { $0 = Timestamp(microseconds: 299_999_999) }
        #expect(isPassed(gate.check(request, rule)))
        #expect(function.events.sync { $0.count } == 1)
        clock.sync { $0 = Timestamp(microseconds: 300_000_000) }
        #expect(isPassed(gate.check(request, rule)))
        #expect(function.events.sync { $0.count } == 2)
        #expect(isPassed(gate.check(self.request([HTTPField("Authorization", "u")], rule), rule)))
        #expect(function.events.sync { $0.count } == 3)
    }

    @Test("two authorizers that read the same header each keep a verdict of their own")
    func twoAuthorizers() {
        let asked = Monitor<[String]>([])
        let gate = AuthorizerGate(region: "us-east-1", now: { Timestamp(microseconds: 0) }) {
            name, _ in
            asked.sync { $0.append(name) }
            return Self.policy(name == "allowing" ? "Allow" : "Deny", "*")
        }
        let rules = ["allowing", "denying"].map { name in
            Template.Authorizer(
                name: name, function: name, kind: .request, sources: [.header("Authorization")],
                lifetime: 300)
        }
        let headers = [HTTPField("Authorization", "t")]
        // Whichever is asked first, and again from what is kept.
        for rule in [rules[0], rules[1], rules[0], rules[1], rules[1], rules[0]] {
            let outcome = gate.check(request(headers, rule), rule)
            #expect(isPassed(outcome) == (rule.name == "allowing"))
        }
        #expect(asked.sync { $0 } == ["allowing", "denying"])
    }

    @Test("(b) a kept policy for one path refuses another")
    func otherPath() {
        let function = FakeFunction { event in
            Self.policy("Allow", event["methodArn"]?.string ?? "")
        }
        let gate = gate(function)
        let rule = authorizer()
        let headers = [HTTPField("Authorization", "t")]
        #expect(isPassed(gate.check(request(headers, rule), rule)))
        #expect(gate.check(request(headers, rule, path: "/b"), rule) == .refused(.deniedImplicitly))
        #expect(function.events.sync { $0.count } == 1)
    }

    @Test("(c) asks each time when nothing is kept; errors are never kept, Deny is")
    func noCache() {
        let function = FakeFunction { _ in Self.policy("Allow", "*") }
        let rule = authorizer(lifetime: 0)
        let always = gate(function)
        let request = request([HTTPField("Authorization", "t")], rule)
        for _ in 0..<3 { #expect(isPassed(always.check(request, rule))) }
        #expect(function.events.sync { $0.count } == 3)

        let broken = FakeFunction { _ in .failure([]) }
        let asking = gate(broken)
        for _ in 0..<2 { _ = asking.check(request, authorizer()) }
        #expect(broken.events.sync { $0.count } == 2)

        let denying = FakeFunction { _ in Self.policy("Deny", "*") }
        let keeping = gate(denying)
        for _ in 0..<2 {
            #expect(keeping.check(request, authorizer()) == .refused(.deniedExplicitly))
        }
        #expect(denying.events.sync { $0.count } == 1)
    }

    @Test("(d) every identity source must be there and not empty")
    func sources() {
        let function = FakeFunction { _ in Self.policy("Allow", "*") }
        let gate = gate(function)
        let rule = authorizer([.header("X-Key"), .query("tenant")])
        let key = [HTTPField("x-key", "k")]
        #expect(gate.check(request(key, rule), rule) == .refused(.unauthorized))
        #expect(gate.check(request([], rule, query: "tenant=t"), rule) == .refused(.unauthorized))
        #expect(
            gate.check(request([HTTPField("X-Key", "")], rule, query: "tenant=t"), rule)
                == .refused(.unauthorized))
        #expect(
            gate.check(request(key, rule, query: "Tenant=t"), rule) == .refused(.unauthorized))
        #expect(function.events.sync { $0.isEmpty })
        #expect(isPassed(gate.check(request(key, rule, query: "tenant=t"), rule)))
    }

    @Test(
        "the function's outcome decides",
        arguments: [
            (#"{"errorMessage":"Unauthorized","errorType":"E"}"#, GatewayError.unauthorized),
            (#"{"errorMessage":"Unauthorized."}"#, .authorizerFailure),
            (#"{"errorMessage":"[E] Unauthorized"}"#, .authorizerFailure),
            (#"not JSON"#, .authorizerFailure),
        ])
    func failures(body: String, error: GatewayError) {
        let function = FakeFunction { _ in .failure(Array(body.utf8)) }
        let rule = authorizer()
        #expect(
            gate(function).check(request([HTTPField("Authorization", "t")], rule), rule)
                == .refused(error))
        #expect(error == .unauthorized || error.status == 500)
    }

    @Test("what is no policy is a configuration error with a null message")
    func configuration() {
        let function = FakeFunction(returning: #"{"statusCode":401}"#)
        let rule = authorizer()
        let outcome = gate(function).check(request([HTTPField("Authorization", "t")], rule), rule)
        #expect(outcome == .refused(.authorizerConfiguration))
        let reply = GatewayError.authorizerConfiguration.response(from: nil, requestID: "r")
        #expect(reply.status == 500)
        #expect(reply.text == #"{"message":null}"#)
        #expect(reply.header("x-amzn-errortype") == "AuthorizerConfigurationException")
        let denied = GatewayError.deniedExplicitly.response(from: nil, requestID: "r")
        #expect(
            denied.text
                == #"{"Message":"User is not authorized to access this resource with an explicit deny"}"#
        )
    }

    @Test("a REQUEST event has everything but the body, and empty maps instead of null")
    func requestEvent() throws {
        let function = FakeFunction { _ in Self.policy("Allow", "*") }
        let rule = authorizer()
        _ = gate(function).check(
            request([HTTPField("Authorization", "t")], rule, path: "/a/b"), rule)
        let event = try #require(function.event)
        #expect(event["type"]?.string == "REQUEST")
        #expect(
            event["methodArn"]?.string
                == "arn:aws:execute-api:us-east-1:123456789012:api0000000/test/GET/a/b")
        #expect(event["body"] == nil && event["isBase64Encoded"] == nil)
        #expect(event["queryStringParameters"]?.kind == .object)
        #expect(event["pathParameters"]?.kind == .object)
        #expect(event["headers"]?["Authorization"]?.string == "t")
        #expect(event["requestContext"]?["httpMethod"]?.string == "GET")
    }

    @Test("a TOKEN event has the header; the expression must fit all of it")
    func tokenEvent() throws {
        let function = FakeFunction { _ in Self.policy("Allow", "*") }
        let gate = gate(function)
        let rule = authorizer(kind: .token(validation: "Bearer [a-z]+"))
        #expect(
            gate.check(request([HTTPField("Authorization", "Bearer x1")], rule), rule)
                == .refused(.unauthorized))
        #expect(function.event == nil)
        #expect(
            isPassed(gate.check(request([HTTPField("Authorization", "Bearer xy")], rule), rule)))
        let event = try #require(function.event)
        #expect(event["type"]?.string == "TOKEN")
        #expect(event["authorizationToken"]?.string == "Bearer xy")
    }

    @Test("the context reaches the integration as text, with principal and latency")
    func context() throws {
        let rule = authorizer()
        let function = FakeFunction { event in
            event["type"] == nil
                ? .success(Array(#"{"statusCode":200}"#.utf8)) : Self.policy("Allow", "*")
        }
        let front = function.front(.test(authorizer: rule))
        let request = LocalRequest(
            method: "GET", path: "/x", headers: [HTTPField("Authorization", "t")])
        #expect(front.answer(request).status == 200)
        let context = try #require(function.event?["requestContext"]?["authorizer"])
        #expect(context["n"]?.string == "7")
        #expect(context["principalId"]?.string == "p")
        #expect(context["integrationLatency"]?.int != nil)
    }
}
