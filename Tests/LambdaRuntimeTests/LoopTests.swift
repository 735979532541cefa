import Formats
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@testable import LambdaRuntime

private let now = Timestamp(milliseconds: 1_767_607_200_500)

/// Runs the loop until the fake ends it, and returns the error that it ended with.
private func run(
    _ lambda: FakeLambda, handler: (Invocation) -> Answer = { .response($0.event) }
) throws -> RuntimeAPIError {
    let api = try RuntimeAPI(authority: lambda.authority, now: { now })
    let log = Logger(level: .fatal, format: .json, now: { now })
    return try run(api, log, handler)
}

private func run(
    _ api: borrowing RuntimeAPI, _ log: Logger, _ handler: (Invocation) -> Answer
) throws -> RuntimeAPIError {
    do throws(RuntimeAPIError) {
        try serve(api, slot: EventSlot(), log: log, handler: handler)
    } catch {
        return error
    }
    throw Unended()
}

/// The lines that the loop writes to its log until the fake ends it, without the time.
private func log(
    _ lambda: FakeLambda, handler: (Invocation) -> Answer = { .response($0.event) }
) throws -> [String] {
    let directory = try TemporaryDirectory()
    let path = try directory.write("log", "")
    let file = unsafe open(path, O_WRONLY)
    defer { close(file) }
    let api = try RuntimeAPI(authority: lambda.authority, now: { now })
    _ = try run(api, Logger(level: .info, format: .text, output: file, now: { now }), handler)
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: "\t").dropFirst().joined(separator: " ")
    }
}

/// The loop has returned, which it never does.
private struct Unended: Error {}

private func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

@Suite("The loop", .serialized)
struct LoopTests {
    @Test("posts what the handler returns and asks for the next event, over one connection")
    func answersEachEvent() throws {
        let lambda = try FakeLambda([
            .init("one", id: "id-1"), .init(String(repeating: "x", count: 5000), id: "id/2"),
            .init("", id: "id-3"),
        ])
        #expect(try run(lambda) == .nextRefused(status: 403))
        let base = "/2018-06-01/runtime/invocation"
        #expect(
            lambda.posts.map(\.target) == [
                "\(base)/id-1/response", "\(base)/id%2F2/response", "\(base)/id-3/response",
            ])
        #expect(lambda.posts.map(\.body.count) == [3, 5000, 0])
        #expect(lambda.posts[2]["content-length"] == "0")
        #expect(lambda.server.connectionCount == 1)
        for request in lambda.server.requests {
            #expect(request["expect"] == nil)
            #expect(request["lambda-runtime-invocation-id"] == nil)
        }
    }

    @Test("reads every header, and takes an empty one for an absent one")
    func readsHeaders() throws {
        let full = FakeLambda.Event(
            [],
            headers: [
                ("LAMBDA-RUNTIME-INVOKED-FUNCTION-ARN", "arn:1"),
                ("Lambda-Runtime-Trace-Id", "Root=1-5;Sampled=1"),
                ("Lambda-Runtime-Client-Context", #"{"custom":{}}"#),
                ("Lambda-Runtime-Cognito-Identity", #"{"cognitoIdentityId":"i"}"#),
                ("Lambda-Runtime-Aws-Tenant-Id", "tenant"),
                ("Lambda-Runtime-Invocation-Id", "nonce"),
            ])
        var empty = FakeLambda.Event([])
        empty.headers = [
            ("Lambda-Runtime-Aws-Request-Id", "id-2"), ("Lambda-Runtime-Deadline-Ms", "soon"),
            ("Lambda-Runtime-Client-Context", ""), ("Lambda-Runtime-Cognito-Identity", ""),
            ("Lambda-Runtime-Invocation-Id", ""), ("Lambda-Runtime-Trace-Id", ""),
        ]
        let lambda = try FakeLambda([full, empty])
        var seen: [Invocation] = []
        _ = try run(lambda) {
            seen.append($0)
            return .response([])
        }
        try #require(seen.count == 2)
        #expect(seen[0].requestID == "id-1")
        #expect(seen[0].deadline == Timestamp(milliseconds: 4_102_444_800_000))
        // Lambda allows minutes; what a clock or an emulator says beyond a day is cut.
        #expect(seen[0].timeLimit == .seconds(86_400))
        #expect(seen[0].functionARN == "arn:1")
        #expect(seen[0].traceID == "Root=1-5;Sampled=1")
        #expect(seen[0].clientContext == #"{"custom":{}}"#)
        #expect(seen[0].cognitoIdentity == #"{"cognitoIdentityId":"i"}"#)
        #expect(seen[0].tenantID == "tenant")
        #expect(seen[0].contentType == "application/json")
        #expect(seen[1].deadline == nil)
        #expect(seen[1].timeLimit == nil)
        #expect(seen[1].traceID == nil)
        #expect(seen[1].clientContext == nil)
        #expect(seen[1].cognitoIdentity == nil)
        #expect(seen[1].invocationID == nil)
        #expect(seen[1].functionARN == nil)
        #expect(lambda.posts.map { $0["lambda-runtime-invocation-id"] } == ["nonce", nil])
    }

    @Test("the trace variable holds the event's trace id, and nothing after an event without one")
    func setsTrace() throws {
        let lambda = try FakeLambda([
            .init([], headers: [("Lambda-Runtime-Trace-Id", "Root=1-5")]), .init([]),
        ])
        var seen: [String?] = []
        _ = try run(lambda) { _ in
            seen.append(variable("_X_AMZN_TRACE_ID"))
            return .response([])
        }
        #expect(seen == ["Root=1-5", nil])
    }

    @Test("a failure is posted as valid JSON with its category, whatever its message")
    func postsFailure() throws {
        let event = FakeLambda.Event([], headers: [("Lambda-Runtime-Invocation-Id", "nonce")])
        let lambda = try FakeLambda([event])
        let message = "line\nbreak \u{7} \"quoted\" \\ é 😀"
        _ = try run(lambda) { _ in
            .failure(Failure(.function, "Broken", message: message, stackTrace: ["a (b:1)"]))
        }
        let post = try #require(lambda.posts.first)
        #expect(post.target.hasSuffix("/invocation/id-1/error"))
        #expect(post["lambda-runtime-function-error-type"] == "Function.Broken")
        #expect(post["lambda-runtime-invocation-id"] == "nonce")
        let json = try JSONText(post.body).root
        #expect(json["errorMessage"]?.string == message)
        #expect(json["errorType"]?.string == "Function.Broken")
        #expect(json["stackTrace"]?.elements.map(\.string) == ["a (b:1)"])
        let header = try #require(post["lambda-runtime-function-xray-error-cause"])
        let exception = try JSONText(Array(header.utf8)).root["exceptions"]?.elements.first
        #expect(exception?["type"]?.string == "Function.Broken")
        #expect(exception?["message"]?.string == message)
        #expect(exception?["stack"]?.elements.first?["label"]?.string == "a (b:1)")
    }

    @Test(
        "an answer that Lambda refuses is dropped, and the loop goes on",
        arguments: [400, 403, 410, 413])
    func goesOn(status: Int) throws {
        let lambda = try FakeLambda([.init("a", id: "1"), .init("b", id: "2")]) { request in
            request.target.hasSuffix("/1/response") ? .text(status, "{}") : nil
        }
        #expect(try run(lambda) == .nextRefused(status: 403))
        // No error follows a refused response: it would be refused as well.
        #expect(lambda.posts.map(\.text) == ["a", "b"])
    }

    @Test("a broken container ends the loop")
    func endsOnContainerError() throws {
        let lambda = try FakeLambda([.init("a"), .init("b")]) { request in
            request.method == "POST" ? .text(500, "{}") : nil
        }
        #expect(try run(lambda) == .containerError(status: 500))
        #expect(lambda.posts.count == 1)
    }

    @Test("a refused call for an event ends the loop", arguments: [400, 403, 404, 500])
    func endsOnRefusal(status: Int) throws {
        let lambda = try FakeLambda { _ in .text(status, "{}") }
        #expect(try run(lambda) == .nextRefused(status: status))
        #expect(lambda.server.requests.count == 1)
    }

    @Test("an event without a request id ends the loop")
    func endsWithoutRequestID() throws {
        var event = FakeLambda.Event([])
        event.headers.removeFirst()
        #expect(try run(try FakeLambda([event])) == .requestIDMissing)
    }

    @Test("a lost call for an event is made again, three times at most")
    func retriesNext() throws {
        let calls = Mutex(0)
        let recovering = try FakeLambda([.init("a")]) { _ in
            calls.withLock {
                $0 += 1
                return $0 <= 2 ? .reset : nil
            }
        }
        #expect(try run(recovering) == .nextRefused(status: 403))
        #expect(recovering.posts.map(\.text) == ["a"])
        let lost = try FakeLambda { _ in .close }
        #expect(
            try run(lost) == .unreachable(.connectionLost(responseBegan: false)))
    }

    @Test("each event has its tries anew: what one has used up is not counted against the next")
    func retriesNextAgain() throws {
        let calls = Mutex(0)
        let lambda = try FakeLambda([.init("a", id: "1"), .init("b", id: "2")]) { request in
            guard request.method == "GET" else { return nil }
            return calls.withLock {
                $0 += 1
                return $0 % 3 == 0 ? nil : .reset
            }
        }
        #expect(try run(lambda) == .nextRefused(status: 403))
        #expect(lambda.posts.map(\.text) == ["a", "b"])
        #expect(calls.withLock { $0 } == 9)
    }

    @Test(
        "an answer whose fate is unknown is posted again, and a refusal then means it had arrived",
        arguments: [400, 403])
    func retriesPost(status: Int) throws {
        let posts = Mutex(0)
        let lambda = try FakeLambda([.init("a", id: "1"), .init("b", id: "2")]) { request in
            guard request.target.hasSuffix("/1/response") else { return nil }
            return posts.withLock {
                $0 += 1
                return $0 == 1 ? .reset : .text(status, "{}")
            }
        }
        #expect(try log(lambda).isEmpty)
        #expect(lambda.posts.map(\.text).contains("b"))
        #expect(posts.withLock { $0 } == 2)
    }

    @Test("a refusal after a repeated post says nothing of the next event's first post")
    func refusesNext() throws {
        let posts = Mutex(0)
        let lambda = try FakeLambda([.init("a", id: "1"), .init("b", id: "2")]) { request in
            guard request.method == "POST" else { return nil }
            return posts.withLock {
                $0 += 1
                return $0 == 1 ? .reset : .text(400, "{}")
            }
        }
        #expect(try log(lambda) == ["2 WARN the Runtime API did not take the answer status=400"])
        #expect(posts.withLock { $0 } == 3)
    }

    @Test("a post that nobody answers in time is not made again")
    func silentPost() throws {
        let lambda = try FakeLambda { request in
            request.method == "POST" ? .hold(.init(), then: .close) : nil
        }
        let api = try RuntimeAPI(
            authority: lambda.authority, postTimeout: .milliseconds(100), now: { now })
        #expect(try api.failInit(with: Failure(.runtime, "X", message: "")) == .unsent(.timedOut))
        // Sent before the time was over, and read by the server whenever that comes to it.
        #expect(lambda.posts(atLeast: 1).count == 1)
    }

    @Test("a post whose answer breaks off is not made again: it had arrived")
    func brokenAnswer() throws {
        let lambda = try FakeLambda { request in
            let broken = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"sta"
            return request.method == "POST" ? .raw(Array(broken.utf8)) : nil
        }
        let api = try RuntimeAPI(authority: lambda.authority, now: { now })
        let receipt = try api.failInit(with: Failure(.runtime, "X", message: ""))
        #expect(receipt == .unsent(.connectionLost(responseBegan: true)))
        #expect(lambda.posts.count == 1)
    }

    @Test("all tries of a post together have its time, and none begins without any left")
    func postTime() throws {
        let lambda = try FakeLambda { request in request.method == "POST" ? .reset : nil }
        let failure = Failure(.runtime, "X", message: "")
        let lost = TransportError.connectionLost(responseBegan: false)
        let patient = try RuntimeAPI(authority: lambda.authority, now: { now })
        #expect(try patient.failInit(with: failure) == .unsent(lost))
        #expect(lambda.posts.count == RuntimeAPI.maximumTries)
        let late = try RuntimeAPI(
            authority: lambda.authority, postTimeout: .milliseconds(-1), now: { now })
        #expect(try late.failInit(with: failure) == .unsent(.timedOut))
        #expect(lambda.posts.count == RuntimeAPI.maximumTries)
    }

    @Test("an event that comes again after its answer got lost is not handled again")
    func answersRepeatedEvent() throws {
        let calls = Mutex(0)
        let lambda = try FakeLambda([.init("a", id: "1"), .init("a", id: "1")]) { request in
            // Every answer is lost until the event is asked for again.
            let events = calls.withLock {
                $0 += request.method == "GET" ? 1 : 0
                return $0
            }
            return request.method == "POST" && events < 2 ? .reset : nil
        }
        var handled = 0
        _ = try run(lambda) { _ in
            handled += 1
            return .response(Array("answer".utf8))
        }
        #expect(handled == 1)
        #expect(lambda.posts.last?.text == "answer")
    }

    @Test("an answer that got lost twice over is kept until it arrives, and then no longer")
    func keepsAnswer() throws {
        let calls = Mutex(0)
        let lambda = try FakeLambda([
            .init("a", id: "1"), .init("a", id: "1"), .init("a", id: "1"), .init("a", id: "1"),
            .init("b", id: "2"),
        ]) { request in
            let events = calls.withLock {
                $0 += request.method == "GET" ? 1 : 0
                return $0
            }
            return request.method == "POST" && events < 3 ? .reset : nil
        }
        var handled: [String] = []
        _ = try run(lambda) { invocation in
            handled.append(invocation.requestID)
            return .response(Array("answer \(handled.count)".utf8))
        }
        // The fourth time it comes although its answer was taken: it is another event.
        #expect(handled == ["1", "1", "2"])
        #expect(lambda.posts.suffix(3).map(\.text) == ["answer 1", "answer 2", "answer 3"])
    }

    @Test("an asynchronous retry with another deadline or attempt is handled, lost answer or not")
    func handlesRetry() throws {
        let nonce = { (text: String) in [("Lambda-Runtime-Invocation-Id", text)] }
        let lambda = try FakeLambda([
            .init(Array("a".utf8), id: "1", deadline: 4_102_444_800_000),
            .init(Array("a".utf8), id: "1", deadline: 4_102_444_800_001),
            .init(Array("b".utf8), id: "2", headers: nonce("x")),
            .init(Array("b".utf8), id: "2", headers: nonce("y")),
            .init(Array("b".utf8), id: "3", headers: nonce("y")),
        ]) { request in request.method == "POST" ? .reset : nil }
        var handled = 0
        _ = try run(lambda) {
            handled += 1
            return .response($0.event)
        }
        #expect(handled == 5)
    }

    @Test("a Runtime API that closes its connections costs connections and nothing else")
    func reconnects() throws {
        let lambda = try FakeLambda([.init("a", id: "1"), .init("b", id: "2")]) { request in
            request.method == "POST"
                ? .response(status: 202, headers: [("Connection", "close")]) : nil
        }
        _ = try run(lambda)
        #expect(lambda.posts.map(\.text) == ["a", "b"])
        #expect(lambda.server.connectionCount == 3)
    }

    @Test("init errors go to their own address")
    func postsInitError() throws {
        let lambda = try FakeLambda()
        let api = try RuntimeAPI(authority: lambda.authority, now: { now })
        let failure = Failure(.runtime, "InvalidConfiguration", message: "X is missing")
        #expect(try api.failInit(with: failure) == .accepted)
        let post = try #require(lambda.posts.first)
        #expect(post.target == "/2018-06-01/runtime/init/error")
        #expect(post["lambda-runtime-function-error-type"] == "Runtime.InvalidConfiguration")
        #expect(post["lambda-runtime-invocation-id"] == nil)
    }
}
