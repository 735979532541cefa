import Formats
import Glibc
import TestSupport
import Testing
import Transport

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-1"},
     {"name":"shop","webhook_token":"wk-2","validation_config":{"senders":["partner"]}}]
    """#

private func track(_ id: String, event: String = "Order Shipped") -> String {
    #"{"userId":"u-1","event":"\#(event)","messageId":"\#(id)","properties":{"a":"#
        + "\n" + #"1.50},"writeKey":"wk-1"}"#
}

@Suite("inlet tail", .timeLimit(.minutes(60)))
struct TailTests {
    /// A running `inlet tail`.
    private func tail(_ environment: [String: String], _ arguments: String...) throws -> Program {
        let program = try Program(Tools.inlet, ["tail"] + arguments, environment: environment)
        _ = try program.line(with: "Following ")
        return program
    }

    private func send(_ inlet: LocalInlet, _ id: String, event: String = "Order Shipped") throws {
        #expect(try inlet.post("/v1/track", track(id, event: event)).status == 200)
    }

    // MARK: - An emulator

    @Test("it shows a message of an emulator within a second, and a reject with its code")
    func emulator() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let program = try tail(["INLET_EMULATOR_URL": inlet.url])
        defer { program.stop() }
        var lags: [Duration] = []
        for number in 1...5 {
            try send(inlet, "m-\(number)")
            let start = ContinuousClock.now
            let line = try program.line(with: "m-\(number)")
            lags.append(.now - start)
            for part in ["Z  track     Order Shipped  web-app  segment-api  "] {
                #expect(line.contains(part), "\(line)")
            }
        }
        // The quickest, because another may have had to wait for the machine.
        #expect(try #require(lags.min()) < .seconds(1))
        let reply = try inlet.post("/webhook/v1/wk-2", #"{"messageId":"m-6"}"#)
        try reply.expect(400, code: "validation_failed")
        let line = try program.line(with: "REJECTED")
        let id = try #require(try reply.json()["requestId"]?.string)
        #expect(line.contains("REJECTED  validation_failed  shop  partner  m-6  \(id)"), "\(line)")
        #expect(program.stop(SIGINT) == .status(0))
    }

    @Test("it shows what its options ask for, as JSON lines, and ends with what is awaited")
    func options() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let program = try tail(
            ["INLET_EMULATOR_URL": "http://127.0.0.1:9"], "--url", inlet.url, "--json", "--event",
            "Wanted", "--event", "Also", "--type", "track", "--partner", "web-app", "--until",
            "messageId=m-4")
        defer { program.stop() }
        try send(inlet, "m-1", event: "Wanted")
        try send(inlet, "m-2", event: "Other")
        try inlet.post("/webhook/v1/wk-2", "{}").expect(400, code: "validation_failed")
        try send(inlet, "m-3", event: "Also")
        try send(inlet, "m-4", event: "Wanted")
        #expect(try program.end() == .status(0))
        let lines = try program.output.split(separator: "\n").map { try parse(String($0)) }
        #expect(lines.map { $0["messageId"]?.string } == ["m-1", "m-3", "m-4"])
        #expect(
            lines.first?.members.map(\.name.string) == [
                "kind", "time", "type", "event", "partner", "sender", "auth", "messageId",
                "requestId", "message",
            ])
        #expect(lines.first?["message"]?["properties"]?["a"]?.written == "1.50")
    }

    @Test("it goes on when an emulator is there again, and says so when none has been")
    func emulatorLost() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let port = try #require(inlet.url.split(separator: ":").last.flatMap { UInt16($0) })
        let program = try tail(["INLET_EMULATOR_URL": inlet.url], "--until", "messageId=m-2")
        defer { program.stop() }
        inlet.stop()
        _ = try program.line(with: "The connection to the emulator is lost")
        let again = try LocalInlet(partners: partners, options: ["--port", "\(port)"])
        defer { again.stop() }
        var number = 2
        // Which of these is the first that it can see is not known.
        while program.isRunning, number < 1000 {
            try send(again, "m-2")
            number += 1
            _ = try? program.line(with: "m-2", within: 1)
        }
        #expect(try program.end() == .status(0))
        again.stop()
        let alone = try Program(Tools.inlet, ["tail", "--url", "http://127.0.0.1:\(port)"])
        #expect(try alone.end() == .status(1))
        #expect(alone.errors.contains("the emulator at http://127.0.0.1:\(port): no connection"))
    }

    // MARK: - AWS

    /// What `inlet` needs to follow moto's topics.
    private func environment(_ moto: Moto, url: String? = nil) -> [String: String] {
        moto.access.merging([
            "AWS_ENDPOINT_URL": url ?? moto.url, "AWS_REGION": "us-east-1", "NO_PROXY": "*",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "INLET_TOPIC_ARN": LocalInlet.topic("Messages"),
            "INLET_REJECTED_TOPIC_ARN": LocalInlet.topic("Rejected"),
        ]) { $1 }
    }

    /// Queues and subscriptions of `inlet tail` that are there, a line each.
    private func left(in moto: Moto) throws -> [String] {
        try moto.run("tails", moto.url).split(separator: "\n", omittingEmptySubsequences: false)
            .prefix(2).map(String.init)
    }

    @Test(
        "of AWS it shows messages and rejects, and leaves no queue and no subscription behind",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(number: Int32) throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        let program = try tail(environment(moto), "--partner", "web-app", "--partner", "shop")
        defer { program.stop() }
        #expect(try left(in: moto).allSatisfy { $0.contains("inlet-tail-") })
        try send(inlet, "m-1")
        let line = try program.line(with: "m-1")
        #expect(line.contains("track     Order Shipped  web-app  segment-api"), "\(line)")
        try inlet.post("/webhook/v1/wk-2", "{}").expect(400, code: "validation_failed")
        _ = try program.line(with: "REJECTED  validation_failed  shop  partner")
        #expect(program.stop(number) == .status(0))
        #expect(try left(in: moto) == ["", ""])
    }

    @Test("a closed pipe ends it, though nothing more comes")
    func closedPipe() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        let pipeline = try Program(
            "/bin/sh",
            ["-c", #"{ "$0" tail --json; echo "ended: $?" >&2; } | head -n 1"#, Tools.inlet],
            environment: environment(moto).merging(["PATH": "/usr/bin:/bin"]) { $1 })
        defer { pipeline.stop() }
        _ = try pipeline.line(with: "Following ")
        try send(inlet, "m-1")
        _ = try pipeline.line(with: "ended: 0")
        #expect(try pipeline.end() == .status(0))
        #expect(try parse(pipeline.output)["messageId"]?.string == "m-1")
        #expect(try left(in: moto) == ["", ""])
    }

    @Test("it goes on after a lost connection, and then leaves nothing behind either")
    func lostConnection() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        let port = try #require(moto.url.split(separator: ":").last.flatMap { UInt16($0) })
        let proxy = try CountingProxy(to: port)
        defer { proxy.stop() }
        let program = try tail(environment(moto, url: "http://127.0.0.1:\(proxy.port)"))
        defer { program.stop() }
        try send(inlet, "m-1")
        _ = try program.line(with: "m-1")
        proxy.cut()
        _ = try program.line(with: "Trying again")
        try send(inlet, "m-2")
        proxy.mend()
        _ = try program.line(with: "m-2")
        #expect(program.output.matches(of: /m-1/).count == 1)
        #expect(program.stop() == .status(0))
        #expect(try left(in: moto) == ["", ""])
    }

    @Test("a queue that somebody has deleted is replaced, and its subscriptions are not forgotten")
    func deleted() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        let program = try tail(environment(moto), "--until", "messageId=m-1")
        defer { program.stop() }
        let first = try left(in: moto)[0]
        try moto.run("remove", moto.url, first)
        // The old queue's subscriptions go first, then there is another.
        while try left(in: moto)[0].isEmpty, program.isRunning {}
        while try left(in: moto)[1].split(separator: " ").count < 2, program.isRunning {}
        #expect(try !left(in: moto).contains { $0.contains(first) })
        try send(inlet, "m-1")
        #expect(try program.end() == .status(0))
        #expect(try left(in: moto) == ["", ""])
    }

    @Test("what it cannot remove it names, and a later run removes that once it is a day old")
    func sweep() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let port = try #require(moto.url.split(separator: ":").last.flatMap { UInt16($0) })
        let proxy = try CountingProxy(to: port)
        defer { proxy.stop() }
        let program = try tail(environment(moto, url: "http://127.0.0.1:\(proxy.port)"))
        defer { program.stop() }
        let young = try left(in: moto)[0]
        proxy.cut()
        _ = try program.line(with: "Trying again")
        program.signal(SIGINT)
        #expect(try program.end() == .status(1))
        #expect(program.errors.contains("The queue \(young) stays"))

        try moto.run("leave", moto.url, "inlet-tail-old", "25")
        try moto.run("leave", moto.url, "inlet-tail-new", "23")
        #expect(try left(in: moto)[1].contains("inlet-tail-old"))
        let later = try tail(environment(moto), "--type", "track")
        defer { later.stop() }
        #expect(later.errors.contains("Removed queues that earlier runs had left: 1."))
        #expect(later.stop(SIGINT) == .status(0))
        let names = ["inlet-tail-new", young].sorted()
        let queues = try left(in: moto)
        #expect(queues[0] == names.joined(separator: " "))
        #expect(Set(queues[1].split(separator: " ").map(String.init)) == Set(names))
    }
}
