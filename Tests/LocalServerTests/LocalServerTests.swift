import Formats
import LocalServer
import Platform
import Synchronization
import Testing

@Suite("LocalServer", .timeLimit(.minutes(60)))
struct LocalServerTests {
    @Test("hands on the request as it was sent")
    func request() throws {
        let seen = Mutex<[LocalRequest]>([])
        let server = try LocalServer { request in
            seen.withLock { $0.append(request) }
            return LocalResponse(
                status: 201, headers: [HTTPField("X-A", "1"), HTTPField("X-A", "2")], body: [0x68])
        }
        let reply = exchange(
            "PATCH /a%20b/%zz//c?x=%31&y HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\n"
                + "Content-Length: 3\r\nConnection: close\r\n\r\nabc",
            port: server.port)
        let request = try #require(seen.withLock { $0.first })
        #expect(request.method == "PATCH")
        #expect(request.path == "/a%20b/%zz//c")
        #expect(request.query == "x=%31&y")
        #expect(
            request.headers.map { "\($0.name)=\($0.value)" } == [
                "Host=h", "X-Two=1", "x-two=2", "Content-Length=3", "Connection=close",
            ])
        #expect(request.header("X-TWO") == "1")
        #expect(request.body == Array("abc".utf8))
        #expect(request.peer == "127.0.0.1")
        #expect(reply.hasPrefix("HTTP/1.1 201 "))
        #expect(reply.contains("X-A: 1\r\nX-A: 2\r\n"))
        #expect(reply.hasSuffix("\r\n\r\nh"))
    }

    @Test("serves any method", arguments: ["GET", "OPTIONS", "DELETE", "PUT", "POST", "BREW"])
    func methods(method: String) throws {
        let server = try LocalServer { .text(200, "text/plain", $0.method) }
        let reply = exchange(
            "\(method) / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: server.port)
        #expect(reply.hasSuffix("\r\n\r\n\(method)"))
    }

    @Test("sends a stream as it is made, and tells its end once")
    func stream() throws {
        let left = Mutex(["one", "two", "three"])
        let ends = Monitor(0)
        let server = try LocalServer { _ in
            LocalResponse(
                headers: [HTTPField("Content-Type", "text/event-stream")],
                stream: LocalStream(
                    next: {
                        left.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) }
                    }, ended: { ends.sync { $0 += 1 } }))
        }
        let reply = exchange(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: server.port)
        #expect(reply.contains("Transfer-Encoding: chunked\r\n"))
        #expect(reply.hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"))
        #expect(ends.wait(until: .now + .seconds(10)) { $0 == 1 ? true : nil } == true)
    }

    @Test("a stream ends when its client goes")
    func abandoned() throws {
        let ends = Monitor(0)
        let server = try LocalServer { _ in
            LocalResponse(
                stream: LocalStream(
                    next: {
                        Threads.sleep(.milliseconds(10))
                        return [0x2E]
                    }, ended: { ends.sync { $0 += 1 } }))
        }
        do {
            guard let client = RawConnection(port: server.port) else {
                Issue.record("nobody listens")
                return
            }
            client.send(Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
            #expect(!client.read().isEmpty)
            #expect(ends.sync { $0 } == 0)
        }
        #expect(ends.wait(until: .now + .seconds(10)) { $0 == 1 ? true : nil } == true)
    }

    @Test("answers HEAD without the body")
    func head() throws {
        let server = try LocalServer { _ in .text(200, "text/plain", "body") }
        let reply = exchange(
            "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: server.port)
        #expect(reply.contains("Content-Length: 4"))
        #expect(reply.hasSuffix("\r\n\r\n"))
    }

    @Test("sends statuses that have no body without one", arguments: [204, 304])
    func bodiless(status: Int) throws {
        let server = try LocalServer {
            .text(status, "text/plain", $0.path == "/with" ? "body" : "")
        }
        for path in ["/with", "/without"] {
            let reply = exchange(
                "GET \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: server.port)
            #expect(reply.hasPrefix("HTTP/1.1 \(status) "))
            #expect(reply.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("answers Expect: 100-continue before the body")
    func expect() throws {
        let server = try LocalServer { .text(200, "text/plain", String($0.body.count)) }
        let reply = exchange(
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                + "Connection: close\r\n\r\n", body: [1, 2], port: server.port)
        #expect(reply.hasSuffix("\r\n\r\n2"))
    }

    @Test("reads large and chunked bodies whole")
    func bodies() throws {
        let server = try LocalServer { .text(200, "text/plain", String($0.body.count)) }
        let large = [UInt8](repeating: 0x61, count: 3_000_000)
        let reply = exchange(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n",
            body: large, port: server.port)
        #expect(reply.hasSuffix("\r\n\r\n3000000"))
        let chunked = exchange(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", port: server.port)
        #expect(chunked.hasSuffix("\r\n\r\n5"))
    }

    @Test("lets another handler answer a body over the limit, up to it the usual one")
    func tooLarge() throws {
        let server = try LocalServer(
            maximumBody: 4, tooLarge: { .text(413, "text/plain", "no \($0.path)") },
            handler: { _ in .text(200, "text/plain", "yes") })
        let head = "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        let fits = exchange(head + "Content-Length: 4\r\n\r\nabcd", port: server.port)
        #expect(fits.hasSuffix("yes"))
        let over = exchange(head + "Content-Length: 5\r\n\r\nabcde", port: server.port)
        #expect(over.hasPrefix("HTTP/1.1 413 "))
        #expect(over.hasSuffix("no /x"))
    }

    @Test("keeps a connection open, and answers on it in turn")
    func keepAlive() throws {
        let server = try LocalServer { .text(200, "text/plain", "<\($0.path)>") }
        let reply = exchange(
            "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                + "GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: server.port)
        #expect(reply.contains("</1>"))
        #expect(reply.contains("</2>"))
    }

    @Test("lets a handler block while others answer")
    func blocking() throws {
        let isReleased = Monitor(false)
        let server = try LocalServer { request in
            if request.path == "/wait" { isReleased.wait { $0 ? () : nil } }
            isReleased.sync { $0 = true }
            return .text(200, "text/plain", "done")
        }
        let port = server.port
        let waiting = Monitor("")
        let thread = BackgroundThread {
            let reply = exchange(
                "GET /wait HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: port)
            waiting.sync { $0 = reply }
        }
        let reply = exchange(
            "GET /go HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: port)
        #expect(reply.hasSuffix("done"))
        #expect(waiting.wait { $0.isEmpty ? nil : $0 }?.hasSuffix("done") == true)
        thread.join()
    }

    @Test("closes the connection without a word when told to drop")
    func dropped() throws {
        let server = try LocalServer { _ in .dropped }
        #expect(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n", port: server.port).isEmpty)
    }

    @Test("refuses a port that is taken, and frees its own when it stops")
    func ports() throws {
        let server = try LocalServer { _ in LocalResponse() }
        let port = server.port
        #expect(throws: LocalServerError.cannotListen(port: port)) {
            _ = try LocalServer(port: port) { _ in LocalResponse() }
        }
        server.stop()
        server.stop()
        let again = try LocalServer(port: port) { _ in LocalResponse(status: 204) }
        #expect(again.port == port)
    }

    @Test("a monitor's wait ends at its deadline")
    func deadline() {
        let monitor = Monitor(0)
        #expect(monitor.wait(until: .now + .milliseconds(5)) { $0 == 1 ? true : nil } == nil)
    }
}

/// Sends a request and returns the reply, read until the server closes.
private func exchange(_ head: String, body: [UInt8] = [], port: UInt16) -> String {
    guard let connection = RawConnection(port: port) else { return "" }
    connection.send(Array(head.utf8) + body)
    return String(decoding: connection.readToEnd(), as: UTF8.self)
}
