import Formats
import Foundation
import LocalServer
import Testing

@testable import emulator

@Suite("The inspector's data", .timeLimit(.minutes(60)))
struct InspectorTests {
    private let emulator: RunningEmulator

    init() throws { emulator = try RunningEmulator() }

    private func get(_ path: String) throws -> JSONValue {
        let reply = emulator.request("GET", "/_inlet/\(path)")
        #expect(reply.status == 200, "\(reply.text)")
        return try #require(json(reply.body))
    }

    private func list(_ query: String = "") throws -> [JSONValue] {
        try Array(get("requests\(query)").elements)
    }

    /// Sends items that the function publishes or rejects, and returns the front's id.
    @discardableResult
    private func collect(_ items: String) throws -> String {
        let reply = emulator.request(
            "POST", "/open", headers: ["X-Collect: yes"], body: Array(items.utf8))
        #expect(reply.status == 200)
        return try #require(reply.headers["x-amzn-requestid"])
    }

    @Test("each request has its line, newest first, with all members")
    func summaries() throws {
        let id = try collect(#"[{"messageId":"m-1"},{"messageId":"m-2","bad":1}]"#)
        #expect(emulator.request("GET", "/nope").status == 403)
        let all = try list()
        #expect(all.map { $0["status"]?.int } == [403, 200])
        #expect(
            all[0].members.map(\.name.string) == [
                "id", "time", "method", "path", "status", "sender", "partner", "outcome", "code",
                "accepted", "rejected", "milliseconds", "messageIds",
            ])
        #expect(all[0]["sender"]?.isNull == true && all[0]["path"]?.string == "/nope")
        #expect(all[1]["id"]?.string == id)
        #expect(all[1]["sender"]?.string == "segment-api" && all[1]["partner"]?.string == "web-app")
        #expect(all[1]["outcome"]?.string == "published" && all[1]["code"]?.string == "bad_item")
        #expect(all[1]["accepted"]?.int == 1 && all[1]["rejected"]?.int == 1)
        #expect(all[1]["messageIds"]?.elements.map(\.string) == ["m-1", "m-2"])
    }

    @Test("a request is found by its id, by a message's and by a reject's, and by what it was")
    func filters() throws {
        let id = try collect(#"[{"messageId":"m-1"},{"messageId":"m-2","bad":1}]"#)
        try collect(#"[{"messageId":"m-3"}]"#)
        for query in ["id=\(id)", "messageId=m-1", "messageId=m-2"] {
            #expect(try list("?\(query)").map { $0["id"]?.string } == [id], "\(query)")
        }
        let both = ["partner=web-app", "sender=segment-api", "outcome=published", "status=200"]
        for query in both { #expect(try list("?\(query)").count == 2, "\(query)") }
        for query in ["partner=x", "status=404", "messageId=x", "id=x", "limit=0"] {
            #expect(try list("?\(query)").isEmpty, "\(query)")
        }
        #expect(try list("?limit=1").map { $0["messageIds"]?.elements.first?.string } == ["m-3"])
    }

    @Test("the detail has request, reply, decision, messages, rejects, queues and log")
    func detail() throws {
        let id = try collect(#"[{"messageId":"m-1"},{"messageId":"m-2","bad":1}]"#)
        let detail = try get("requests/\(id)")
        #expect(detail["request"]?["body"]?.string?.contains("m-2") == true)
        #expect(detail["request"]?["target"]?.string == "/open")
        #expect(detail["reply"]?["status"]?.int == 200)
        func attributes(_ list: String, _ name: String) -> [String?]? {
            detail[list]?.elements.map { $0["attributes"]?[name]?.string }
        }
        #expect(attributes("published", "requestId") == [id])
        #expect(attributes("rejects", "code") == ["bad_item"])
        let steps = detail["decision"]?.elements.map { $0["isPassed"]?.bool }
        #expect(steps == [true, true, true])
        let log = detail["log"]?.elements.map { $0["line"]?.string ?? "" } ?? []
        #expect(log.contains { $0.contains("\"message\": \"request\"") })
        // Lambda's id leads to it as well.
        let lambda = try #require(detail["lambdaRequestIds"]?.elements.first?.string)
        #expect(lambda != id)
        #expect(try get("requests/\(lambda)")["id"]?.string == id)
        let missing = emulator.request("GET", "/_inlet/requests/none")
        #expect(missing.status == 404)
        #expect(json(missing.body)?["code"]?.string == "no_such_request")
        #expect(emulator.request("DELETE", "/_inlet/requests").status == 204)
        #expect(try list().isEmpty)
    }

    @Test("pages of other sites and of other hosts get nothing of it")
    func strangers() throws {
        for (method, path) in [
            ("GET", "/_inlet/requests"), ("GET", "/_inlet/requests/x"), ("GET", "/_inlet/events"),
            ("DELETE", "/_inlet/requests"), ("GET", "/_inlet/"), ("GET", "/_inlet/flow"),
            ("GET", "/_inlet/messages"), ("GET", "/_inlet/queues"), ("GET", "/_inlet/partners"),
            ("POST", "/_inlet/sample"), ("POST", "/_inlet/send"), ("PUT", "/_inlet/faults"),
            ("POST", "/2015-03-31/functions/Main/invocations"),
        ] {
            let page = emulator.request(method, path, headers: ["Origin: http://shop.example"])
            #expect(page.status == 403, "\(method) \(path)")
            #expect(json(page.body)?["code"]?.string == "foreign_origin")
            let host = emulator.request(method, path, host: "shop.example")
            #expect(json(host.body)?["code"]?.string == "foreign_host")
        }
    }

    @Test("events tell of each finished request, go on after the last one, and end at the stop")
    func events() throws {
        let first = try collect(#"[{"messageId":"m-1"}]"#)
        let fresh = try #require(Listener(port: emulator.port))
        let late = try #require(Listener(port: emulator.port, after: 0))
        #expect(!fresh.isRefused && !late.isRefused)
        let second = try collect(#"[{"messageId":"m-2"}]"#)
        while !fresh.text.contains(second) || !late.text.contains(second) {
            fresh.readMore()
            late.readMore()
        }
        emulator.stop()
        let news = fresh.readToEnd()
        #expect(news.contains("Content-Type: text/event-stream"))
        #expect(!news.contains(first) && news.contains(second))
        #expect(news.contains("event: request\nid: 2\ndata: {\"id\":\"\(second)\""))
        let both = late.readToEnd()
        #expect(both.contains(first) && both.contains(second))
    }

    @Test("listeners are bounded, and one that goes makes room")
    func listeners() throws {
        var all: [Listener] = []
        for _ in 0..<RequestEvents.maximumListeners {
            let listener = try #require(Listener(port: emulator.port))
            #expect(!listener.isRefused)
            all.append(listener)
        }
        #expect(try #require(Listener(port: emulator.port)).isRefused)
        all = []
        var isWelcome = false
        let deadline = Date() + 20
        while !isWelcome, Date() < deadline {
            Thread.sleep(forTimeInterval: 0.2)
            isWelcome = Listener(port: emulator.port).map { !$0.isRefused } ?? false
        }
        #expect(isWelcome)
    }
}

/// A client of the stream of events.
private final class Listener {
    private let connection: RawConnection
    /// What has come so far.
    private(set) var text = ""

    init?(port: UInt16, after last: Int? = nil) {
        guard let connection = RawConnection(port: port) else { return nil }
        self.connection = connection
        let more = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        self.connection.send(
            Array(
                "GET /_inlet/events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(more)\r\n".utf8))
    }

    /// Whether the server has refused it; it waits for the first bytes of the answer.
    var isRefused: Bool {
        readMore()
        return text.hasPrefix("HTTP/1.1 503")
    }

    /// Waits for more to come.
    func readMore() { text += String(decoding: connection.read(), as: UTF8.self) }

    /// All of it, once the server has ended the stream.
    func readToEnd() -> String {
        text += String(decoding: connection.readToEnd(), as: UTF8.self)
        return text
    }
}
