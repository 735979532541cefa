import Formats
import Foundation
import Glibc
import TestSupport
import Testing
import Transport

private let track =
    #"{"userId":"u-1","event":"Order Completed","properties":{"total":12.50},"writeKey":"wk-1"}"#

@Suite("Inlet served by its emulator", .everyFront, .timeLimit(.minutes(60)))
final class LocalInletTests {
    private let inlet: LocalInlet

    init() throws {
        inlet = try LocalInlet(
            partners: #"[{"name":"web-app","webhook_token":"wk-1","validation_config":"#
                + #"{"senders":["segment-api","segment-destination"]}}]"#)
    }

    deinit { inlet.stop() }

    @Test(
        "Ctrl-C, or SIGTERM, ends it and every process that it has started",
        arguments: [SIGINT, SIGTERM])
    func stops(signal: Int32) throws {
        #expect(try inlet.post("/v1/track", track).status == 200)
        let hasAuthorizer = Front.current != .url
        let guarded = try inlet.post("/v1/segment", "{}", headers: [basic("wrong")])
        #expect(guarded.status == (hasAuthorizer ? 403 : 401))
        let children = inlet.children
        // One of the collector, and one of the authorizer.
        #expect(children.count == (hasAuthorizer ? 2 : 1))
        #expect(inlet.program.stop(signal) == .status(0))
        #expect(children.filter(ProcessTable.isRunning).isEmpty)
    }

    @Test("an emulator that was given no partners says so at the start and in its answers")
    func noPartners() throws {
        let program = try Program(
            Tools.emulator,
            ["--port", "0", "--template", Tools.template, "--bootstrap", Tools.bootstrap])
        defer { program.stop() }
        let url = try program.line(with: "listening on http://").split(separator: " ").last ?? ""
        let advice = try program.line(with: "Ingest cannot work")
        #expect(advice.contains("INLET_PARTNERS is in DynamoDB"))
        #expect(advice.contains("--env 'INLET_PARTNERS=["))
        #expect(try http("GET", "\(url)/health").status == 200)
        for (path, headers) in [("/v1/track", []), ("/v1/segment", [basic("wk-1")])] {
            let reply = try http("POST", "\(url)\(path)", headers: headers, body: Array(track.utf8))
            try reply.expect(503, code: "not_in_the_emulator")
            #expect(reply.text.contains("--env 'INLET_PARTNERS=["))
            #expect(reply.headers["retry-after"] == nil)
        }
        _ = try program.line(with: "emulator: Ingest cannot work")
    }

    @Test("an emulator whose messages would go to a stream says that it has none")
    func noStream() throws {
        let program = try Program(
            Tools.emulator,
            [
                "--port", "0", "--template", Tools.template, "--bootstrap", Tools.bootstrap,
                "--parameter", "Partners=[]", "--parameter", "Sink=stream", "--parameter",
                "SinkArn=arn:aws:kinesis:us-east-1:123456789012:stream/messages",
            ])
        defer { program.stop() }
        let advice = try program.line(with: "Ingest cannot work")
        #expect(advice.contains("INLET_TOPIC_ARN is in Kinesis, which the emulator does not have"))
    }

    @Test("health says who is healthy, and since when that is known")
    func health() throws {
        let reply = try inlet.send("GET", "/health")
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == "application/json")
        let body = try reply.json()
        #expect(
            body.members.map(\.name.string) == [
                "status", "timestamp", "service", "version", "build",
            ])
        #expect(body["status"]?.string == "healthy")
        #expect(body["service"]?.string == "inlet")
        let time = try #require(Timestamp(rfc3339: body["timestamp"]?.utf8 ?? []))
        let age = Date().timeIntervalSince1970 * 1e6 - Double(time.microseconds)
        #expect(abs(age) < 60e6)
    }

    @Test("the root describes the routes")
    func description() throws {
        let reply = try inlet.send("GET", "/")
        #expect(reply.status == 200)
        let body = try reply.json()
        #expect(body["service"]?.string == "inlet")
        let routes = body["routes"].map { $0.elements.map { $0.string } } ?? []
        #expect(routes.contains("POST /v1/segment"))
        #expect(routes.contains("GET|HEAD /health"))
    }

    @Test("it is ready when the registry and SNS can be reached, and HEAD says no more than GET")
    func readiness() throws {
        let reply = try inlet.send("GET", "/ready")
        #expect(reply.status == 200)
        #expect(try reply.json()["status"]?.string == "ready")
        for path in ["/ready", "/health", "/", "/v1/pixel/track"] {
            let head = try inlet.send("HEAD", path)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
        #expect(try inlet.published().isEmpty)
    }

    @Test(
        "an unknown route is not found",
        arguments: [
            "/nowhere", "/v1", "/v1/unknown", "/v2/track", "/webhook/segment", "/favicon.ico",
        ])
    func notFound(path: String) throws {
        for method in ["GET", "POST"] {
            try inlet.send(method, path, track).expect(404, code: "not_found")
        }
        #expect(try inlet.published().isEmpty)
    }

    @Test(
        "a known route with another method says which it takes",
        arguments: [
            ("GET", "/v1/track", "POST"), ("PUT", "/v1/batch", "POST"),
            ("GET", "/v1/segment", "POST"), ("PUT", "/v1/segment", "POST"),
            ("POST", "/v1/pixel/track", "GET, HEAD"), ("POST", "/health", "GET, HEAD"),
            ("POST", "/", "GET, HEAD"), ("POST", "/ready", "GET, HEAD"),
            ("GET", "/webhook/segment/wk-1", "POST, PUT, PATCH"),
            ("DELETE", "/webhook/segment/wk-1", "POST, PUT, PATCH"),
        ])
    func methodNotAllowed(method: String, path: String, allowed: String) throws {
        // API Gateway asks for a key on every method of the path that it guards.
        let reply = try inlet.send(method, path, track, headers: [basic("wk-1")])
        try reply.expect(405, code: "method_not_allowed")
        #expect(reply.headers["allow"] == allowed)
        #expect(try inlet.published().isEmpty)
    }

    @Test("a browser's preflight is answered", arguments: ["/v1/t", "/v1/b", "/v1/page"])
    func preflight(path: String) throws {
        let asked = "anonymousid,authorization,content-type"
        let reply = try inlet.send(
            "OPTIONS", path,
            headers: [
                HTTPField("Origin", "https://shop.example"),
                HTTPField("Access-Control-Request-Method", "POST"),
                HTTPField("Access-Control-Request-Headers", asked),
            ])
        #expect(reply.status == 204)
        #expect(reply.body.isEmpty)
        #expect(reply.headers["access-control-allow-origin"] == "*")
        #expect(reply.headers["access-control-allow-methods"] == "POST, GET, OPTIONS")
        #expect(reply.headers["access-control-allow-headers"] == asked)
    }

    @Test("a browser may read the answer to its call, and an error's too")
    func origin() throws {
        for (key, status) in [("wk-1", 200), ("wrong", 401)] {
            let reply = try inlet.post("/v1/t", track, headers: [basic(key)])
            #expect(reply.status == status)
            #expect(reply.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test("a pixel is a GIF, and its call is published")
    func pixel() throws {
        let data = String(decoding: Base64.encode(Array(track.utf8)), as: UTF8.self)
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let reply = try inlet.send("GET", "/v1/pixel/track?data=\(data)")
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == "image/gif")
        #expect(reply.headers["cache-control"] == "no-store")
        #expect(reply.body.count == 43)
        #expect(reply.body.starts(with: "GIF89a".utf8))
        #expect(reply.body.last == 0x3B)
        let published = try inlet.published()
        #expect(published.map { $0.message["event"]?.string } == ["Order Completed"])
        #expect(published.first?.message["properties"]?.written == #"{"total":12.50}"#)
    }

    @Test("a pixel with nothing usable is the same GIF, and publishes nothing")
    func badPixel() throws {
        let good = try inlet.send("GET", "/v1/pixel/track?writeKey=wk-1&userId=u&event=E")
        for query in ["", "?data=%%%", "?writeKey=wrong&userId=u&event=E", "?data=bm90IEpTT04"] {
            let reply = try inlet.send("GET", "/v1/pixel/track\(query)")
            #expect(reply.status == 200)
            #expect(reply.body == good.body)
        }
        #expect(try inlet.published().map { $0.message["event"]?.string } == ["E"])
    }

    @Test("an SDK's report about itself is accepted and thrown away")
    func selfMetrics() throws {
        let reply = try inlet.post("/v1/m", #"{"series":[{"type":"Counter","value":1}]}"#)
        #expect(reply.status == 200)
        #expect(try parse(reply.text)["success"]?.bool == true)
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
    }

    @Test("a gzip body arrives whole, whatever type it is said to be")
    func gzip() throws {
        for type in ["application/json", "text/plain", "application/octet-stream"] {
            let reply = try http(
                "POST", "\(inlet.url)/v1/track",
                headers: [
                    HTTPField("Content-Encoding", "gzip"), HTTPField("Content-Type", type),
                ], body: StoredGzip.encode(Array(track.utf8)))
            #expect(reply.status == 200)
            #expect(try parse(reply.text)["accepted"]?.int == 1)
        }
        let published = try inlet.published()
        #expect(published.count == 3)
        for message in published {
            #expect(message.message["properties"]?.written == #"{"total":12.50}"#)
            #expect(!message.text.contains("wk-1"))
        }
    }

    @Test("a body that is too large for the front is refused, one below is Inlet's to judge")
    func tooLarge() throws {
        let limit = 10 * 1024 * 1024
        let large = try http(
            "POST", "\(inlet.url)/v1/batch", body: [UInt8](repeating: 0x20, count: limit + 1))
        #expect(large.status == 413)
        #expect(try large.json()["code"]?.string == (Front.current == .rest ? "too_large" : nil))
        let smaller = try http(
            "POST", "\(inlet.url)/v1/batch", headers: [basic("wk-1")],
            body: [UInt8](repeating: 0x20, count: 600_000))
        try smaller.expect(400, code: "body_too_large")
        #expect(try inlet.post("/v1/track", track).status == 200)
    }
}
