import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let key = "wk-detail-4Hq7"
private let secrets = ["cio-old-detail", "cio-new-detail"]
private let partners = #"""
    [{"name":"web-app","webhook_token":"\#(key)"},
     {"name":"crm","webhook_token":"crm-token-detail","validation_config":{"senders":["partner"],
      "required_fields":["data.total"],"allowed_ips":["127.0.0.0/8"]}},
     {"name":"far","webhook_token":"far-token-detail","validation_config":{"senders":["partner"],
      "allowed_ips":["203.0.113.0/24"]}},
     {"name":"cio","webhook_token":"cio-token-detail",
      "validation_config":{"senders":["customerio"],
      "signing":{"scheme":"customerio","secrets":["\#(secrets[0])","\#(secrets[1])"]}}}]
    """#

@Suite("The detail of a request in the emulator", .timeLimit(.minutes(60)))
struct RequestDetailTests {
    private func detail(_ reply: HTTPResponse, _ inlet: LocalInlet) throws -> JSONValue {
        let id = try #require(reply.headers["x-request-id"])
        let detail = try inlet.send("GET", "/_inlet/requests/\(id)")
        SecretWatch.shared.look(in: detail.body, of: "the detail of a request")
        return try detail.json()
    }

    private func texts(_ list: JSONValue?, _ name: String) -> [String?] {
        list?.elements.map { $0[name]?.string } ?? []
    }

    private func event(_ secret: String, _ seconds: Int64) -> (body: String, headers: [HTTPField]) {
        let body =
            #"{"event_id":"e-1","object_type":"email","metric":"sent","#
            + #""data":{"customer_id":"u"}}"#
        let headers = CustomerIOWebhook.headers(
            Array(body.utf8), secret: secret, seconds: "\(seconds)")
        return (body, headers.map { HTTPField($0.name, $0.value) })
    }

    private var now: Int64 { Int64(Date().timeIntervalSince1970) }

    @Test("says what was changed in a call, and marks what is wrong with another")
    func content() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let call = #"{"writeKey":"\#(key)","user_id":"u","event":"Order","properties":[]}"#
        let published = try detail(try inlet.post("/v1/track", call), inlet)["published"]?
            .elements.first
        let changes = published?["changes"]
        let kinds = texts(changes, "kind")
        #expect(kinds.starts(with: ["added", "added", "renamed"]) && kinds.last == "dropped")
        #expect(texts(changes, "to").contains("userId"))
        #expect(texts(changes, "to").contains("properties"))
        #expect(texts(changes, "from").last == "writeKey")
        #expect(published?["sent"]?.string?.contains("‹key-1›") == true)
        let webhook = try detail(
            try inlet.post("/webhook/v1/crm-token-detail", #"{"id":"x","event":"E","userId":"u"}"#),
            inlet)
        let reject = try #require(webhook["rejects"]?.elements.first)
        #expect(reject["code"]?.string == "validation_failed")
        #expect(texts(reject["fields"], "path") == ["data.total"])
        #expect(reject["marks"]?.elements.first?["start"]?.int == 0)
        let broken = try detail(
            try inlet.post("/webhook/v1/crm-token-detail", #"{"id":"x",}"#), inlet)
        let mark = broken["rejects"]?.elements.first?["marks"]?.elements.first
        #expect(mark?["start"]?.int == 10)
    }

    @Test("follows a message to its row, and says why Segment did not get it")
    func downstream() throws {
        let directory = try TemporaryDirectory()
        let warehouse = "sqlite:\(directory.path)/warehouse.sqlite"
        let migration = try Program(
            Tools.inlet, ["warehouse", "migrate"], environment: ["INLET_WAREHOUSE": warehouse])
        guard try migration.end() == .status(0) else { throw migration.failure("failed") }
        let inlet = try LocalInlet(
            partners: partners,
            options: [
                "--parameter", "Warehouse=\(warehouse)", "--parameter", "WarehouseWindow=1",
                "--parameter", "SegmentWriteKeyParameterName=/inlet/write-key",
                "--env", "INLET_SEGMENT_WRITE_KEY=wk-of-segment", "--parameter",
                // Nobody listens there.
                "SegmentEndpoint=http://127.0.0.1:1",
            ])
        defer { inlet.stop() }
        let event = event(secrets[0], now)
        let reply = try inlet.post("/webhook/customerio", event.body, headers: event.headers)
        #expect(reply.status == 200)
        var queues: [JSONValue] = []
        let limit = Date(timeIntervalSinceNow: 600)
        func isDone() -> Bool {
            !queues.isEmpty && queues.allSatisfy { $0["results"]?.elements.isEmpty == false }
        }
        while Date() < limit, !isDone() {
            Thread.sleep(forTimeInterval: 0.1)
            let message = try detail(reply, inlet)["published"]?.elements.first
            queues = message?["queues"].map { Array($0.elements) } ?? []
        }
        func result(_ queue: String) throws -> JSONValue {
            let queue = try #require(queues.first { $0["queue"]?.string == queue })
            return try #require(queue["results"]?.elements.first)
        }
        let row = try #require(try result("inlet-WarehouseQueue")["rows"]?.elements.first)
        #expect(row["table"]?.string == "tracks" && row["key"]?["partner"]?.string == "cio")
        #expect(row["key"]?["id"]?.string == "cio-e-1" && row["values"]?["user_id"]?.string == "u")
        let relay = try result("inlet-RelayQueue")
        #expect(relay["isDone"]?.bool == false && relay["reason"]?.string?.isEmpty == false)
        #expect(relay["counts"]?["failed"]?.int == 1)
    }

    /// The steps as `step ✓` with the reason of the last one.
    private func steps(
        _ reply: HTTPResponse, _ inlet: LocalInlet
    ) throws -> (
        all: [String], why: String
    ) {
        let decision = try detail(reply, inlet)["decision"].map { Array($0.elements) } ?? []
        let all = decision.map { step in
            "\(step["step"]?.string ?? "") \(step["isPassed"]?.bool == true ? "✓" : "✗")"
        }
        return (all, decision.last?["why"]?.string ?? "")
    }

    @Test("goes through each step of a decision, and says why the last one did not let it pass")
    func decision() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let call = #"{"event":"Order","userId":"u"}"#
        let passed = try steps(try inlet.post("/v1/track", call, headers: [basic(key)]), inlet)
        #expect(
            passed.all == [
                "route ✓", "token ✓", "status ✓", "address ✓", "size ✓", "JSON ✓", "rules ✓",
                "publish ✓",
            ])
        let unknown = try steps(try inlet.post("/webhook/v1/nobodys-token", call), inlet)
        #expect(unknown.all == ["route ✓", "token ✗"] && unknown.why.contains("nobody has"))
        let other = try steps(
            try inlet.post("/v1/track", call, headers: [basic("crm-token-detail")]), inlet)
        #expect(other.all == ["route ✓", "token ✗"])
        #expect(other.why.contains("crm's, whose senders do not open this route: partner"))
        let none = try steps(try inlet.post("/v1/track", call), inlet)
        #expect(none.why.contains("there is none"))
        let far = try steps(try inlet.post("/webhook/v1/far-token-detail", call), inlet)
        #expect(far.all == ["route ✓", "token ✓", "status ✓", "address ✗"])
        #expect(far.why == "127.0.0.1 is in none of the 1 networks of allowed_ips")
        let broken = try inlet.post("/webhook/v1/crm-token-detail", #"{"id":"x",}"#)
        #expect(try steps(broken, inlet).all.last == "JSON ✗")
        let mark = try detail(broken, inlet)["decision"]?.elements.map { $0["mark"] }.last
        #expect(mark??["start"]?.int == 10)
        let ruled = try inlet.post("/webhook/v1/crm-token-detail", call)
        #expect(try steps(ruled, inlet).why == "rejected: 1 × validation_failed")
        #expect(try steps(try inlet.post("/nowhere", "{}"), inlet).all == ["route ✗"])
        let guarded = try steps(
            try inlet.post("/v1/segment", call, headers: [basic("wrong")]), inlet)
        #expect(guarded.all == ["route ✓", "authorizer ✗"])
    }

    @Test("a pixel's call and a form are read as the calls that they stand for")
    func otherForms() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let call = #"{"writeKey":"\#(key)","event":"Order","userId":"u"}"#
        let data = String(decoding: Base64.encode(Array(call.utf8)), as: UTF8.self)
        let pixel = try inlet.send("GET", "/v1/pixel/track?data=\(data)")
        #expect(pixel.status == 200)
        let steps = try steps(pixel, inlet)
        #expect(steps.all.starts(with: ["route ✓", "token ✓"]) && steps.all.last == "publish ✓")
        let shown = try detail(pixel, inlet)
        #expect(
            shown["decision"]?.element(at: 1)?["why"]?.string
                == "the token in writeKey is web-app's")
        let sent = shown["published"]?.elements.first?["sent"]?.string
        #expect(sent == #"{"writeKey":"‹key-2›","event":"Order","userId":"u"}"#)
        let form = try inlet.post(
            "/webhook/v1/crm-token-detail", "id=f-1&event=Order&userId=u&data=x")
        let reject = try detail(form, inlet)["rejects"]?.elements.first
        #expect(reject?["code"]?.string == "validation_failed")
    }

    @Test("says of a signature its scheme and header, how late it is, and which secret made it")
    func signature() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        func why(_ secret: String, _ seconds: Int64) throws -> String {
            let event = event(secret, seconds)
            let reply = try inlet.post("/webhook/customerio", event.body, headers: event.headers)
            let decision = try detail(reply, inlet)["decision"]
            let step = decision?.elements.first { $0["step"]?.string == "signature" }
            #expect(step?["isPassed"]?.bool == (reply.status == 200))
            let looks = step?["looks"]?.elements.map { $0["isPassed"]?.bool == true } ?? []
            #expect(!looks.isEmpty && looks.contains(false) == (reply.status != 200))
            #expect(step?["causes"]?.elements.isEmpty == (reply.status == 200))
            return step?["why"]?.string ?? ""
        }
        let made = try why(secrets[1], now)
        #expect(made.hasPrefix("scheme customerio; header x-cio-signature; signed "))
        #expect(made.hasSuffix("secret 2 of 2 made the signature"))
        let late = try why(secrets[0], now - 900)
        #expect(late.contains("; signed 90") && late.contains("300 s are allowed"))
        #expect(try why("another", now).hasSuffix("no secret of the partner made the signature"))
    }

    @Test("a registry that is away is seen as 503 in a process that knows nobody yet")
    func registryAway() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        func track() throws -> Int {
            try inlet.post(
                "/v1/track", #"{"event":"Order","userId":"u"}"#, headers: [basic(key)]
            ).status
        }
        func turn(_ fault: String) throws -> Int {
            try inlet.send("PUT", "/_inlet/faults", #"{"fault":\#(fault)}"#).status
        }
        #expect(try track() == 200)
        #expect(try turn(#""registry-away""#) == 200)
        #expect(try track() == 503)
        let flow = try inlet.send("GET", "/_inlet/flow").json()
        #expect(flow["fault"]?.string == "registry-away")
        let all = ["sns-down", "sns-slow", "sns-throttled", "registry-away"]
        #expect(texts(flow["faults"], "fault") == all)
        #expect(try turn("null") == 200)
        #expect(try track() == 200)
    }
}
