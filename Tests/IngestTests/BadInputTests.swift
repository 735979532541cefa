import Formats
import LambdaRuntime
import TestSupport
import Testing

@Suite("Bad input")
struct BadInputTests {
    private static let post = #""httpMethod":"POST","path":"/v1/track""#
    private static let key = #""headers":{"Authorization":"Basic d2tfbGl2ZV81MXhROg=="}"#

    @Test(
        "an event that no front makes is an error of the invocation",
        arguments: [
            "", " ", "null", "[]", "{}", "42", "{", "\u{FEFF}{}", #"{"httpMethod":"POST"}"#,
            #"{"path":"/v1/track"}"#, #"{"httpMethod":null,"path":"/v1/track"}"#,
            #"{"httpMethod":["POST"],"path":"/v1/track"}"#, #"{"httpMethod":"POST","path":{}}"#,
            #"{"version":"2.0","rawPath":"/"}"#,
            #"{"version":"2.0","requestContext":{"http":{"method":"GET"}}}"#,
            #"{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"x"}}]}"#,
            #"{"type":"TOKEN","methodArn":"a","authorizationToken":"b"}"#,
        ])
    func noRequests(event: String) throws {
        let harness = try Harness()
        let failure = #expect(throws: Failure.self) { try harness.send(Array(event.utf8)) }
        #expect(failure?.type == "Function.UnexpectedEvent")
        #expect(harness.sns.calls.isEmpty)
    }

    @Test(
        "every malformed request has its answer",
        arguments: [
            ("{\(post),\(key)}", 400), ("{\(post),\(key),\"body\":null}", 400),
            ("{\(post),\(key),\"body\":\"\"}", 400), ("{\(post),\(key),\"body\":7}", 400),
            ("{\(post),\(key),\"body\":{\"event\":\"e\"}}", 400),
            ("{\(post),\(key),\"body\":\"%%%\",\"isBase64Encoded\":true}", 400),
            ("{\(post),\(key),\"body\":\"/w==\",\"isBase64Encoded\":true}", 400),
            ("{\(post),\"body\":\"{}\"}", 401), ("{\(post),\"headers\":7,\"body\":\"{}\"}", 401),
            ("{\(post),\"headers\":[],\"multiValueHeaders\":\"x\",\"body\":\"{}\"}", 401),
            ("{\(post),\"headers\":{\"Authorization\":{}},\"body\":\"{}\"}", 401),
            ("{\(post),\"multiValueHeaders\":{\"Authorization\":[7,null]},\"body\":\"{}\"}", 401),
            ("{\(post),\(key),\"requestContext\":[],\"body\":\"{}\"}", 400),
            ("{\(post),\(key),\"requestContext\":{\"identity\":7},\"body\":\"[]\"}", 400),
            (#"{"httpMethod":"GET","path":"","requestContext":{"stage":{}}}"#, 200),
            (
                #"{"httpMethod":"GET","path":"/health","pathParameters":7,"resource":"/{proxy+}"}"#,
                200
            ),
            (#"{"httpMethod":"GET","path":"/v1/pixel/track","queryStringParameters":7}"#, 200),
            (
                #"{"httpMethod":"GET","path":"/v1/pixel/track","multiValueQueryStringParameters":{"a":{}}}"#,
                200
            ),
            (#"{"httpMethod":"🎉","path":"/v1/track"}"#, 405),
            (#"{"httpMethod":"","path":"/v1/track"}"#, 405),
        ])
    func events(event: String, status: Int) throws {
        let harness = try Harness()
        let reply = try harness.send(Array(event.utf8))
        #expect(reply.status == status)
        if status >= 400 {
            #expect(reply.code != nil)
            #expect(reply.json?["message"]?.string != nil)
        }
        #expect(harness.messages.isEmpty)
    }

    @Test("depth is bounded in the event and in the body")
    func depth() throws {
        let harness = try Harness()
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        func track(_ depth: Int) -> ProxyEvent {
            let body =
                #"{"event":"e","userId":"u","writeKey":"wk_live_51xQ","properties":\#(nested(depth))}"#
            return ProxyEvent("/v1/track", body)
        }
        #expect(try harness.send(track(511)).status == 200)
        let deep = try harness.send(track(512))
        #expect(deep.status == 400)
        #expect(deep.json?["message"]?.string?.contains("512 levels") == true)
        #expect(try harness.send(track(4000)).status == 400)
        let event = #"{"httpMethod":"GET","path":"/","x":\#(nested(600))}"#
        #expect(throws: Failure.self) { try harness.send(Array(event.utf8)) }
        let merged =
            #"{"batch":[{"type":"page","userId":"u","context":\#(nested(500))}],"context":\#(nested(500)),"writeKey":"wk_live_51xQ"}"#
        #expect(try harness.send(ProxyEvent("/v1/batch", merged)).status == 200)
    }

    @Test(
        "bytes that are not UTF-8 are not JSON",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) throws {
        let harness = try Harness()
        var event = ProxyEvent(
            "/v1/track", body: Array(#"{"event":""#.utf8) + bytes + Array("\"}".utf8))
        event.isBase64 = true
        event.headers = [Harness.basic("wk_live_51xQ")]
        let reply = try harness.send(event)
        #expect(reply.status == 400)
        #expect(harness.rejects.first?.text.contains("bodyBase64") == true)
    }
}
