import Formats
import Platform
import Synchronization
import TestSupport
import Testing
import Transport

private func limits(_ seconds: Int = 600, attempt: Duration = .seconds(600)) -> HTTPFanOut.Limits {
    HTTPFanOut.Limits(
        deadline: .now + .seconds(seconds), attempt: attempt, maximumBody: 1 << 20)
}

@Suite("One request at a time")
struct HTTPConnectionTests {
    private func send(
        _ reply: SocketServer.Reply, timeout: Duration? = .seconds(600), maximumBody: Int = 1 << 20
    ) throws -> Result<HTTPResponse, TransportError> {
        let server = try SocketServer { _ in reply }
        let connection = try HTTPConnection(proxy: .never)
        do throws(TransportError) {
            return .success(
                try connection.send(
                    HTTPRequest(method: "GET", url: server.url), timeout: timeout,
                    maximumBody: maximumBody))
        } catch {
            return .failure(error)
        }
    }

    @Test("sends method, headers and body as given, and keeps the connection")
    func sends() throws {
        let server = try SocketServer { _ in .text(201, "made", [("X-One", " a b ")]) }
        let connection = try HTTPConnection(proxy: .never)
        for method in ["POST", "PUT", "GET", "POST", "PATCH"] {
            let response = try connection.send(
                HTTPRequest(
                    method: method, url: "\(server.url)/p?q=1",
                    headers: [HTTPField("X-A", "1"), HTTPField("X-Empty", "")],
                    body: method == "GET" ? [] : Array("body".utf8)),
                timeout: .seconds(600), maximumBody: 100)
            #expect(response.status == 201)
            #expect(response.headers["x-one"] == "a b")
            #expect(response.headers["none"] == nil)
            #expect(response.body == Array("made".utf8))
        }
        #expect(server.requests.map(\.method) == ["POST", "PUT", "GET", "POST", "PATCH"])
        #expect(server.requests.map(\.text) == ["body", "body", "", "body", "body"])
        #expect(server.requests.allSatisfy { $0.target == "/p?q=1" && $0["x-a"] == "1" })
        #expect(server.requests.allSatisfy { $0["x-empty"] == "" && $0["expect"] == nil })
        #expect(server.connectionCount == 1)
    }

    @Test("a status is an answer, also 500 and an interim one before it")
    func statuses() throws {
        #expect(try send(.text(500, "x")).get().status == 500)
        let raw =
            "HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-B: 2\r\nContent-Length: 2\r\n\r\nok"
        let response = try send(.raw(Array(raw.utf8))).get()
        #expect(response.status == 200)
        #expect(response.headers["x-a"] == nil)
        #expect(response.headers["x-b"] == "2")
    }

    @Test("an answer over the bound is refused")
    func bounds() throws {
        #expect(try send(.text(200, "12345"), maximumBody: 5).get().body.count == 5)
        #expect(
            try send(.text(200, "123456"), maximumBody: 5)
                == .failure(.bodyTooLarge(limit: 5)))
    }

    @Test("each way to fail has its own error")
    func failures() throws {
        #expect(try send(.reset) == .failure(.connectionLost(responseBegan: false)))
        #expect(try send(.close) == .failure(.connectionLost(responseBegan: false)))
        #expect(
            try send(.raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab".utf8)))
                == .failure(.connectionLost(responseBegan: true)))
        #expect(try send(.raw(Array("garbage\r\n\r\n".utf8))) == .failure(.notHTTP))
        #expect(
            try send(.hold(.init(), then: .close), timeout: .milliseconds(50))
                == .failure(.timedOut))
        let connection = try HTTPConnection(proxy: .never)
        for (url, error) in [
            ("http://127.0.0.1:1/", TransportError.cannotConnect), ("http://", .badURL),
            ("file:///etc/hostname", .notHTTP),
        ] {
            #expect(throws: error) {
                try connection.send(
                    HTTPRequest(method: "GET", url: url), timeout: .seconds(600), maximumBody: 100)
            }
        }
    }

    @Test("a kept connection that has died is replaced")
    func replaces() throws {
        let server = try SocketServer { request in
            request.connection == 0
                ? .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)) : .text(200, "2")
        }
        let connection = try HTTPConnection(proxy: .never)
        let request = HTTPRequest(method: "POST", url: server.url)
        _ = try connection.send(request, timeout: .seconds(600), maximumBody: 100)
        let second = try connection.send(request, timeout: .seconds(600), maximumBody: 100)
        #expect(second.body == Array("2".utf8))
        #expect(server.connectionCount == 2)
    }

    @Test("it tells whether libcurl has sent the last request again by itself")
    func repeats() throws {
        let calls = Recorder<Int>()
        let server = try SocketServer { request in
            calls.append(request.connection)
            return calls.all.count == 2 ? .reset : .text(200, "")
        }
        let connection = try HTTPConnection(proxy: .never)
        let request = HTTPRequest(method: "POST", url: server.url, body: [1])
        for isRepeated in [false, true, false] {
            _ = try connection.send(request, timeout: .seconds(600), maximumBody: 100)
            #expect(connection.hasRepeated == isRepeated)
        }
        #expect(calls.all == [0, 0, 1, 1])
    }
}

@Suite("Many requests at once")
struct HTTPFanOutTests {
    private func request(_ server: SocketServer, _ id: Int) -> HTTPRequest {
        HTTPRequest(method: "POST", url: server.url, body: Array(String(id).utf8))
    }

    @Test("all are under way together, and connections are kept for the next run")
    func together() throws {
        let gate = SocketServer.Gate()
        let arrived = Mutex(0)
        let server = try SocketServer { request in
            let isLast = arrived.withLock {
                $0 += 1
                return $0 == 20
            }
            if isLast { gate.open() }
            return .hold(gate, then: .text(200, request.text))
        }
        let fanOut = try HTTPFanOut(maximumInFlight: 20)
        for _ in 0..<2 {
            var bodies: [Int: String] = [:]
            fanOut.run(
                (0..<20).map { .init(id: $0) }, within: limits(), request: { request(server, $0) },
                outcome: { id, outcome in
                    if case .success(let response) = outcome {
                        bodies[id] = String(decoding: response.body, as: UTF8.self)
                    }
                    return []
                })
            #expect(bodies == Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, String($0)) }))
        }
        #expect(server.connectionCount == 20)
    }

    @Test("no more than the bound are under way")
    func bounded() throws {
        let underWay = Mutex((now: 0, most: 0))
        let server = try SocketServer { request in
            underWay.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { underWay.withLock { $0.now -= 1 } }
            return .text(200, request.text)
        }
        var count = 0
        try HTTPFanOut(maximumInFlight: 3).run(
            (0..<50).map { .init(id: $0) }, within: limits(), request: { request(server, $0) },
            outcome: { _, outcome in
                if case .success = outcome { count += 1 }
                return []
            })
        #expect(count == 50)
        #expect(server.connectionCount <= 3)
        #expect(underWay.withLock { $0.most } <= 3)
    }

    @Test("what an outcome asks for is attempted, after its delay, with a request made anew")
    func retries() throws {
        let server = try SocketServer { $0.text == "0" ? .reset : .text(200, $0.text) }
        var made: [Int] = []
        var delivered: [Int] = []
        let start = Instant.now
        try HTTPFanOut(maximumInFlight: 4).run(
            [.init(id: 0), .init(id: 1)], within: limits(),
            request: { id in
                made.append(id)
                return request(server, id)
            },
            outcome: { id, outcome in
                if case .success = outcome { delivered.append(id) }
                return id == 0 ? [.init(id: 2, delay: .milliseconds(30))] : []
            })
        #expect(made == [0, 1, 2])
        #expect(delivered.sorted() == [1, 2])
        #expect(Instant.now - start >= .milliseconds(30))
    }

    @Test("an attempt that needs a new connection gets one")
    func newConnection() throws {
        let server = try SocketServer { .text(200, $0.text) }
        let fanOut = try HTTPFanOut(maximumInFlight: 1)
        for isNew in [false, false, true, false] {
            fanOut.run(
                [.init(id: 0, needsNewConnection: isNew)], within: limits(),
                request: { request(server, $0) }, outcome: { _, _ in [] })
        }
        #expect(server.connectionCount == 2)
    }

    @Test("the deadline ends everything, what was never sent too")
    func deadline() throws {
        let server = try SocketServer { _ in .hold(.init(), then: .close) }
        var outcomes: [Int: HTTPFanOut.Outcome] = [:]
        let fanOut = try HTTPFanOut(maximumInFlight: 2)
        fanOut.run(
            (0..<4).map { .init(id: $0) } + [.init(id: 4, delay: .seconds(60))],
            within: .init(
                deadline: .now + .milliseconds(100), attempt: .seconds(5), maximumBody: 10),
            request: { request(server, $0) },
            outcome: { id, outcome in
                outcomes[id] = outcome
                return [.init(id: id)]
            })
        #expect(outcomes.count == 5)
        for outcome in outcomes.values {
            guard case .failure(.timedOut) = outcome else {
                Issue.record("expected a time-out, got \(outcome)")
                continue
            }
        }
    }
}
