import Formats
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@Suite("An archive that is published again", .timeLimit(.minutes(60)))
struct ArchiveTests {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:messages"

    /// An archive of so many files, and what `inlet` needs to publish it again.
    private func archive(
        files: Int, lines: Int = 2, fault: @escaping S3StandIn.Fault = { _, _ in nil }
    ) throws -> S3StandIn {
        var objects: [String: [UInt8]] = [:]
        for file in 0..<files {
            objects["inlet/day=2026-01-05/partner=web-app/\(file).gz"] = ArchiveLine.gzip(
                (0..<lines).map { ArchiveLine.envelope("m-\(file)-\($0)") })
        }
        return try S3StandIn(objects, fault: fault)
    }

    private func replay(
        _ archive: S3StandIn, to sns: SNSStandIn, _ options: String...
    ) throws -> Program {
        try Program(
            Tools.inlet,
            [
                "archive", "replay", "--since", "2026-01-05", "--until", "2026-01-06", "--rate",
                "10000", "--yes",
            ] + options,
            environment: [
                "INLET_ARCHIVE": "s3://\(S3StandIn.bucket)/inlet/", "INLET_TOPIC_ARN": Self.topic,
                "AWS_ENDPOINT_URL_S3": archive.url, "AWS_ENDPOINT_URL_SNS": sns.url,
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "key",
            ])
    }

    /// Different ones: a busy machine's SNS may be asked twice.
    private func ids(_ sns: SNSStandIn) -> Set<String> {
        Set(sns.published.compactMap { $0.attributes["messageId"] })
    }

    // MARK: - AWS, as moto plays it

    @Test("what bootstrap has published comes again as it was, through S3 that checks signatures")
    func story() throws {
        let moto = try Moto()
        defer { moto.stop() }
        _ = try moto.run(Tools.archive, ["prepare", moto.url])
        let inlet = try LocalInlet(
            partners: #"[{"name":"web-app","webhook_token":"wk-1"}]"#, sns: moto.url,
            access: moto.access)
        defer { inlet.stop() }
        var number = 0
        for how in ["firehose", "gzip", "member"] {
            for type in ["track", "page"] {
                number += 1
                let call =
                    #"{"writeKey":"wk-1","userId":"u-1","messageId":"m-\#(number)","event":"É \"1\"","#
                    + #""name":"Docs","properties":{"total":12.50,"text":"😀\u0000"}}"#
                #expect(try inlet.post("/v1/\(type)", call).status == 200)
            }
            _ = try moto.run(Tools.archive, ["write", moto.url, how])
        }
        let before = try moto.receive("messages")
        // A busy machine's SNS may have been asked twice.
        try #require(Set(before.map(\.text)).count == number)
        let program = try Program(
            Tools.inlet, ["archive", "replay", "--since", "1h", "--yes", "--json"],
            environment: moto.access.merging([
                "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1",
                "INLET_ARCHIVE": "s3://archive/inlet/",
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:inlet-Messages",
            ]) { $1 })
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
        let published = try #require(try parse(program.output)["published"]?.int)
        #expect(published >= number)
        #expect(try parse(program.output)["files"]?.int == 3)
        let after = try moto.receive("messages")
        func distinct(_ messages: [(text: String, attributes: [String: String])]) -> Set<String> {
            Set(messages.map { "\($0.attributes.sorted(by: <)) \($0.text)" })
        }
        #expect(distinct(after) == distinct(before))
        // One reader alone: its queue is a sink as well.
        let one = try Program(
            Tools.inlet, ["archive", "replay", "--since", "1h", "--yes", "--message-id", "m-2"],
            environment: moto.access.merging([
                "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1",
                "INLET_ARCHIVE": "s3://archive/inlet/",
                "INLET_TOPIC_ARN": "arn:aws:sqs:us-east-1:123456789012:rejected",
            ]) { $1 })
        #expect(try one.end() == .status(0), "\(one.output)\(one.errors)")
        let alone = try moto.receive("rejected")
        #expect(distinct(alone) == distinct(before.filter { $0.attributes["messageId"] == "m-2" }))
        // A replay is archived too, and the next one leaves that out.
        _ = try moto.run(Tools.archive, ["write", moto.url, "gzip"])
        let until = try #require(try parse(program.output)["until"]?.string)
        let again = try Program(
            Tools.inlet,
            ["archive", "replay", "--since", "1h", "--until", until, "--dry-run", "--json"],
            environment: moto.access.merging([
                "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1",
                "INLET_ARCHIVE": "s3://archive/inlet/",
            ]) { $1 })
        #expect(try again.end() == .status(0), "\(again.errors)")
        // The file of before was written over.
        let chosen = try #require(try parse(again.output)["chosen"]?.int)
        #expect(number - 2 <= chosen && chosen < published)
        #expect(try #require(try parse(again.output)["leftOut"]?.int) >= number)
    }

    @Test("a bucket that is not there, or may not be read, is said so")
    func refused() throws {
        let moto = try Moto()
        defer { moto.stop() }
        func replay(_ access: [String: String]) throws -> Program {
            let program = try Program(
                Tools.inlet, ["archive", "replay", "--since", "1h", "--dry-run"],
                environment: access.merging([
                    "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1",
                    "INLET_ARCHIVE": "s3://archive/inlet/",
                ]) { $1 })
            #expect(try program.end() == .status(1))
            return program
        }
        #expect(try replay(moto.access).errors.contains("there is no bucket archive"))
        _ = try moto.run(Tools.archive, ["prepare", moto.url])
        var access = moto.access
        access["AWS_SECRET_ACCESS_KEY"] = "another"
        let errors = try replay(access).errors
        #expect(errors.contains("SignatureDoesNotMatch (HTTP 403)"), "\(errors)")
    }

    // MARK: - Replays that end early

    @Test("a replay that is killed goes on after the file that it has named last")
    func killed() throws {
        let gate = SocketServer.Gate()
        let archive = try archive(files: 4) { _, target in
            target.hasSuffix("/2.gz") ? .hold(gate, then: .close) : nil
        }
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let program = try replay(archive, to: sns)
        let line = try program.line(with: "/1.gz: 2 published")
        program.signal(SIGKILL)
        #expect(try program.end() == .signal(SIGKILL))
        archive.stop()
        #expect(ids(sns) == ["m-0-0", "m-0-1", "m-1-0", "m-1-1"])
        let rest = try self.archive(files: 4)
        defer { rest.stop() }
        let name = String(line.prefix { $0 != ":" })
        let second = try replay(rest, to: sns, "--after", name)
        #expect(try second.end() == .status(0), "\(second.errors)")
        #expect(ids(sns) == Set((0..<4).flatMap { ["m-\($0)-0", "m-\($0)-1"] }))
    }

    @Test(
        "Ctrl-C lets what is under way arrive, and says how to go on", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let gate = SocketServer.Gate()
        let archive = try archive(files: 3)
        defer { archive.stop() }
        let sns = try SNSStandIn { sns, call in
            call.number == 2 ? .hold(gate, then: sns.accept(call)) : nil
        }
        defer { sns.stop() }
        let program = try replay(archive, to: sns)
        _ = sns.server.requests(atLeast: 2)
        program.signal(signal)
        _ = try program.line(with: "Ctrl-C again")
        gate.open()
        #expect(try program.end() == .status(1))
        #expect(ids(sns) == ["m-0-0", "m-0-1", "m-1-0", "m-1-1"])
        #expect(program.errors.contains("it was ended before it was done"))
        // The one under way was sent to its end.
        let key = "inlet/day=2026-01-05/partner=web-app/1.gz"
        #expect(
            program.errors.contains(
                "--since 2026-01-05T00:00:00.000Z --until 2026-01-06T00:00:00.000Z "
                    + "--after '\(key)'"), "\(program.errors)")
    }

    @Test("Ctrl-C ends it where nothing is to be published too", arguments: [SIGINT, SIGTERM])
    func interruptedReading(signal: Int32) throws {
        let gate = SocketServer.Gate()
        let archive = try archive(files: 4) { number, _ in
            number == 3 ? .hold(gate, then: S3StandIn.error(503, "SlowDown")) : nil
        }
        defer { archive.stop() }
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let program = try replay(archive, to: sns, "--message-id", "none")
        _ = archive.server.requests(atLeast: 3)
        program.signal(signal)
        _ = try program.line(with: "Ctrl-C again")
        gate.open()
        #expect(try program.end() == .status(1))
        #expect(program.errors.contains("it was ended before it was done"))
        #expect(archive.targets.count == 3)
    }

    @Test("a second Ctrl-C ends it whatever it waits for")
    func interruptedTwice() throws {
        let archive = try archive(files: 1) { _, target in
            target.hasSuffix("/0.gz") ? .hold(SocketServer.Gate(), then: .close) : nil
        }
        defer { archive.stop() }
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let program = try replay(archive, to: sns)
        // The keys of two days, and the file.
        _ = archive.server.requests(atLeast: 3)
        program.signal(SIGINT)
        _ = try program.line(with: "Ctrl-C again")
        program.signal(SIGINT)
        #expect(try program.end() == .status(128 + SIGINT))
    }

    @Test("SNS that does not take a message ends it with 1, and one that refuses it does not")
    func refusedMessages() throws {
        let archive = try archive(files: 2, lines: 12)
        defer { archive.stop() }
        let strict = try SNSStandIn { sns, call in
            sns.accept(
                call,
                failing: Dictionary(
                    uniqueKeysWithValues: call.entries.filter {
                        $0.publication.attributes["messageId"] == "m-0-3"
                    }.map { ($0.id, (code: "InvalidParameter", isSenderFault: true)) }))
        }
        defer { strict.stop() }
        let one = try replay(archive, to: strict, "--json")
        #expect(try one.end() == .status(1))
        let report = try parse(one.output)
        #expect(report["published"]?.int == 23 && report["failed"]?.int == 1)
        #expect(report["problems"]?.elements.first?["line"]?.int == 4)

        let closed = try SNSStandIn { _, _ in SNSStandIn.error(403, "AuthorizationError") }
        defer { closed.stop() }
        let two = try replay(archive, to: closed)
        #expect(try two.end() == .status(1))
        #expect(two.errors.contains("inlet: SNS did not take all messages"), "\(two.errors)")
        #expect(ids(closed).isEmpty)
    }

    @Test("no more is sent at once than a second may have, and a second is waited for it")
    func rate() throws {
        let archive = try archive(files: 1, lines: 6)
        defer { archive.stop() }
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let start = ContinuousClock.now
        let program = try replay(archive, to: sns, "--rate", "3")
        #expect(try program.end() == .status(0), "\(program.errors)")
        #expect(ContinuousClock.now - start >= .seconds(2))
        #expect(sns.calls.count >= 2 && sns.calls.allSatisfy { $0.entries.count <= 3 })
        #expect(ids(sns).count == 6)
    }
}
