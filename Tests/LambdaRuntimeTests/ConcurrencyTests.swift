import Formats
import Synchronization
import TestSupport
import Testing

@Suite("Several events at once")
struct ConcurrencyTests {
    @Test("as many loops as Lambda allows work at the same time, without a trace variable")
    func together() throws {
        let gate = SocketServer.Gate()
        let waiting = Mutex(0)
        let lambda = try FakeLambda(
            (0..<4).map { number in
                .init(
                    Array("trace".utf8), id: "id-\(number)",
                    headers: [("Lambda-Runtime-Trace-Id", "Root=\(number)")])
            }, endsWhenEmpty: false
        ) { request in
            guard request.method == "POST" else { return nil }
            // The first answer is taken only when all four are there.
            let count = waiting.withLock {
                $0 += 1
                return $0
            }
            if count == 4 { gate.open() }
            return .hold(gate, then: .text(202, "{}"))
        }
        let program = try fragileRuntime(lambda, loops: 4)
        let posts = lambda.posts(atLeast: 4)
        #expect(posts.map(\.text) == Array(repeating: "none", count: 4))
        #expect(Set(posts.map(\.target)).count == 4)
        program.stop()
    }

    @Test("a loop that is refused waits and asks again")
    func refused() throws {
        let calls = Mutex(0)
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false) { request in
            guard request.method == "GET" else { return nil }
            return calls.withLock {
                $0 += 1
                return $0 <= 2 ? .text(500, "{}") : nil
            }
        }
        let program = try fragileRuntime(lambda, loops: 2)
        #expect(lambda.posts(atLeast: 1).map(\.text) == ["fine"])
        program.stop()
    }

    @Test("a loop that is refused eleven times in a row has ended, and the other goes on")
    func surplus() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false) { request in
            request.method == "GET" && request.connection == 0 ? .text(500, "{}") : nil
        }
        let program = try fragileRuntime(lambda, loops: 2)
        _ = try program.line(with: "the Runtime API answered /next with status 500")
        lambda.submit(.init("more", id: "2"))
        #expect(lambda.posts(atLeast: 2).map(\.text) == ["fine", "more"])
        #expect(lambda.server.requests.count { $0.connection == 0 } == 11)
        #expect(program.isRunning)
        program.stop()
    }

    @Test("refusals count from the last event on")
    func refusedAgain() throws {
        let calls = Mutex(0)
        let lambda = try FakeLambda([.init("one", id: "1"), .init("two", id: "2")]) { request in
            guard request.method == "GET" else { return nil }
            // Ten before the first event, ten before the second, and then for good.
            return calls.withLock {
                $0 += 1
                return $0 == 11 || $0 == 22 ? nil : .text(500, "{}")
            }
        }
        let program = try fragileRuntime(lambda, loops: 1, isShared: true)
        #expect(try program.end() == .status(1))
        #expect(lambda.posts.map(\.text) == ["one", "two"])
        #expect(calls.withLock { $0 } == 33)
    }
}
