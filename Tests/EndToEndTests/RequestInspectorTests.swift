import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let key = "wk-inspected-8Yq2"
private let secret = "cio-signing-key-inspected"

@Suite("What became of a request is found in the emulator", .timeLimit(.minutes(60)))
final class RequestInspectorTests {
    private let inlet: LocalInlet

    init() throws {
        inlet = try LocalInlet(
            partners: #"""
                [{"name":"web-app","webhook_token":"\#(key)"},
                 {"name":"cio","webhook_token":"cio-token-inspected",
                  "validation_config":{"senders":["customerio"],
                  "signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
                """#)
    }

    deinit { inlet.stop() }

    private func list(_ query: String) throws -> [JSONValue] {
        let reply = try inlet.send("GET", "/_inlet/requests?\(query)")
        SecretWatch.shared.look(in: reply.body, of: "the list of requests")
        return try Array(reply.json().elements)
    }

    private func detail(_ id: String) throws -> JSONValue {
        let reply = try inlet.send("GET", "/_inlet/requests/\(id)")
        SecretWatch.shared.look(in: reply.body, of: "the detail of a request")
        return try reply.json()
    }

    /// The line of the request with this reply, found by the id in it.
    private func line(of reply: HTTPResponse) throws -> JSONValue {
        let id = try #require(reply.headers["x-request-id"])
        let found = try list("id=\(id)")
        #expect(found.count == 1)
        let line = try #require(found.first)
        #expect(line["id"]?.string == id && line["status"]?.int == reply.status)
        return line
    }

    @Test("a valid call, by its id and by its messageId, with what was published")
    func valid() throws {
        let reply = try inlet.post(
            "/v1/track",
            #"{"event":"Order","userId":"u-1","messageId":"one-1","writeKey":"\#(key)"}"#)
        #expect(reply.status == 200)
        let line = try line(of: reply)
        let id = try #require(line["id"]?.string)
        #expect(line["sender"]?.string == "segment-api" && line["partner"]?.string == "web-app")
        #expect(line["outcome"]?.string == "published" && line["code"]?.isNull == true)
        #expect(line["accepted"]?.int == 1 && line["rejected"]?.int == 0)
        #expect(try list("messageId=one-1").map { $0["id"]?.string } == [id])
        let detail = try detail(id)
        let published = try #require(detail["published"]?.elements.first)
        #expect(published["attributes"]?["requestId"]?.string == id)
        #expect(detail["request"]?["body"]?.string?.contains("‹key-1›") == true)
        #expect(
            detail["log"]?.elements.contains { line in
                line["line"]?.string?.contains("\"outcome\":\"published\"") == true
            } == true)
    }

    @Test("a partly invalid batch, also by the messageId of what was rejected")
    func batch() throws {
        let reply = try inlet.post(
            "/v1/batch",
            #"{"batch":[{"type":"track","event":"Order","userId":"u","messageId":"two-1"},"#
                + #"{"type":"track","userId":"u","messageId":"two-2"}]}"#, headers: [basic(key)])
        #expect(reply.status == 200)
        let line = try line(of: reply)
        #expect(line["accepted"]?.int == 1 && line["rejected"]?.int == 1)
        for id in ["two-1", "two-2"] {
            #expect(try list("messageId=\(id)").map { $0["id"]?.string } == [line["id"]?.string])
        }
        let detail = try detail(line["id"]?.string ?? "")
        let code = detail["rejects"]?.elements.first?["attributes"]?["code"]?.string
        #expect(code != nil && line["code"]?.string == code)
    }

    @Test("a wrong signature and a route that is not there, which have no message")
    func refused() throws {
        let body = #"{"event_id":"e-1","object_type":"email","metric":"sent"}"#
        let headers = CustomerIOWebhook.headers(
            Array(body.utf8), secret: "wrong", seconds: "1767226011")
        let unsigned = try inlet.post(
            "/webhook/customerio", body, headers: headers.map { HTTPField($0.name, $0.value) })
        #expect(unsigned.status == 401)
        let line = try line(of: unsigned)
        #expect(line["sender"]?.string == "customerio" && line["partner"]?.isNull == true)
        #expect(line["code"]?.string == "invalid_signature")
        let steps = try detail(line["id"]?.string ?? "")["decision"]?.elements.map { step in
            "\(step["step"]?.string ?? "") \(step["isPassed"]?.bool == true)"
        }
        #expect(steps == ["route true", "token true", "signature false"])
        let missing = try inlet.post("/v1/nothing-here", "{}")
        #expect(missing.status == 404)
        #expect(try self.line(of: missing)["code"]?.string == "not_found")
        #expect(try list("status=404").count == 1 && list("outcome=not_authentic").count == 1)
    }

    @Test("it is sent again with its key, changed or not, and a fault of SNS is seen as 503")
    func again() throws {
        let call = #"{"event":"Order","userId":"u-1","messageId":"four-1","writeKey":"\#(key)"}"#
        let id = try #require(
            try inlet.post("/v1/track", call).headers["x-amzn-requestid"])
        let replay = try inlet.post("/_inlet/send", #"{"base":"\#(id)"}"#).json()
        #expect(replay["status"]?.int == 200 && replay["id"]?.string != id)
        let shown = try #require(try detail(id)["request"]?["body"]?.string)
        var order = JSONWriter()
        order.object { order in
            order.member("base", id)
            order.member("body", shown.replacingOccurrences(of: "four-1", with: "four-2"))
        }
        let changed = try inlet.post("/_inlet/send", order.text).json()
        #expect(changed["status"]?.int == 200)
        #expect(try list("messageId=four-1").count == 2)
        #expect(try list("messageId=four-2").map { $0["id"]?.string } == [changed["id"]?.string])
        #expect(try inlet.send("PUT", "/_inlet/faults", #"{"fault":"sns-down"}"#).status == 200)
        #expect(try inlet.post("/v1/track", call).status == 503)
        #expect(try list("status=503").first?["outcome"]?.string == "not_accepted")
        #expect(try inlet.send("PUT", "/_inlet/faults", #"{"fault":null}"#).status == 200)
        #expect(try inlet.post("/v1/track", call).status == 200)
        try inlet.send("PUT", "/_inlet/faults", "{}").expect(400, code: "no_such_fault")
        try inlet.post("/_inlet/send", #"{"base":"x"}"#).expect(404, code: "no_such_request")
        try inlet.post("/_inlet/send", "[]").expect(400, code: "not_sendable")
    }

    @Test("the live page is one document that asks no other host for anything")
    func page() throws {
        let page = try inlet.send("GET", "/_inlet/")
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(!page.text.contains("://"))
        for action in ["search", "pause", "replay", "edit", "sample", "clear"] {
            #expect(
                page.text.contains("data-action=\"\(action)\"")
                    || page.text.contains(
                        "\"data-action\": \"\(action)\""),
                "\(action)")
        }
        for filter in ["sender", "partner", "status", "outcome"] {
            #expect(page.text.contains("data-filter=\"\(filter)\""))
        }
    }
}
