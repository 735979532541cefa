import Formats
import Foundation
import TestSupport
import Testing

@testable import LambdaRuntime

/// More milliseconds than any test waits: what needs them does not end.
private let longer = 600_000

@Suite("SIGTERM")
struct ShutdownTests {
    @Test("all of it fits into the 300 ms that Lambda may give")
    func times() {
        let times = Supervisor.Times()
        #expect(times.interval + times.patience + times.lastPosts <= .milliseconds(310))
        #expect(times.patience + times.lastPosts < .milliseconds(300))
        #expect(times.interval < times.margin)
    }

    @Test("between events it ends the process at once, with a line in the log")
    func idle() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "patience=\(longer)", "last-posts=\(longer)")
        // The event, its answer, and the next call.
        _ = lambda.server.requests(atLeast: 3)
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        #expect(program.output.contains("shut down"))
    }

    @Test("a quick event finishes, and no further one begins or is asked for")
    func finishes() throws {
        let directory = try TemporaryDirectory()
        let lambda = try FakeLambda(
            [
                .init("until \(directory.path)/go", id: "0"), .init("fine", id: "1"),
                .init("fine", id: "2"),
            ], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "patience=\(longer)", "last-posts=\(longer)")
        _ = try program.line(with: "handling")
        program.signal(SIGTERM)
        _ = try program.line(with: "shutting down")
        _ = try directory.write("go", "")
        #expect(try program.end() == .status(0))
        #expect(lambda.posts.map(\.text) == ["until \(directory.path)/go"])
        #expect(program.output.components(separatedBy: #""handling""#).count == 2)
        #expect(lambda.calls == 1)
        #expect(program.output.contains(#""cutOff":0"#))
    }

    @Test("an event that comes while the process ends is not begun")
    func comes() throws {
        let directory = try TemporaryDirectory()
        let lambda = try FakeLambda(
            [.init("until \(directory.path)/go", id: "0")], endsWhenEmpty: false)
        let program = try fragileRuntime(
            lambda, loops: 2, "patience=\(longer)", "last-posts=\(longer)")
        // One loop has the event, and the other is waiting for one.
        _ = lambda.server.requests(atLeast: 2)
        _ = try program.line(with: "handling")
        program.signal(SIGTERM)
        _ = try program.line(with: "shutting down")
        lambda.submit(.init("fine", id: "1"))
        // Long enough for a loop that takes it.
        Thread.sleep(forTimeInterval: 0.1)
        _ = try directory.write("go", "")
        #expect(try program.end() == .status(0))
        #expect(program.output.components(separatedBy: #""handling""#).count == 2)
        #expect(lambda.posts.count == 1)
    }

    @Test("an event that does not finish is answered")
    func answers() throws {
        let lambda = try FakeLambda([.init("hang")], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "patience=1", "last-posts=\(longer)")
        _ = try program.line(with: "handling")
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        #expect(lambda.posts.map(\.text) == ["unanswered"])
        #expect(program.output.contains(#""cutOff":1"#))
    }

    @Test(
        "an answer on its way arrives, whether or not another event is cut off",
        arguments: [0, 1])
    func posts(cut: Int) throws {
        let gate = SocketServer.Gate()
        let lambda = try FakeLambda(
            [.init("fine", id: "0")] + (cut == 0 ? [] : [.init("hang", id: "1")]),
            endsWhenEmpty: false
        ) { request in
            // The status is one that the log tells of, which shows that it was read.
            request.text == "fine" ? .hold(gate, then: .text(410, "{}")) : nil
        }
        let program = try fragileRuntime(
            lambda, loops: cut + 1, "patience=1", "last-posts=\(longer)")
        _ = lambda.posts(atLeast: 1)
        for id in 0...cut { _ = try program.line(with: "handling", and: #""requestId":"\#(id)""#) }
        program.signal(SIGTERM)
        if cut == 1 {
            #expect(lambda.posts(atLeast: 2).map(\.text) == ["fine", "unanswered"])
        } else {
            _ = try program.line(with: "shutting down")
        }
        // Long enough for a process that does not wait.
        Thread.sleep(forTimeInterval: 0.2)
        #expect(program.isRunning)
        gate.open()
        #expect(try program.end() == .status(0))
        #expect(program.output.contains("the Runtime API did not take the answer"))
        #expect(program.output.contains(#""cutOff":\#(cut)"#))
    }

    @Test("a Runtime API that takes nothing keeps the process for the last posts' time, no longer")
    func silent() throws {
        let lambda = try FakeLambda(
            (0..<4).map { .init("hang", id: "\($0)") }, endsWhenEmpty: false
        ) { request in
            request.method == "POST" ? .hold(SocketServer.Gate(), then: .close) : nil
        }
        let program = try fragileRuntime(lambda, loops: 4, "patience=1", "last-posts=100")
        for id in 0..<4 {
            _ = try program.line(with: "handling", and: #""requestId":"\#(id)""#)
        }
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
        // The first post uses all the time there is; the others are given up without a try.
        #expect(lambda.posts.count <= 1)
        #expect(program.output.components(separatedBy: "could not be posted").count == 5)
    }

    @Test("a loop that has ended is not waited for")
    func ended() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false) { request in
            request.method == "POST" ? .text(500, "{}") : nil
        }
        let program = try fragileRuntime(
            lambda, loops: 2, "patience=\(longer)", "last-posts=\(longer)")
        _ = try program.line(with: "the Runtime API answered with status 500")
        program.signal(SIGTERM)
        #expect(try program.end() == .status(0))
    }
}
