import Formats
import Gateway
import Ingest
import LambdaRuntime
import TestSupport
import Testing

@Suite("Routes")
struct RouteTests {
    private func send(_ harness: Harness, _ method: String, _ path: String) throws -> Harness.Reply
    {
        var event = ProxyEvent(path)
        event.method = method
        return try harness.send(event)
    }

    @Test("health and description")
    func service() throws {
        let harness = try Harness(build: "5e1f00d")
        let health = try send(harness, "GET", "/health")
        #expect(health.status == 200)
        #expect(health.json?["status"]?.string == "healthy")
        #expect(health.json?["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(health.json?["service"]?.string == "inlet")
        #expect(health.json?["version"]?.string != nil)
        #expect(health.json?["build"]?.string == "5e1f00d")
        let description = try send(harness, "GET", "/")
        #expect(description.status == 200)
        #expect(description.json?["routes"]?.elements.isEmpty == false)
    }

    @Test(
        "unknown routes are 404",
        arguments: [
            "/x", "/v1", "/v1/", "/v1/unknown", "/v1/delete", "/v1/track/more", "/v1/pixel",
            "/v1/pixel/delete", "/webhook", "/webhook/segment", "/webhook/segment/a/b", "/Health",
            "/V1/track", "/a/b/c/d/e/v1/track", "/prod/health", "/v1/%2e%2e/health",
            "/webhook/v1", "/webhook/v1/", "/webhook/v1/x/y", "/webhook/v2/x",
        ])
    func notFound(path: String) throws {
        let reply = try send(try Harness(), "POST", path)
        #expect(reply.status == 404)
        #expect(reply.code == "not_found")
    }

    @Test(
        "known routes with another method are 405 and say which they take",
        arguments: [
            ("GET", "/v1/track", "POST"), ("DELETE", "/v1/batch", "POST"),
            ("PUT", "/v1/segment", "POST"),
            ("POST", "/v1/pixel/track", "GET, HEAD"), ("POST", "/health", "GET, HEAD"),
            ("POST", "/", "GET, HEAD"), ("POST", "/ready", "GET, HEAD"),
            ("GET", "/v1/m", "POST"), ("OPTIONS", "/health", "GET, HEAD"),
            ("HEAD", "/v1/track", "POST"), ("OPTIONS", "/v1/segment", "POST"),
            ("GET", "/webhook/v1/x", "POST"), ("PUT", "/webhook/v1/track", "POST"),
            ("OPTIONS", "/webhook/v1/x", "POST"),
        ])
    func methods(method: String, path: String, allow: String) throws {
        let reply = try send(try Harness(), method, path)
        #expect(reply.status == 405)
        #expect(reply.code == (method == "HEAD" ? nil : "method_not_allowed"))
        #expect(reply["allow"] == allow)
    }

    @Test(
        "HEAD is answered as GET is, without a body",
        arguments: ["/health", "/ready", "/", "/v1/pixel/track"])
    func head(path: String) throws {
        let harness = try Harness()
        var event = ProxyEvent(path)
        event.method = "GET"
        for front in [event.rest, event.version2(), event.balancer] {
            #expect(try !harness.send(front).body.isEmpty)
        }
        let get = try harness.send(event)
        event.method = "HEAD"
        for front in [event.rest, event.version2(), event.balancer] {
            let reply = try harness.send(front)
            #expect(reply.status == 200)
            #expect(reply["content-type"] == get["content-type"])
            #expect(reply.body.isEmpty && !reply.isBase64)
        }
    }

    @Test("a HEAD of the pixel takes its call in")
    func pixelHead() throws {
        let harness = try Harness()
        let call = #"{"userId":"u","event":"Opened","writeKey":"wk_live_51xQ"}"#
        var event = ProxyEvent("/v1/pixel/track")
        event.method = "HEAD"
        event.query = [
            ("data", String(decoding: Base64.encode(Array(call.utf8)), as: UTF8.self))
        ]
        #expect(try harness.send(event).status == 200)
        #expect(harness.messages.map { $0.attributes["event"] } == ["Opened"])
    }

    @Test(
        "a stage may be named as a route begins, and the route is found",
        arguments: [
            ("v1", "/v1/track"), ("v1", "/v1/v1/track"),
            ("prod", "/prod/v1/track"), ("webhook", "/webhook/v1/track"),
        ])
    func stages(stage: String, path: String) throws {
        let body = #"{\"userId\":\"u\",\"event\":\"e\",\"writeKey\":\"wk_live_51xQ\"}"#
        let context = #""stage":"\#(stage)","domainName":"x.execute-api.eu-west-1.amazonaws.com""#
        let events = [
            #"{"version":"2.0","routeKey":"$default","rawPath":"\#(path)","body":"\#(body)","#
                + #""requestContext":{\#(context),"http":{"method":"POST","path":"\#(path)"}}}"#,
            #"{"version":"1.0","resource":"$default","path":"\#(path)","httpMethod":"POST","#
                + #""body":"\#(body)","requestContext":{\#(context)}}"#,
        ]
        for event in events {
            let harness = try Harness()
            #expect(try harness.send(Array(event.utf8)).status == 200)
            #expect(harness.messages.count == 1)
        }
    }

    @Test(
        "an event of another kind is an invocation error, so that no queue deletes it",
        arguments: [
            (#"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#, "an event of SQS"),
            (#"{"Records":[{"EventSource":"aws:sns","Sns":{}}]}"#, "an event of SNS"),
            (#"{"Records":[{"eventSource":"aws:s3","s3":{}}]}"#, "an event of S3"),
            (#"{"detail-type":"x","source":"y","detail":{}}"#, "an event of EventBridge"),
            (#"{"Records":[{"eventSource":"aws:dynamodb"}]}"#, "an event of DynamoDB Streams"),
            (#"{"Records":[{"eventSource":"aws:kinesis"}]}"#, "an event of Kinesis"),
            ("{}", "an empty object"), ("", "no JSON that can be read"),
            (#"{"type":"TOKEN","methodArn":"arn"}"#, "an event of API Gateway for an authorizer"),
            (#"{"httpMethod":"GET"}"#, "an HTTP request without a method or a path"),
        ])
    func otherEvents(event: String, kind: String) throws {
        let harness = try Harness()
        let failure = #expect(throws: Failure.self) { try harness.send(Array(event.utf8)) }
        #expect(failure?.type == "Function.UnexpectedEvent")
        #expect(failure?.message.hasSuffix("handed \(kind).") == true)
        guard
            case .failure(let late) = Collector.unanswered(
                try Harness.invocation(Array(event.utf8)),
                Logger(level: .fatal, format: .json, now: { .start }))
        else {
            Issue.record("answered late as if it were a request")
            return
        }
        #expect(late == failure)
    }

    @Test("a header that is not UTF-8 does not cost the call")
    func malformedHeader() throws {
        let harness = try Harness()
        var event = ProxyEvent("/v1/track", #"{"userId":"u","event":"e"}"#)
        event.headers = [Harness.basic("wk_live_51xQ"), ("X-Name", "NAME")]
        let bytes = event.rest.split(separator: Array("NAME".utf8)).joined(separator: [0xE9])
        #expect(try harness.send(Array(bytes)).status == 200)
        #expect(harness.messages.count == 1)
    }
}

@Suite("Log lines of routes")
struct RouteLogTests {
    private func line(
        _ method: String, _ path: String, body: String? = nil, isBalanced: Bool = false
    ) throws -> JSONValue {
        let harness = try Harness(logLevel: .trace)
        var event = ProxyEvent(path, body: body.map { Array($0.utf8) })
        event.method = method
        _ = try harness.send(isBalanced ? event.balancer : event.rest)
        let lines = try harness.lines().filter { $0["message"]?.string == "request" }
        try #require(lines.count == 1)
        return lines[0]
    }

    @Test(
        "what the function answers itself has its line as well",
        arguments: [
            ("GET", "/health", "health", 200), ("HEAD", "/health", "health", 200),
            ("GET", "/", "description", 200), ("GET", "/ready", "ready", 200),
            ("POST", "/v1/m", "self-metrics", 200), ("OPTIONS", "/v1/track", "preflight", 204),
        ])
    func quiet(method: String, path: String, route: String, status: Int) throws {
        let line = try line(method, path)
        #expect(line["level"]?.string == "INFO")
        #expect(line["route"]?.string == route)
        #expect(line["status"]?.int == status)
    }

    @Test(
        "what is turned away has its method, its path and its address, and no token",
        arguments: [
            ("POST", "/v2/track", 404, "/*/*"), ("GET", "/v1/track", 405, "/v1/track"),
            ("DELETE", "/webhook/v1/T0KEN", 405, "/webhook/v1/*"),
            ("POST", "/webhook/v1/T0KEN", 404, "/webhook/v1/*"),
            ("POST", "/webhook/v1/track", 404, "/webhook/v1/*"),
            ("POST", "/webhook/segment/T0KEN", 401, "/webhook/segment/*"),
            ("POST", "/webhook/customerio/T0KEN", 401, "/webhook/customerio/*"),
            ("POST", "/webhooks/v1/T0KEN", 404, "/*/v1/*"), ("POST", "/T0KEN", 404, "/*"),
            ("POST", "/webhook/T0KEN", 404, "/webhook/*"),
            ("POST", "/webhook/v1/T0KEN/v1/track", 401, "/webhook/v1/*/*/*"),
            ("POST", "/prod/webhook/v1/T0KEN", 404, "/*/webhook/v1/*"),
            ("POST", "/v1/track", 401, "/v1/track"), ("POST", "/v1/segment", 401, "/v1/segment"),
            ("T0KEN/1", "/v1/track", 405, "/v1/track"),
        ])
    func turnedAway(method: String, path: String, status: Int, shown: String) throws {
        let line = try line(method, path, body: #"{"event":"e","userId":"u"}"#)
        #expect(line["status"]?.int == status)
        #expect(line["path"]?.string == shown)
        #expect(line["method"]?.string == (method.contains("/") ? "*" : method))
        #expect(line["sourceIp"]?.string == "203.0.113.9")
        #expect(!String(decoding: line.raw, as: UTF8.self).contains("T0KEN"))
    }

    @Test("bytes are the body's, as it was sent")
    func bytes() throws {
        let body = #"{"event":"e","userId":"u","writeKey":"wk_live_51xQ"}"#
        #expect(try line("POST", "/v1/track", body: body)["bytes"]?.int == body.utf8.count)
        #expect(try line("POST", "/v1/track", body: "{}")["bytes"]?.int == 2)
    }
}
