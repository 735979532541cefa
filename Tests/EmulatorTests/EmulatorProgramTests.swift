import Formats
import Foundation
import Glibc
import LocalServer
import Testing

@testable import emulator

@Suite("The emulator program", .timeLimit(.minutes(60)))
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

    @Test(
        "a program that cannot be run is refused at the start",
        arguments: ["/nope", "/tmp", "/etc/passwd", ""])
    func noProgram(path: String) throws {
        let emulator = try RunningEmulator(["--bootstrap", path])
        emulator.process.waitUntilExit()
        #expect(emulator.process.terminationStatus == 1)
        #expect(emulator.port == 0)
        let problem = "emulator: --bootstrap \(path) is no program that can be run here\n"
        #expect(emulator.log == problem)
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

    @Test("it answers to its own names with its port, and to nobody who comes under another")
    func hosts() throws {
        let emulator = try RunningEmulator()
        let port = emulator.port
        for host in [
            "localhost:\(port)", "127.0.0.1:\(port)", "[::1]:\(port)", "LocalHost:\(port)",
        ] {
            #expect(emulator.request("GET", "/open", host: host).status == 200, "\(host)")
            #expect(emulator.request("GET", "/_inlet/messages", host: host).status == 200)
        }
        let large = [UInt8](repeating: 0x61, count: 10 * 1024 * 1024 + 1)
        for host in [
            "rebound.example", "rebound.example:\(port)", "localhost", "127.0.0.1", "localhost:1",
            "localhost:\(port).rebound.example", "127.0.0.1.rebound.example:\(port)",
            "x@localhost:\(port)",
        ] {
            for (method, target) in [
                ("GET", "/open"), ("POST", "/guarded"), ("GET", "/_inlet/messages"),
                ("GET", "/_inlet/queues"), ("POST", Self.invocations),
            ] {
                let reply = emulator.request(method, target, host: host)
                #expect(reply.status == 403, "\(method) \(target) \(host)")
                #expect(json(reply.body)?["code"]?.string == "foreign_host")
                #expect(json(reply.body)?["message"]?.string?.contains("localhost:\(port)") == true)
            }
            #expect(emulator.request("POST", "/open", body: large, host: host).status == 403)
        }
        let twice = emulator.request("GET", "/open", headers: ["Host: rebound.example"])
        #expect(twice.status == 400 || twice.status == 403)
    }

    private static let invocations = "/2015-03-31/functions/Main/invocations"

    @Test("a page of another origin reads no messages and invokes nothing, and may call the API")
    func origins() throws {
        let emulator = try RunningEmulator()
        let port = emulator.port
        let guarded = [
            ("GET", "/_inlet/messages"), ("GET", "//_inlet/messages"), ("GET", "/_inlet/queues"),
            ("GET", "/_other"), ("OPTIONS", "/_inlet/messages"), ("POST", Self.invocations),
            ("POST", "/\(Self.invocations)"), ("OPTIONS", Self.invocations),
        ]
        for header in [
            "Origin: http://shop.example", "Origin: null", "Origin: https://localhost:\(port)",
            "Origin: http://localhost:1", "Origin: http://localhost:\(port).shop.example",
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
        ] {
            for (method, target) in guarded {
                let reply = emulator.request(method, target, headers: [header])
                #expect(reply.status == 403, "\(method) \(target) \(header)")
                #expect(json(reply.body)?["code"]?.string == "foreign_origin")
                #expect(reply.headers["access-control-allow-origin"] == nil)
            }
            #expect(emulator.request("POST", "/open", headers: [header]).status == 200)
        }
        // Seven calls of the API's route, and no other event.
        #expect(emulator.log.matches(of: /START RequestId/).count == 7)
        for header in ["Origin: http://localhost:\(port)", "Sec-Fetch-Site: same-origin"] {
            #expect(emulator.request("GET", "/_inlet/messages", headers: [header]).status == 200)
            #expect(emulator.invoke("{}", headers: [header]).status == 200)
        }
    }

    @Test("a process's Runtime API and the topics are no page's either")
    func ownServers() throws {
        let emulator = try RunningEmulator()
        let environment = try #require(json(emulator.invoke(#"{"do":"environment"}"#).body))
        for (variable, method, target, usual) in [
            ("AWS_LAMBDA_RUNTIME_API", "GET", "/2018-06-01/ping", 200),
            ("AWS_ENDPOINT_URL_SNS", "POST", "/", 403),
        ] {
            let address = try #require(environment[variable]?.string)
            let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
            #expect(emulator.request(method, target, port: port).status == usual)
            let rebound = emulator.request(
                method, target, host: "rebound.example:\(port)", port: port)
            #expect(json(rebound.body)?["code"]?.string == "foreign_host")
            let page = emulator.request(
                method, target, headers: ["Origin: http://shop.example"], port: port)
            #expect(json(page.body)?["code"]?.string == "foreign_origin")
        }
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
