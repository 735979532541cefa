import Formats
import Platform
import Synchronization
import TestSupport
import Testing
import Transport

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

    @Test("bodies of every size arrive whole over one handle, whatever came before")
    func sizes() throws {
        let server = try SocketServer { _ in .text(200, "") }
        let connection = try HTTPConnection(proxy: .never)
        // Around the least buffer that libcurl sends from, and twice as much, with and without room
        // for the headers.
        let sizes = [0, 1, 14_335, 14_336, 14_337, 16_384, 16_385, 40_000, 1, 32_768, 300_000, 2]
        let bodies = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 / 3) } }
        for body in bodies {
            let request = HTTPRequest(method: "POST", url: server.url, body: body)
            let response = try connection.send(request, timeout: .seconds(600), maximumBody: 100)
            #expect(response.status == 200)
        }
        #expect(server.requests.map(\.body) == bodies)
        #expect(server.connectionCount == 1)
    }

    @Test("a response that claims more than it has has failed, however much it claims")
    func claims() throws {
        for length in ["262144", "1048577", "9223372036854775807"] {
            let reply = "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nab"
            let result = try send(.raw(Array(reply.utf8)))
            guard case .failure = result else {
                Issue.record("it was taken: \(length)")
                continue
            }
        }
    }

    @Test("it tells whether libcurl has sent the last request again by itself")
    func repeats() throws {
        let calls = Recorder<Int>()
        let bodies = Recorder<[UInt8]>()
        let server = try SocketServer { request in
            calls.append(request.connection)
            bodies.append(request.body)
            return calls.all.count == 2 ? .reset : .text(200, "")
        }
        let connection = try HTTPConnection(proxy: .never)
        // More than libcurl hands over at once.
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let request = HTTPRequest(method: "POST", url: server.url, body: body)
        for isRepeated in [false, true, false] {
            _ = try connection.send(request, timeout: .seconds(600), maximumBody: 100)
            #expect(connection.hasRepeated == isRepeated)
        }
        #expect(calls.all == [0, 0, 1, 1])
        // libcurl has no copy of the body: what it repeats is the whole of it again.
        #expect(bodies.all == Array(repeating: body, count: 4))
    }
}

@Suite("Many requests at once")
struct HTTPFanOutTests {
    private static let limits = HTTPFanOut.Limits(timeout: .seconds(600), maximumBody: 1 << 20)

    private func start(
        _ id: Int, to server: SocketServer, over connection: HTTPFanOut.Connection = .any,
        by fanOut: HTTPFanOut
    ) throws {
        let request = HTTPRequest(method: "POST", url: server.url, body: Array(String(id).utf8))
        try fanOut.start(id, request, within: Self.limits, over: connection)
    }

    /// The text of each answer, by the number of its request; nil where none came.
    private func finish(_ fanOut: HTTPFanOut) -> [Int: String?] {
        var texts: [Int: String?] = [:]
        while fanOut.isBusy {
            for end in fanOut.finished(until: .now + .seconds(600)) {
                let response = end.outcome.response
                let text = response.map { String(decoding: $0.body, as: UTF8.self) }
                texts.updateValue(text, forKey: end.id)
            }
        }
        return texts
    }

    @Test("all are in flight together, and connections are kept for the next ones")
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
            for id in 0..<20 { try start(id, to: server, by: fanOut) }
            let texts = finish(fanOut)
            #expect(texts == Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, String($0)) }))
        }
        #expect(server.connectionCount == 20)
    }

    @Test("there is room for as many as the bound, and again once one has ended")
    func bounded() throws {
        let inFlight = Mutex((now: 0, most: 0))
        let server = try SocketServer { request in
            inFlight.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { inFlight.withLock { $0.now -= 1 } }
            return .text(200, request.text)
        }
        let fanOut = try HTTPFanOut(maximumInFlight: 3)
        var (begun, ended) = (0, 0)
        while ended < 50 {
            while fanOut.hasRoom, begun < 50 {
                try start(begun, to: server, by: fanOut)
                begun += 1
            }
            #expect(begun - ended <= 3)
            ended += fanOut.finished(until: .now + .seconds(600)).count
        }
        #expect(!fanOut.isBusy && fanOut.hasRoom)
        #expect(server.requests.count == 50)
        #expect(server.connectionCount <= 3)
        #expect(inFlight.withLock { $0.most } <= 3)
    }

    @Test("one that fails tells so by its number, and the others go on")
    func failure() throws {
        let server = try SocketServer { $0.text == "0" ? .reset : .text(200, $0.text) }
        let fanOut = try HTTPFanOut(maximumInFlight: 4)
        for id in 0..<3 { try start(id, to: server, by: fanOut) }
        #expect(finish(fanOut) == [0: nil, 1: "1", 2: "2"])
        try start(3, to: server, by: fanOut)
        #expect(finish(fanOut) == [3: "3"])
    }

    @Test("a request that asks for a new connection gets one")
    func newConnection() throws {
        let server = try SocketServer { .text(200, $0.text) }
        let fanOut = try HTTPFanOut(maximumInFlight: 1)
        for connection in [HTTPFanOut.Connection.any, .any, .new, .any] {
            try start(0, to: server, over: connection, by: fanOut)
            #expect(finish(fanOut) == [0: "0"])
        }
        #expect(server.connectionCount == 2)
    }

    @Test("waiting ends at the moment given, and what is cancelled never comes back")
    func cancels() throws {
        let gate = SocketServer.Gate()
        let server = try SocketServer {
            $0.text == "2" ? .text(200, "2") : .hold(gate, then: .text(200, "late"))
        }
        let fanOut = try HTTPFanOut(maximumInFlight: 2)
        for id in 0..<2 { try start(id, to: server, by: fanOut) }
        let start = Instant.now
        #expect(fanOut.finished(until: start + .milliseconds(100)).isEmpty)
        #expect(Instant.now - start >= .milliseconds(100))
        #expect(!fanOut.hasRoom)
        #expect(fanOut.cancel() == [0, 1])
        #expect(!fanOut.isBusy)
        try self.start(2, to: server, by: fanOut)
        gate.open()
        #expect(finish(fanOut) == [2: "2"])
        #expect(fanOut.cancel().isEmpty)
    }

    @Test("waiting with nothing in flight lasts until the moment given")
    func idle() throws {
        let fanOut = try HTTPFanOut(maximumInFlight: 2)
        let end = Instant.now + .milliseconds(20)
        #expect(fanOut.finished(until: end).isEmpty)
        #expect(Instant.now >= end)
    }
}
