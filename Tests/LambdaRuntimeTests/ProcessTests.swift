import Formats
import Foundation
import Synchronization
import TestSupport
import Testing

/// The runtime in a process of its own, whose handler fails as it is told.
private func start(
    _ lambda: FakeLambda, loops: Int = 1, register: Bool = false
) throws -> Program {
    let directory = try #require(
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let path = URL(filePath: directory).deletingLastPathComponent()
        .appending(path: "fragile-runtime").path
    return try Program(
        path, [lambda.authority, String(loops)] + (register ? ["register"] : []),
        environment: ["SWIFT_BACKTRACE": "enable=no"])
}

private func deadline(in milliseconds: Int64) -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1000) + milliseconds
}

@Suite("A process that crashes")
struct CrashTests {
    @Test(
        "tells the Runtime API with the signal and where it happened, and ends by the signal",
        arguments: [
            ("trap", "SIGILL", SIGILL), ("bounds", "SIGILL", SIGILL), ("abort", "SIGABRT", SIGABRT),
            ("segv", "SIGSEGV at address 0x8", SIGSEGV),
            ("overflow", "SIGSEGV at address", SIGSEGV),
        ])
    func reports(event: String, name: String, signal: Int32) throws {
        let lambda = try FakeLambda([
            .init("fine", id: "id-0"),
            .init(
                Array(event.utf8), id: "id-1",
                headers: [("Lambda-Runtime-Invocation-Id", "nonce")]),
        ])
        let program = try start(lambda)
        let end = try program.end()
        #if arch(arm64)
        #expect(end == .signal(signal == SIGILL ? SIGTRAP : signal))
        #else
        #expect(end == .signal(signal))
        #endif
        let post = try #require(lambda.posts.last)
        #expect(post.target == "/2018-06-01/runtime/invocation/id-1/error")
        #expect(post["lambda-runtime-function-error-type"] == "Runtime.Crash")
        #expect(post["lambda-runtime-invocation-id"] == "nonce")
        let json = try JSONText(post.body).root
        #expect(json["errorType"]?.string == "Runtime.Crash")
        #if !arch(arm64)
        #expect(json["errorMessage"]?.string?.contains(name) == true)
        #endif
        let frames = json["stackTrace"]?.elements.compactMap(\.string) ?? []
        #expect(frames.count > 3)
        #expect(frames.allSatisfy { $0.hasPrefix("bootstrap+0x") })
        #expect(program.errors.contains("Runtime.Crash"))
    }

    @Test("between events a crash is reported to the log alone")
    func betweenEvents() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try start(lambda)
        // The second call for an event shows that the first is over.
        _ = lambda.server.requests(atLeast: 3)
        program.signal(SIGSEGV)
        #expect(try program.end() == .signal(SIGSEGV))
        #expect(lambda.posts.count == 1)
    }

    @Test("a Runtime API that has gone does not keep the process")
    func unreachable() throws {
        let lambda = try FakeLambda([.init("trap")]) { request in
            request.target.hasSuffix("/error") ? .reset : nil
        }
        let program = try start(lambda)
        guard case .signal = try program.end() else {
            Issue.record("it did not end by the signal")
            return
        }
    }
}

@Suite("A process under supervision")
struct SupervisionTests {
    @Test(
        "an event that runs out of time is answered before Lambda's deadline, and the log says why")
    func watchdog() throws {
        let end = deadline(in: 1200)
        let lambda = try FakeLambda(
            [.init(Array("hang".utf8), deadline: end)], endsWhenEmpty: false)
        let program = try start(lambda)
        let line = try program.line(with: "answered before Lambda's deadline")
        #expect(try JSONText(Array(line.utf8)).root["waitingFor"]?.string == "waiting")
        let post = try #require(lambda.server.requests(atLeast: 2).last)
        #expect(post.text == "unanswered")
        #expect(deadline(in: 0) < end)
    }

    @Test("an answer that comes after that is dropped, and the loop goes on")
    func late() throws {
        let lambda = try FakeLambda(
            [
                .init(Array("pause".utf8), id: "1", deadline: deadline(in: 200)),
                .init("next", id: "2"),
            ], endsWhenEmpty: false)
        let program = try start(lambda)
        _ = lambda.server.requests(atLeast: 5)
        #expect(lambda.posts.map(\.text).sorted() == ["next", "unanswered"])
        program.stop()
    }

    @Test("SIGTERM between events ends it at once, with a line in the log")
    func idleTermination() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try start(lambda)
        // The event, its answer, and the next call.
        _ = lambda.server.requests(atLeast: 3)
        let start = Date()
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        #expect(Date().timeIntervalSince(start) < 0.3)
        #expect(program.output.contains("shut down"))
    }

    @Test("SIGTERM lets a quick event finish")
    func finishes() throws {
        let lambda = try FakeLambda([.init("pause")], endsWhenEmpty: false)
        let program = try start(lambda)
        _ = try program.line(with: "handling")
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        #expect(lambda.posts.map(\.text) == ["pause"])
    }

    @Test("SIGTERM answers an event that does not finish")
    func answers() throws {
        let lambda = try FakeLambda([.init("hang")], endsWhenEmpty: false)
        let program = try start(lambda)
        _ = try program.line(with: "handling")
        let start = Date()
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        #expect(Date().timeIntervalSince(start) < 0.5)
        #expect(lambda.posts.map(\.text) == ["unanswered"])
        #expect(program.output.contains(#""cutOff":1"#))
    }

    @Test("it registers an extension without events before it asks for an event")
    func registers() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try start(lambda, register: true)
        let requests = lambda.server.requests(atLeast: 5)
        #expect(requests[0].target == "/2020-01-01/extension/register")
        #expect(requests[0]["lambda-extension-name"]?.isEmpty == false)
        #expect(requests[0].text == #"{"events":[]}"#)
        let wait = try #require(requests.first { $0.target == "/2020-01-01/extension/event/next" })
        #expect(wait["lambda-extension-identifier"] == "extension-1")
        program.stop()
    }

    @Test("without the extension it works as well")
    func notRegistered() throws {
        let lambda = try FakeLambda([.init("fine")]) { request in
            request.target.contains("extension") ? .text(403, "{}") : nil
        }
        let program = try start(lambda, register: true)
        _ = try program.end()
        #expect(lambda.posts.map(\.text).contains("fine"))
        #expect(program.output.contains("403"))
    }

    @Test("a response over Lambda's limit becomes an error that says so")
    func tooLarge() throws {
        let lambda = try FakeLambda([.init("largest", id: "1"), .init("large", id: "2")])
        _ = try start(lambda).end()
        #expect(lambda.posts[0].body.count == 6_291_556)
        #expect(lambda.posts[1].target.hasSuffix("/2/error"))
        #expect(
            lambda.posts[1]["lambda-runtime-function-error-type"] == "Function.ResponseSizeTooLarge"
        )
        #expect(lambda.posts[1].text.contains("6291557"))
    }

    @Test("a frozen process answers each event once, over connections that died meanwhile")
    func freezes() throws {
        let lambda = try FakeLambda([.init("one", id: "1")], endsWhenEmpty: false) { request in
            // Its end of the kept connection is closed while it is frozen.
            request.target.hasSuffix("/1/response")
                ? .raw(Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8)) : nil
        }
        let program = try start(lambda)
        _ = lambda.server.requests(atLeast: 2)
        for number in 2...4 {
            program.signal(SIGSTOP)
            lambda.submit(.init("event \(number)", id: "\(number)"))
            program.signal(SIGCONT)
            #expect(lambda.posts(atLeast: number).map(\.text).last == "event \(number)")
        }
        #expect(lambda.posts.count == 4)
        program.stop()
    }
}

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
        let program = try start(lambda, loops: 4)
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
        let program = try start(lambda, loops: 2)
        #expect(lambda.posts(atLeast: 1).map(\.text) == ["fine"])
        program.stop()
    }
}
