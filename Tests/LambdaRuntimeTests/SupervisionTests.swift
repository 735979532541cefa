import Formats
import Foundation
import TestSupport
import Testing

/// The margin of a supervisor that has all the time that a busy machine may need.
private let margin: Int64 = 300_000

/// A deadline that makes an event overdue soon after it has come, and is itself far away.
private var near: Int64 { deadline(in: margin + 300) }

@Suite("A process under supervision")
struct SupervisionTests {
    @Test(
        "an event that runs out of time is answered before Lambda's deadline, and the log says why")
    func watchdog() throws {
        let end = near
        let lambda = try FakeLambda(
            [.init(Array("hang".utf8), deadline: end)], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "margin=\(margin)")
        let line = try program.line(with: "answered before Lambda's deadline")
        #expect(try JSONText(Array(line.utf8)).root["waitingFor"]?.string == "the partners")
        let post = try #require(lambda.server.requests(atLeast: 2).last)
        #expect(post.text == "unanswered")
        #expect(deadline(in: 0) < end)
    }

    @Test("an answer that comes after that is dropped, and the loop goes on as soon as it may")
    func late() throws {
        let gates = [SocketServer.Gate(), SocketServer.Gate()]
        let lambda = try FakeLambda(
            [
                .init(Array("late".utf8), id: "0", deadline: near),
                .init(Array("late".utf8), id: "1", deadline: near),
                .init("next", id: "2"),
            ], endsWhenEmpty: false
        ) { request in
            guard request.text == "unanswered" else { return nil }
            return .hold(gates[request.target.contains("/0/") ? 0 : 1], then: .text(202, "{}"))
        }
        let program = try fragileRuntime(lambda, "margin=\(margin)")
        for (index, gate) in gates.enumerated() {
            _ = lambda.posts(atLeast: index + 1)
            _ = try program.line(with: "handled", and: #""requestId":"\#(index)""#)
            // Long enough for a loop that does not wait for the supervisor's answer.
            Thread.sleep(forTimeInterval: 0.1)
            #expect(lambda.calls == index + 1)
            gate.open()
            // The loop would give the supervisor twice the margin, which nobody waits for here.
            try #require(lambda.server.requests(atLeast: 2 * index + 3).count >= 2 * index + 3)
        }
        #expect(lambda.posts(atLeast: 3).map(\.text) == ["unanswered", "unanswered", "next"])
        program.stop()
    }

    @Test("what a handler waited for is not said of the next event")
    func waits() throws {
        let lambda = try FakeLambda(
            [
                .init(Array("note late".utf8), id: "0", deadline: near),
                .init(Array("late".utf8), id: "1", deadline: near),
            ], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "margin=\(margin)")
        for (index, wait) in ["the partners", "the handler"].enumerated() {
            let line = try program.line(
                with: "answered before Lambda's deadline", and: #""requestId":"\#(index)""#)
            #expect(try JSONText(Array(line.utf8)).root["waitingFor"]?.string == wait)
        }
        program.stop()
    }

    @Test("after a lost answer of the supervisor an event that comes again gets the handler's")
    func lost() throws {
        let deadline = near
        let lambda = try FakeLambda([
            .init(Array("late".utf8), id: "0", deadline: deadline),
            .init(Array("late".utf8), id: "0", deadline: deadline),
        ]) { request in
            request.text == "unanswered" ? .reset : nil
        }
        let program = try fragileRuntime(lambda, "margin=\(margin)")
        #expect(try program.end() == .status(1))
        #expect(program.output.components(separatedBy: #""handling""#).count == 2)
        #expect(lambda.posts.last?.text == "late")
        #expect(program.output.contains("the answer could not be posted"))
    }

    @Test("the log says when Lambda did not take the supervisor's answer")
    func refused() throws {
        let lambda = try FakeLambda([.init(Array("late".utf8), id: "0", deadline: near)]) {
            request in request.text == "unanswered" ? .text(410, "{}") : nil
        }
        let program = try fragileRuntime(lambda, "margin=\(margin)")
        let line = try program.line(with: "the Runtime API did not take the answer")
        #expect(try JSONText(Array(line.utf8)).root["status"]?.int == 410)
        _ = try program.end()
        #expect(lambda.posts.count == 1)
    }

    @Test("it registers an extension without events before it asks for an event")
    func registers() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda, "register")
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
        let program = try fragileRuntime(lambda, "register")
        _ = try program.end()
        #expect(lambda.posts.map(\.text).contains("fine"))
        #expect(program.output.contains("403"))
    }

    @Test("a response over Lambda's limit becomes an error that says so")
    func tooLarge() throws {
        let lambda = try FakeLambda([.init("largest", id: "1"), .init("large", id: "2")])
        _ = try fragileRuntime(lambda).end()
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
        let program = try fragileRuntime(lambda)
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
