import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("HTTP APIs and function URLs")
struct HTTPFrontTests {
    private static let ok = #"{"statusCode":200,"body":"ok"}"#
    private static let authorizer = Template.Authorizer(
        name: "A", function: "auth", kind: .simple, sources: [.header("Authorization")],
        lifetime: 300)

    private static func api(
        _ kind: Template.API.Kind, _ route: String = "$default", isGuarded: Bool = false
    ) -> Template.API {
        .test(routes: [("ANY", route)], authorizer: isGuarded ? authorizer : nil, kind: kind)
    }

    private static let request = LocalRequest(
        method: "POST", path: "/a%20b/c%3Fd", query: "t=a&t=b%20c+d",
        headers: [
            HTTPField("Host", "h"), HTTPField("X-Two", "1"), HTTPField("x-two", "2"),
            HTTPField("User-Agent", "ua"), HTTPField("Cookie", "sid=1; theme=dark"),
            HTTPField("Content-Type", "application/json; charset=utf-8"),
        ],
        body: Array("{\"é\":1}".utf8), peer: "127.0.0.9")

    @Test("an HTTP API's event has joined headers, cookies apart and a decoded path")
    func httpEvent() throws {
        let function = FakeFunction(returning: Self.ok)
        let reply = function.front(Self.api(.http, "/{proxy+}")).answer(Self.request, id: "r")
        #expect(reply.text == "ok")
        #expect(reply.header("apigw-requestid") == "r")
        let event = try #require(function.event)
        #expect(event["version"]?.string == "2.0")
        #expect(event["routeKey"]?.string == "ANY /{proxy+}")
        #expect(event["rawPath"]?.string == "/a b/c")
        #expect(event["rawQueryString"]?.string == "t=a&t=b%20c+d")
        #expect(event["queryStringParameters"]?["t"]?.string == "a,b c d")
        #expect(event["pathParameters"]?["proxy"]?.string == "a b/c?d")
        #expect(event["cookies"]?.elements.map(\.string) == ["sid=1", "theme=dark"])
        let headers = try #require(event["headers"])
        #expect(headers["x-two"]?.string == "1,2")
        #expect(headers["cookie"] == nil && headers["X-Two"] == nil)
        #expect(headers["x-forwarded-for"]?.string == "127.0.0.9")
        #expect(event["body"]?.string == "{\"é\":1}")
        #expect(event["isBase64Encoded"]?.bool == false)
        let context = try #require(event["requestContext"])
        #expect(context["domainName"]?.string == "api0000000.execute-api.us-east-1.amazonaws.com")
        #expect(context["http"]?["method"]?.string == "POST")
        #expect(context["http"]?["sourceIp"]?.string == "127.0.0.9")
        #expect(context["http"]?["userAgent"]?.string == "ua")
        #expect(context["requestId"]?.string == "r")
        #expect(context["stage"]?.string == "$default")
        #expect(context["authorizer"] == nil && context["authentication"] == nil)
    }

    @Test("a function URL's event has the path as it was sent, and what is empty is left out")
    func urlEvent() throws {
        let function = FakeFunction(returning: Self.ok)
        let request = LocalRequest(method: "GET", path: "/a%20b%3F")
        let reply = function.front(Self.api(.functionURL)).answer(request, id: "r")
        #expect(reply.header("x-amzn-requestid") == "r")
        let event = try #require(function.event)
        #expect(event["routeKey"]?.string == "$default")
        #expect(event["rawPath"]?.string == "/a%20b%3F")
        #expect(event["rawQueryString"]?.string == "")
        for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
            #expect(event[name] == nil, "\(name)")
        }
        let context = try #require(event["requestContext"])
        #expect(context["domainName"]?.string == "api0000000.lambda-url.us-east-1.on.aws")
        #expect(context["accountId"]?.string == "anonymous")
        #expect(context["authentication"]?.isNull == true)
    }

    @Test(
        "a body is text by its type, unless it is compressed",
        arguments: [
            ("application/json", nil, false), ("text/plain", nil, false),
            ("application/vnd.api+json", nil, false), ("application/json", "gzip", true),
            ("application/octet-stream", nil, true),
            ("application/x-www-form-urlencoded", nil, true),
            (nil, nil, true),
        ] as [(String?, String?, Bool)])
    func binary(type: String?, encoding: String?, isBinary: Bool) throws {
        let function = FakeFunction(returning: Self.ok)
        var headers: [HTTPField] = []
        if let type { headers.append(HTTPField("content-type", type)) }
        if let encoding { headers.append(HTTPField("Content-Encoding", encoding)) }
        let request = LocalRequest(
            method: "POST", path: "/", headers: headers, body: Array("ab".utf8))
        for kind in [Template.API.Kind.http, .functionURL] {
            _ = function.front(Self.api(kind)).answer(request)
            let event = try #require(function.event)
            #expect(event["isBase64Encoded"]?.bool == isBinary)
            #expect(event["body"]?.string == (isBinary ? "YWI=" : "ab"))
        }
    }

    @Test("a reply has cookies apart, and without a status code all of it is the body")
    func replies() {
        let whole = HTTPReply.response(
            from: Array(
                #"""
                {"statusCode":201,"headers":{"x-a":"b"},"cookies":["a=1; Path=/","b=2"],
                "body":"R0lG","isBase64Encoded":true,"multiValueHeaders":{"x-c":["d"]}}
                """#.utf8))
        #expect(whole?.status == 201)
        #expect(whole?.text == "GIF")
        #expect(
            whole?.headers.map { "\($0.name)=\($0.value)" } == [
                "x-a=b", "Content-Type=application/json", "Set-Cookie=a=1; Path=/",
                "Set-Cookie=b=2",
            ])
        let inferred = HTTPReply.response(from: Array(#"{"a":[1]}"#.utf8))
        #expect(inferred?.status == 200)
        #expect(inferred?.text == #"{"a":[1]}"#)
        #expect(inferred?.header("content-type") == "application/json")
        for malformed in [
            "", #"{"statusCode":"abc"}"#, #"{"statusCode":200,"body":7}"#,
            #"{"statusCode":200,"cookies":[1]}"#, #"{"statusCode":200,"headers":[]}"#,
            #"{"statusCode":200,"body":"!","isBase64Encoded":true}"#,
        ] {
            #expect(HTTPReply.response(from: Array(malformed.utf8))?.status == nil, "\(malformed)")
        }
    }

    @Test("an authorizer that answers simply is asked once, and its context keeps its types")
    func simpleAuthorizer() throws {
        let function = FakeFunction { event in
            event["type"] == nil
                ? .success(Array(Self.ok.utf8))
                : .success(
                    Array(#"{"isAuthorized":true,"context":{"partner":"p","n":[1]}}"#.utf8))
        }
        let front = function.front(Self.api(.http, isGuarded: true))
        let request = LocalRequest(
            method: "POST", path: "/v1/segment", headers: [HTTPField("Authorization", "t")],
            body: Array("secret".utf8))
        #expect(front.answer(request).status == 200)
        let asked = try #require(function.events.sync { $0.first }.flatMap { json($0) })
        #expect(asked["type"]?.string == "REQUEST")
        #expect(asked["identitySource"]?.elements.map(\.string) == ["t"])
        #expect(
            asked["routeArn"]?.string
                == "arn:aws:execute-api:us-east-1:123456789012:api0000000/$default/POST/v1/segment")
        #expect(asked["body"] == nil && asked["isBase64Encoded"] == nil)
        let context = try #require(function.event?["requestContext"]?["authorizer"]?["lambda"])
        #expect(String(decoding: context.raw, as: UTF8.self) == #"{"partner":"p","n":[1]}"#)
        #expect(front.answer(request).status == 200)
        #expect(function.events.sync { $0.count } == 3)
    }

    @Test(
        "the authorizer's outcome decides, in the words of an HTTP API",
        arguments: [
            (#"{"isAuthorized":false}"#, 403, "Forbidden"),
            (#"{"isAuthorized":"true"}"#, 500, "Internal Server Error"),
            (#"{"isAuthorized":true,"context":[]}"#, 500, "Internal Server Error"),
            (#"{"principalId":"p","policyDocument":{}}"#, 500, "Internal Server Error"),
        ])
    func outcomes(result: String, status: Int, message: String) {
        let front = FakeFunction(returning: result).front(Self.api(.http, isGuarded: true))
        let key = [HTTPField("Authorization", "t")]
        let reply = front.answer(LocalRequest(method: "POST", path: "/x", headers: key))
        #expect(reply.status == status)
        #expect(reply.text == "{\"message\":\"\(message)\"}")
        let without = front.answer(LocalRequest(method: "POST", path: "/x"), id: "r")
        #expect(without.status == 401)
        #expect(without.text == #"{"message":"Unauthorized"}"#)
        #expect(without.header("apigw-requestid") == "r")
    }

    @Test("each front has its own words for what fails")
    func errors() {
        let failing = FakeFunction { _ in .failure([]) }
        let busy = FakeFunction { _ in .throttled }
        for (kind, failed, throttled) in [
            (Template.API.Kind.http, 500, 503), (.functionURL, 502, 429),
        ] {
            #expect(failing.front(Self.api(kind)).answer(Self.request).status == failed)
            #expect(busy.front(Self.api(kind)).answer(Self.request).status == throttled)
            let large = failing.front(Self.api(kind)).refuseTooLarge(id: "r")
            #expect(large.status == 413)
            #expect(large.text == #"{"message":"Request Entity Too Large"}"#)
            let body = [UInt8](repeating: 0, count: 5 << 20)
            let event = LocalRequest(method: "POST", path: "/", body: body)
            #expect(failing.front(Self.api(kind)).answer(event).status == 413)
        }
        let missing = failing.front(Self.api(.http, "/a"))
            .answer(LocalRequest(method: "GET", path: "/b"))
        #expect(missing.status == 404)
        #expect(missing.text == #"{"message":"Not Found"}"#)
    }

    @Test("an API gives up on a slow function, and a function URL waits for it")
    func slow() throws {
        let isOver = Monitor(false)
        let slow = FakeFunction { _ in
            isOver.wait { $0 ? () : nil }
            return .success(Array(Self.ok.utf8))
        }
        let late = slow.front(Self.api(.http), timeout: .milliseconds(5)).answer(Self.request)
        #expect(late.status == 503)
        #expect(late.text == #"{"message":"Service Unavailable"}"#)
        isOver.sync { $0 = true }
        let waiting = slow.front(Self.api(.functionURL), timeout: .zero).answer(Self.request)
        #expect(waiting.status == 200)
    }
}
