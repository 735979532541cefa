import Formats
import LambdaRuntime
import TestSupport
import Testing
@testable import Ingest

/// One id leads from a reply to the log line, the message and the reject of its request.
@Suite("The id of a request")
struct RequestIDTests {
    private static let id = "gateway-request-1"

    @Test("is the same in reply, log line, message and reject")
    func everywhere() throws {
        let harness = try Harness()
        let body =
            #"{"batch":[{"type":"track","userId":"u","event":"E","messageId":"m-1"},"#
            + #"{"type":"track","userId":"u","messageId":"m-2"},"#
            + #"{"type":"track","userId":"u","messageId":"m-3"},{"type":"page","messageId":"m-4"}]}"#
        let reply = try harness.send(
            ProxyEvent("/v1/batch", body, headers: [Harness.basic("wk_live_51xQ")]))
        #expect(reply.status == 200)
        #expect(reply["x-request-id"] == Self.id)
        #expect(reply.json?["requestId"]?.string == Self.id)
        #expect(reply.json?["messageId"] == nil)
        #expect(harness.messages.map { $0.attributes["requestId"] } == [Self.id])
        #expect(harness.rejects.count == 3)
        for reject in harness.rejects {
            #expect(try JSONText(Array(reject.text.utf8)).root["requestId"]?.string == Self.id)
        }
        let line = try #require(try harness.lines().first { $0["message"]?.string == "request" })
        #expect(line["requestId"]?.string == Self.id)
        #expect(line["lambdaRequestId"]?.string == "lambda-request-1")
        #expect(line["level"]?.string == "WARN")
        #expect(line["code"]?.string == "event_not_defined")
        #expect(
            line["codes"].map { String(decoding: $0.raw, as: UTF8.self) }
                == #"{"event_not_defined":2,"no_user_anon_id":1}"#)
    }

    @Test("a single call is told the id of its message")
    func single() throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent(
                "/v1/track", #"{"userId":"u","event":"E","messageId":"m-\"1"}"#,
                headers: [Harness.basic("wk_live_51xQ")]))
        #expect(reply.json?["messageId"]?.string == "m-\"1")
        #expect(
            String(decoding: reply.body, as: UTF8.self)
                == #"{"success":true,"accepted":1,"messageId":"m-\"1","requestId":"gateway-request-1"}"#
        )
        let refused = try harness.send(
            ProxyEvent("/v1/track", #"{"userId":"u"}"#, headers: [Harness.basic("wk_live_51xQ")]))
        #expect(refused.status == 400)
        #expect(refused.json?["requestId"]?.string == Self.id)
    }

    @Test(
        "is Lambda's where the front's could not be a header",
        arguments: ["", "a b", "a\u{1}", "é", String(repeating: "x", count: 129)])
    func unusable(id: String) throws {
        let harness = try Harness()
        let event =
            #"{"httpMethod":"GET","path":"/health","requestContext":{"requestId":"\#(id.replacing("\u{1}", with: #"\u0001"#))"}}"#
        let reply = try harness.send(Array(event.utf8))
        #expect(reply["x-request-id"] == "lambda-request-1")
    }

    @Test("a request that was cut off has its line, its metrics and its id")
    func cutOff() throws {
        let log = try LogFile()
        let logger = Logger(
            level: .info, format: .json,
            origin: LogOrigin(stage: "test", function: "ingest", namespace: "Inlet"),
            output: log.descriptor, now: { Harness.now })
        let event = ProxyEvent("/v1/track", "{}").rest
        guard
            case .response(let bytes) = Collector.unanswered(try Harness.invocation(event), logger)
        else {
            Issue.record("no response")
            return
        }
        let root = try JSONText(bytes).root
        #expect(root["statusCode"]?.int == 503)
        #expect(try JSONText(root["body"]?.utf8 ?? []).root["requestId"]?.string == Self.id)
        let line = try JSONText(Array(log.text.utf8)).root
        #expect(line["requestId"]?.string == Self.id)
        #expect(line["outcome"]?.string == "not_accepted")
        #expect(line["code"]?.string == "not_accepted")
        #expect(line["level"]?.string == "ERROR")
        #expect(line["failed"]?.int == 1)
        let failed = try EmbeddedMetric.all(in: line).filter { $0.name == "failed" }
        #expect(
            failed.map(\.dimensions) == [["stage", "function"], ["stage", "function", "sender"]])
    }
}
