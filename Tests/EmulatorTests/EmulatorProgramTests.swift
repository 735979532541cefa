import Formats
import Foundation
import Glibc
import LocalServer
import Testing

@testable import emulator

@Suite("The emulator program", .timeLimit(.minutes(5)))
struct EmulatorProgramTests {
    @Test("a guarded route asks the authorizer, an open one does not")
    func authorizer() throws {
        let emulator = try RunningEmulator()
        let none = emulator.request("POST", "/guarded")
        #expect(none.status == 401)
        #expect(none.text == #"{"message":"Unauthorized"}"#)
        let bad = emulator.request("POST", "/guarded", headers: ["Authorization: bad"])
        #expect(bad.status == 403)
        let good = emulator.request("POST", "/guarded", headers: ["Authorization: good"])
        #expect(good.status == 200)
        #expect(json(good.body)?["partner"]?.string == "web-app")
        #expect(json(good.body)?["principalId"]?.string == "p")
        #expect(emulator.request("PATCH", "/open").text == "null")
        let missing = emulator.request("GET", "/guarded")
        #expect(missing.status == 403)
        #expect(missing.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException")
        let large = [UInt8](repeating: 0x61, count: 10 * 1024 * 1024 + 1)
        #expect(emulator.request("POST", "/open", body: large).status == 413)
    }

    @Test("what a function publishes can be read back")
    func messages() throws {
        let emulator = try RunningEmulator()
        let topic = "arn:aws:sns:eu-west-1:123456789012:inlet-Messages"
        for message in ["one", "twö"] {
            let event = #"{"do":"publish","topic":"\#(topic)","message":"\#(message)"}"#
            #expect(json(emulator.invoke(event).body)?["status"]?.int == 200)
        }
        let wrong = emulator.invoke(#"{"do":"publish","topic":"\#(topic)x","message":"m"}"#)
        #expect(json(wrong.body)?["status"]?.int == 404)
        let reply = emulator.request("GET", "/_inlet/messages?topic=inlet-Messages")
        #expect(reply.status == 200)
        let lines = reply.text.split(separator: "\n").compactMap { json(String($0)) }
        #expect(lines.map { $0["message"]?.string } == ["one", "twö"])
        #expect(lines.first?["topicArn"]?.string == topic)
        #expect(emulator.request("GET", "/_inlet/messages?topic=other").text.isEmpty)
    }

    @Test("SIGTERM ends the children, also one that ignores it", arguments: [false, true])
    func terminates(isStubborn: Bool) throws {
        let emulator = try RunningEmulator()
        let lifeline = try Lifeline(in: emulator, isStubborn: isStubborn)
        emulator.stop()
        #expect(emulator.process.terminationStatus == 0)
        #expect(lifeline.hasEnded())
    }

    @Test("children do not survive the emulator's crash")
    func crash() throws {
        let emulator = try RunningEmulator()
        let lifeline = try Lifeline(in: emulator, isStubborn: true)
        kill(emulator.process.processIdentifier, SIGKILL)
        #expect(lifeline.hasEnded())
    }

    @Test("mistakes in the command line exit with 2, in the template with 1 and the line")
    func exits() throws {
        let usage = try RunningEmulator(["--nonsense"])
        usage.process.waitUntilExit()
        #expect(usage.process.terminationStatus == 2)
        #expect(usage.log.hasPrefix("emulator: there is no option --nonsense\n"))
        let broken = try RunningEmulator(
            template: "Resources:\n  F:\n    Type: AWS::Serverless::Function\n")
        broken.process.waitUntilExit()
        #expect(broken.process.terminationStatus == 1)
        #expect(broken.log.hasSuffix("template.yaml:3: function F has no Handler\n"))
        let access = try RunningEmulator(["--sns", "http://127.0.0.1:1"])
        access.process.waitUntilExit()
        #expect(access.log.contains("--sns needs AWS_ACCESS_KEY_ID"))
    }
}

/// A named pipe that a function's process holds open for as long as it lives.
private final class Lifeline {
    private let descriptor: Int32

    init(in emulator: RunningEmulator, isStubborn: Bool) throws {
        let path = emulator.directory.appendingPathComponent("lifeline").path
        let made = unsafe mkfifo(path, 0o600)
        #expect(made == 0)
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let reply = emulator.invoke(
            #"{"do":"hold","fifo":"\#(path)","stubborn":\#(isStubborn)}"#)
        #expect(reply.status == 200)
    }

    deinit { close(descriptor) }

    /// Waits for the process to end; false after ten seconds.
    func hasEnded() -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 10_000) == 1
    }
}
