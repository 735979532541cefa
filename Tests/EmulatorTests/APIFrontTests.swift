import Formats
import LocalServer
import Testing

@testable import emulator

/// Answers as a function does, and keeps what it was given.
final class FakeFunction: Sendable {
    let events = Monitor<[[UInt8]]>([])
    let reply: @Sendable (JSONValue) -> InvocationResult

    init(_ reply: @escaping @Sendable (JSONValue) -> InvocationResult) { self.reply = reply }

    convenience init(returning text: String) {
        self.init { _ in .success(Array(text.utf8)) }
    }

    func front(_ api: Template.API, timeout: Duration = .seconds(29)) -> APIFront {
        APIFront(.test(api), timeout: timeout) { _, invocation in
            self.events.sync { $0.append(invocation.event) }
            guard let event = json(invocation.event) else { return .failure([]) }
            return self.reply(event)
        }
    }

    var event: JSONValue? { events.sync { $0.last }.flatMap { json($0) } }
}

@Suite("REST API")
struct APIFrontTests {
    private static let ok = #"{"statusCode":200,"body":"ok"}"#

    private static let request = LocalRequest(
        method: "POST", path: "/a%20b/c", query: "t=a&t=b%20c+d&%65=",
        headers: [
            HTTPField("Host", "h"), HTTPField("X-Two", "1"), HTTPField("X-Two", "2"),
            HTTPField("User-Agent", "ua"),
        ],
        body: Array("{\"é\":1}".utf8), peer: "127.0.0.9")

    @Test("the event has the request in both map forms")
    func event() throws {
        let function = FakeFunction(returning: Self.ok)
        #expect(function.front(.test()).answer(Self.request).text == "ok")
        let event = try #require(function.event)
        #expect(event["resource"]?.string == "/{proxy+}")
        #expect(event["path"]?.string == "/a%20b/c")
        #expect(event["httpMethod"]?.string == "POST")
        #expect(event["headers"]?["X-Two"]?.string == "2")
        #expect(event["multiValueHeaders"]?["X-Two"]?.raw.elementsEqual(#"["1","2"]"#.utf8) == true)
        #expect(event["headers"]?["X-Forwarded-For"]?.string == "127.0.0.9")
        #expect(event["headers"]?["X-Amzn-Trace-Id"]?.string?.hasPrefix("Root=1-") == true)
        let query = try #require(event["queryStringParameters"])
        #expect(String(decoding: query.raw, as: UTF8.self) == #"{"t":"b c d","e":""}"#)
        let multi = try #require(event["multiValueQueryStringParameters"])
        #expect(String(decoding: multi.raw, as: UTF8.self) == #"{"t":["a","b c d"],"e":[""]}"#)
        #expect(event["pathParameters"]?["proxy"]?.string == "a b/c")
        #expect(event["stageVariables"]?.isNull == true)
        #expect(event["body"]?.string == "{\"é\":1}")
        #expect(event["isBase64Encoded"]?.bool == false)
        let context = try #require(event["requestContext"])
        #expect(context["stage"]?.string == "test")
        #expect(context["path"]?.string == "/test/a%20b/c")
        #expect(context["resourcePath"]?.string == "/{proxy+}")
        #expect(context["identity"]?["sourceIp"]?.string == "127.0.0.9")
        #expect(context["identity"]?["userAgent"]?.string == "ua")
        #expect(context["identity"]?["apiKey"]?.isNull == true)
        #expect(context["authorizer"] == nil)
        #expect(context["requestTimeEpoch"]?.int != nil)
        let time = Timestamp(rfc3339: "2026-03-04T09:06:53.120Z".utf8)
        #expect(time?.accessLog == "04/Mar/2026:09:06:53 +0000")
    }

    @Test("what is empty is null")
    func nulls() throws {
        let function = FakeFunction(returning: Self.ok)
        let api = Template.API.test(routes: [("GET", "/")], binaryTypes: ["*/*"])
        #expect(function.front(api).answer(LocalRequest(method: "GET", path: "/")).status == 200)
        let event = try #require(function.event)
        for name in [
            "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body",
        ] { #expect(event[name]?.isNull == true) }
        #expect(event["isBase64Encoded"]?.bool == false)
    }

    @Test(
        "bodies of binary types are Base64",
        arguments: [
            (["*/*"], "application/json", true), (["image/*"], "image/png; x=y", true),
            (["application/gzip"], "Application/GZIP", true), (["*/*"], nil, true),
            (["image/png"], "image/jpeg", false), ([], "image/png", false),
            (["application/json"], nil, true),
        ])
    func binary(types: [String], type: String?, isBinary: Bool) throws {
        let function = FakeFunction(returning: Self.ok)
        let headers = type.map { [HTTPField("content-type", $0)] } ?? []
        let request = LocalRequest(
            method: "POST", path: "/x", headers: headers, body: [0x1F, 0x8B, 0xFF, 0x41])
        _ = function.front(.test(binaryTypes: types)).answer(request)
        let event = try #require(function.event)
        #expect(event["isBase64Encoded"]?.bool == isBinary)
        #expect(event["body"]?.string == (isBinary ? "H4v/QQ==" : "\u{1F}\u{FFFD}\u{FFFD}A"))
    }

    @Test("no route, too large, too slow and failed are API Gateway's own errors")
    func errors() throws {
        let failing = FakeFunction { _ in .failure(Array(#"{"errorMessage":"x"}"#.utf8)) }
        let front = failing.front(.test(routes: [("GET", "/")]))
        let missing = front.answer(LocalRequest(method: "GET", path: "/none"))
        #expect(missing.status == 403)
        #expect(missing.text == #"{"message":"Missing Authentication Token"}"#)
        #expect(missing.header("x-amzn-ErrorType") == "MissingAuthenticationTokenException")
        let failed = front.answer(LocalRequest(method: "GET", path: "/"))
        #expect(failed.status == 502)
        #expect(failed.text == #"{"message": "Internal server error"}"#)
        let large = front.refuseTooLarge(id: "r")
        #expect(large.status == 413)
        #expect(large.text == #"{"message":"Request Too Long"}"#)
        let isOver = Monitor(false)
        let slow = FakeFunction { _ in
            isOver.wait { $0 ? () : nil }
            return .success([])
        }
        let late = slow.front(.test(), timeout: .milliseconds(5)).answer(Self.request)
        isOver.sync { $0 = true }
        #expect(late.status == 504)
        #expect(late.text == #"{"message": "Endpoint request timed out"}"#)
        let busy = FakeFunction { _ in .throttled }
        #expect(busy.front(.test()).answer(Self.request).status == 500)
    }

    @Test("an event over Lambda's limit is too large")
    func largeEvent() {
        let function = FakeFunction(returning: Self.ok)
        let front = function.front(.test(binaryTypes: ["*/*"]))
        let body = [UInt8](repeating: 0, count: 5 << 20)
        #expect(front.answer(LocalRequest(method: "POST", path: "/x", body: body)).status == 413)
        #expect(function.event == nil)
    }

    @Test("gateway responses replace status, headers and body")
    func gatewayResponses() {
        let function = FakeFunction { _ in .failure([]) }
        let api = Template.API.test(
            routes: [("GET", "/")],
            gatewayResponses: [
                Template.GatewayResponse(
                    type: "MISSING_AUTHENTICATION_TOKEN", status: 404,
                    headers: [HTTPField("X-A", "b")],
                    template: (
                        "application/json",
                        #"{"m":$context.error.messageString,"t":"$context.error.responseType","x":"$context.error.message$"}"#
                    )),
                Template.GatewayResponse(
                    type: "DEFAULT_5XX", status: nil, headers: [HTTPField("X-B", "c")],
                    template: ("text/plain", "5xx")),
                Template.GatewayResponse(
                    type: "DEFAULT_4XX", status: 418, headers: [], template: nil),
            ])
        let front = function.front(api)
        let missing = front.answer(LocalRequest(method: "GET", path: "/none"))
        #expect(missing.status == 404)
        #expect(missing.header("x-a") == "b")
        #expect(
            missing.text
                == #"{"m":"Missing Authentication Token","t":"MISSING_AUTHENTICATION_TOKEN","x":"Missing Authentication Token$"}"#
        )
        let failed = front.answer(LocalRequest(method: "GET", path: "/"))
        #expect(failed.status == 502)
        #expect(failed.text == "5xx")
        #expect(failed.header("content-type") == "text/plain")
        #expect(front.refuseTooLarge(id: "r").status == 418)
    }
}
