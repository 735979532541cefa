import Formats
import Foundation
import LocalServer
import Platform
import Testing

@testable import emulator

@Suite("Function processes", .timeLimit(.minutes(60)))
struct FunctionProcessTests {
    private func pid(_ reply: RunningEmulator.Reply) -> Int? { json(reply.body)?["pid"]?.int }

    @Test("one process serves events one after another, in its own environment")
    func reuse() throws {
        let emulator = try RunningEmulator(["--env", "OVER=option", "--env", "MORE=1"])
        let first = emulator.invoke("{}")
        #expect(first.status == 200)
        #expect(first.headers["x-amz-function-error"] == nil)
        let id = try #require(pid(first))
        #expect(pid(emulator.invoke("{}")) == id)
        let environment = try #require(json(emulator.invoke(#"{"do":"environment"}"#).body))
        #expect(environment["OVER"]?.string == "option" && environment["MORE"]?.string == "1")
        #expect(environment["TOPIC"]?.string == "arn:aws:sns:eu-west-1:123456789012:inlet-Messages")
        #expect(environment["_HANDLER"]?.string == "main")
        #expect(environment["AWS_REGION"]?.string == "eu-west-1")
        #expect(environment["SECRET_OF_HOST"] == nil)
        #expect(environment["CWD"]?.string == environment["LAMBDA_TASK_ROOT"]?.string)
        emulator.stop()
        let log = emulator.log.split(separator: "\n")
        #expect(log.filter { $0.hasPrefix("START RequestId: ") }.count == 3)
        #expect(log.filter { $0.hasPrefix("END RequestId: ") }.count == 3)
        let reports = log.filter { $0.hasPrefix("REPORT RequestId: ") }
        #expect(reports.map { $0.contains("Init Duration") } == [true, false, false])
    }

    @Test("next has every header")
    func headers() throws {
        let emulator = try RunningEmulator()
        let context = Base64.encode(Array(#"{"custom":{"a":"b"}}"#.utf8))
        let reply = emulator.invoke(
            #"{"do":"headers"}"#,
            headers: [
                "X-Amz-Client-Context: \(String(decoding: context, as: UTF8.self))",
                "X-Amzn-Trace-Id: Root=1-67d3f00d-0123456789abcdef01234567",
            ])
        let headers = try #require(json(reply.body))
        #expect(
            headers["lambda-runtime-aws-request-id"]?.string == reply.headers["x-amzn-requestid"])
        #expect(
            headers["lambda-runtime-invoked-function-arn"]?.string
                == "arn:aws:lambda:eu-west-1:123456789012:function:Main")
        #expect(
            headers["lambda-runtime-trace-id"]?.string?.hasPrefix(
                "Root=1-67d3f00d-0123456789abcdef01234567;Parent=") == true)
        #expect(headers["lambda-runtime-client-context"]?.string == #"{"custom":{"a":"b"}}"#)
        let deadline = try #require(
            headers["lambda-runtime-deadline-ms"]?.string.flatMap { Int64($0) })
        let left = deadline - System.wallClock().milliseconds
        #expect((0...10_000).contains(left))
        #expect(headers["content-type"]?.string == "application/json")
    }

    @Test("events at the same time have processes of their own, up to the bound")
    func concurrent() throws {
        // Each event ends only when all have begun.
        let begun = Monitor(0)
        let meeting = try LocalServer { _ in
            begun.sync { $0 += 1 }
            begun.wait { $0 >= 3 ? () : nil }
            return .text(200, "text/plain", "met")
        }
        let emulator = try RunningEmulator(["--concurrency", "3"])
        let port = emulator.port
        let event = Array(#"{"do":"meet","url":"http://\#(meeting.authority)/"}"#.utf8)
        let replies = Monitor<[[UInt8]]>([])
        for _ in 0..<2 {
            BackgroundThread {
                let reply = Self.post(event, port: port)
                replies.sync { $0.append(reply) }
            }
        }
        begun.wait { $0 == 2 ? () : nil }
        let third = emulator.invoke(String(decoding: event, as: UTF8.self))
        replies.wait { $0.count == 2 ? () : nil }
        let all = replies.sync { $0 } + [third.body]
        #expect(Set(all.compactMap { json($0)?["pid"]?.int }).count == 3)
        #expect(all.allSatisfy { json($0)?["met"]?.string == "met" })
    }

    @Test("more events than processes are throttled")
    func throttled() throws {
        let hasBegun = Monitor(false)
        let isOver = Monitor(false)
        let meeting = try LocalServer { _ in
            hasBegun.sync { $0 = true }
            isOver.wait { $0 ? () : nil }
            return LocalResponse()
        }
        let emulator = try RunningEmulator(["--concurrency", "1"])
        let port = emulator.port
        let event = Array(#"{"do":"meet","url":"http://\#(meeting.authority)/"}"#.utf8)
        let thread = BackgroundThread { _ = Self.post(event, port: port) }
        hasBegun.wait { $0 ? () : nil }
        let refused = emulator.invoke("{}")
        #expect(refused.status == 429)
        #expect(refused.headers["x-amzn-errortype"] == "TooManyRequestsException")
        #expect(emulator.request("GET", "/open").status == 500)
        isOver.sync { $0 = true }
        thread.join()
        #expect(emulator.invoke("{}").status == 200)
    }

    /// The body of the reply to an invocation of `Main`.
    private static func post(_ event: [UInt8], port: UInt16) -> [UInt8] {
        guard let connection = RawConnection(port: port) else { return [] }
        let head =
            "POST /2015-03-31/functions/Main/invocations HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "Connection: close\r\nContent-Length: \(event.count)\r\n\r\n"
        connection.send(Array(head.utf8) + event)
        let bytes = connection.readToEnd()
        let end = bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) }
        return end.map { Array(bytes[($0 + 4)...]) } ?? []
    }

    @Test(
        "a process that ends is an error, and the next event gets a new one",
        arguments: [
            ("crash", "Runtime exited with error: exit status 7"),
            ("kill", "Runtime exited with error: signal: killed"),
        ])
    func crash(action: String, cause: String) throws {
        let emulator = try RunningEmulator()
        let first = try #require(pid(emulator.invoke("{}")))
        let crashed = emulator.invoke(#"{"do":"\#(action)"}"#)
        #expect(crashed.status == 200)
        #expect(crashed.headers["x-amz-function-error"] == "Unhandled")
        let id = try #require(crashed.headers["x-amzn-requestid"])
        #expect(
            crashed.text
                == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: \#(id) Error: \#(cause)"}"#
        )
        let second = try #require(pid(emulator.invoke("{}")))
        #expect(second != first)
        #expect(emulator.log.contains("Status: error\tError Type: Runtime.ExitError"))
    }

    @Test("a function that takes too long is killed, and the next event gets a new process")
    func timeout() throws {
        let emulator = try RunningEmulator()
        let reply = emulator.invoke(#"{"do":"hang"}"#, function: "Brief")
        #expect(reply.headers["x-amz-function-error"] == "Unhandled")
        #expect(reply.text.contains("Task timed out after 1.00 seconds"))
        #expect(emulator.invoke("{}", function: "Brief").headers["x-amz-function-error"] == nil)
        #expect(emulator.log.contains("Status: timeout"))
    }

    @Test("what a function reports as its error reaches the caller unchanged")
    func failure() throws {
        let emulator = try RunningEmulator()
        let reply = emulator.invoke(#"{"do":"fail"}"#)
        #expect(reply.status == 200)
        #expect(reply.headers["x-amz-function-error"] == "Unhandled")
        #expect(json(reply.body)?["errorMessage"]?.string == "é \n")
        #expect(emulator.log.contains("Error Type: Function.PublishError"))
        #expect(pid(emulator.invoke("{}")) != nil)
    }

    @Test("errors at the start reach the caller, for each event anew")
    func initErrors() throws {
        let emulator = try RunningEmulator()
        for _ in 0..<2 {
            let reported = emulator.invoke("{}", function: "InitError")
            #expect(reported.headers["x-amz-function-error"] == "Unhandled")
            #expect(json(reported.body)?["errorType"]?.string == "Runtime.InvalidConfiguration")
            #expect(json(reported.body)?["errorMessage"]?.string == "no topic")
        }
        let silent = emulator.invoke("{}", function: "InitExit")
        #expect(silent.text.contains("Runtime exited with error: exit status 3"))
        emulator.stop()
        #expect(emulator.log.contains("202\n"))
        #expect(
            emulator.log.contains(
                "Phase: init\tStatus: error\tError Type: Runtime.InvalidConfiguration"))
    }

    @Test("a program that has gone since is an error")
    func noProgram() throws {
        let emulator = try RunningEmulator()
        try FileManager.default.removeItem(at: emulator.directory.appending(path: "bootstrap"))
        let reply = emulator.invoke("{}")
        #expect(json(reply.body)?["errorType"]?.string == "Runtime.InvalidEntrypoint")
        #expect(reply.text.contains("No such file or directory"))
    }

    @Test("misuse of the Runtime API has its status, and does no harm")
    func misuse() throws {
        let emulator = try RunningEmulator()
        let reply = emulator.invoke(#"{"do":"misuse"}"#)
        #expect(reply.text == "[400, 400, 400, 403, 404, true]")
        let large = emulator.invoke(#"{"do":"large"}"#)
        #expect(json(large.body)?["errorType"]?.string == "Function.ResponseSizeTooLarge")
        #expect(pid(emulator.invoke("{}")) != nil)
        emulator.stop()
        #expect(emulator.log.contains("second 403"))
        #expect(emulator.log.contains("large 413 RequestEntityTooLarge"))
    }

    @Test("a runtime can register as an internal extension")
    func extensions() throws {
        let emulator = try RunningEmulator()
        #expect(
            emulator.invoke(#"{"do":"extension"}"#, function: "Extension").text
                == #"[200, 36, "e"]"#)
    }

    @Test("Invoke refuses what Lambda refuses")
    func invokeErrors() throws {
        let emulator = try RunningEmulator()
        let unknown = emulator.invoke("{}", function: "Nothing")
        #expect(unknown.status == 404)
        #expect(unknown.headers["x-amzn-errortype"] == "ResourceNotFoundException")
        #expect(emulator.invoke("{").status == 400)
        #expect(emulator.invoke("{}", headers: ["X-Amz-Client-Context: !"]).status == 400)
        #expect(emulator.invoke("{}", headers: ["X-Amz-Invocation-Type: DryRun"]).status == 204)
    }
}
