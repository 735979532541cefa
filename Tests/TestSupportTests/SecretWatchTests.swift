import Formats
import Foundation
import TestSupport
import Testing
import Transport

/// A watch of its own, so that what it finds is no issue of the run.
private struct Watched {
    let reports = Recorder<String>()
    let watch: SecretWatch

    init(_ secrets: String...) {
        let reports = reports
        watch = SecretWatch { reports.append($0) }
        for secret in secrets { watch.keep(secret) }
    }

    func sees(_ text: String) -> Bool {
        let before = reports.all.count
        watch.look(in: text, of: "a text")
        return reports.all.count > before
    }
}

private let secret = #"a/"secret"+of the test\é"#

@Suite("The watch for secrets")
struct SecretWatchTests {
    static let forms: [String] = {
        let percent = PercentEncoding.encode(secret)
        var escaped: [UInt8] = []
        JSONString.append(secret.utf8.span, to: &escaped)
        let json = String(decoding: escaped.dropFirst().dropLast(), as: UTF8.self)
        var again: [UInt8] = []
        JSONString.append(json.utf8.span, to: &again)
        let base64 = (0..<3).map { before in
            let text = String(repeating: "x", count: before) + secret + "y"
            return Data(text.utf8).base64EncodedString()
        }
        return [
            secret, json, String(decoding: again, as: UTF8.self), percent, percent.lowercased(),
            PercentEncoding.encode(percent), PercentEncoding.encode(secret, space: .plus),
            Hex.encode(Array(secret.utf8)),
            Hex.encode(Array(secret.utf8)).uppercased(),
        ] + base64 + base64.map { $0.replacing("+", with: "-").replacing("/", with: "_") }
    }()

    @Test("sees a secret in every form, wherever it stands", arguments: forms)
    func seesForms(form: String) {
        let watched = Watched(secret, "another-secret")
        for (before, after) in [("", ""), ("x", ""), ("", "x"), ("0123456789", "0123456789")] {
            #expect(watched.sees(before + form + after))
        }
        #expect(watched.reports.all.allSatisfy { $0.hasPrefix("a secret is in a text: ") })
    }

    @Test(
        "sees through escapes that need not be there",
        arguments: [
            #"\u0077k_live_51xQ"#, #"wk\u005flive_51x\u0051"#, #"wk\\u005Flive_51xQ"#,
        ])
    func seesEscapes(form: String) {
        #expect(Watched("wk_live_51xQ").sees(#"{"a":"\#(form)"}"#))
    }

    @Test("is quiet where there is none, and about what is too short to be told from chance")
    func quiet() {
        let watched = Watched("wk_live_51xQ", "short")
        for text in ["", "w", "wk_live_51x", "wk_live_51XQ", "k_live_51xQ", "short", "\\u00"] {
            #expect(!watched.sees(text))
        }
        #expect(!Watched().sees("wk_live_51xQ"))
        #expect(SecretWatch.shortest == 8)
    }

    @Test("knows the secrets of partners and of an environment, and no names of secrets")
    func keeps() {
        let watched = Watched()
        let partners = #"""
            [{"name":"first-partner","webhook_token":"token-of-first"},
             {"name":"b","webhook_token":["token-of-second",{"token":"token-of-third"},"sha256:00112233"]},
             {"name":"same-as-token","webhook_token":"same-as-token","validation_config":{
               "signing":{"scheme":"github","secrets":["signing-secret","ssm:/path/of/it"]}}}]
            """#
        watched.watch.keep(environment: [
            "INLET_PARTNERS": partners, "AWS_SECRET_ACCESS_KEY": "aws-access-secret",
            "AWS_REGION": "region-that-is-told",
            "DATABASE": "postgresql://inlet:database-password@127.0.0.1:5432/inlet",
        ])
        watched.watch.keep(
            parameter: #"Partners=[{"name":"c","webhook_token":"token-of-fourth"}]"#)
        watched.watch.keepTokens(
            in: "  token inlet_0123456789abcdefghijklmnopqrstu-\n")
        for secret in [
            "token-of-first", "token-of-second", "token-of-third", "token-of-fourth",
            "signing-secret", "aws-access-secret", "database-password",
            "inlet_0123456789abcdefghijklmnopqrstu-",
        ] { #expect(watched.sees(secret), "\(secret)") }
        for other in [
            "first-partner", "same-as-token", "ssm:/path/of/it", "sha256:00112233",
            "region-that-is-told",
        ] { #expect(!watched.sees(other), "\(other)") }
    }

    @Test("searches in time that does not grow with the number of secrets")
    func many() {
        let watched = Watched()
        for number in 0..<2000 { watched.watch.keep("secret-number-\(number)") }
        #expect(!watched.sees(String(repeating: "secret-numbe", count: 1000)))
        #expect(watched.sees("x secret-number-1999"))
    }

    @Test("tells of a fault that shows everywhere a few times, and not for ever")
    func bounded() {
        let watched = Watched("wk_live_51xQ")
        for _ in 0..<100 { _ = watched.sees("wk_live_51xQ") }
        #expect(watched.reports.all.count == 20)
    }
}

@Suite("What every stand-in shows the watch")
struct SecretReceiptTests {
    /// Sends bytes to a server, and waits for what it answers.
    private func post(_ url: String, _ body: String, _ path: String = "/") throws {
        _ = try HTTPConnection(proxy: .never).send(
            HTTPRequest(method: "POST", url: url + path, headers: [], body: Array(body.utf8)),
            timeout: .seconds(60), maximumBody: 1 << 20)
    }

    @Test("SNS's shows texts and attributes, of one message and of each in a batch")
    func sns() throws {
        let watched = Watched("wk_live_51xQ")
        let sns = try SNSStandIn(watch: watched.watch)
        let entry = "MessageAttributes.entry.1."
        for body in [
            "Action=Publish&TopicArn=t&Message=%7B%22a%22%3A%22wk_live_51xQ%22%7D",
            "Action=Publish&TopicArn=t&Message=m&\(entry)Name=a&\(entry)Value.StringValue=wk_live_51xQ",
            "Action=PublishBatch&TopicArn=t&PublishBatchRequestEntries.member.1.Message=m"
                + "&PublishBatchRequestEntries.member.2.Message=d2tfbGl2ZV81MXhROg==",
        ] {
            let before = watched.reports.all.count
            try post(sns.url, body)
            #expect(watched.reports.all.count == before + 1, "\(body)")
        }
        try post(sns.url, "Action=Publish&TopicArn=t&Message=m")
        #expect(watched.reports.all.count == 3)
    }

    @Test("Segment's and Lambda's show what they are sent")
    func others() throws {
        let watched = Watched("wk_live_51xQ")
        let segment = try SegmentStandIn(watch: watched.watch)
        try post(segment.url, #"{"batch":[{"messageId":"wk_live_51xQ"}]}"#)
        #expect(watched.reports.all.count == 1)
        let lambda = try FakeLambda(watch: watched.watch)
        try post(
            "http://\(lambda.authority)", #"{"body":"wk_live_51xQ"}"#,
            "/2018-06-01/runtime/invocation/1/response")
        #expect(watched.reports.all.count == 2)
    }

    @Test("a log shows each line once")
    func log() throws {
        let watched = Watched("wk_live_51xQ")
        let log = try LogFile(watch: watched.watch)
        func write(_ text: String) {
            FileHandle(fileDescriptor: log.descriptor).write(Data(text.utf8))
        }
        write("a line\n")
        #expect(log.look() == "a line\n" && watched.reports.all.isEmpty)
        write("wk_live_51xQ\n")
        #expect(log.look() == "wk_live_51xQ\n" && watched.reports.all.count == 1)
        #expect(log.look() == "" && watched.reports.all.count == 1)
    }

    @Test("a program of the project shows what it writes, and others do not")
    func programs() throws {
        let directory = try TemporaryDirectory()
        for (name, count) in [("bootstrap", 2), ("emulator", 2), ("inlet", 1), ("other", 0)] {
            let path = try directory.write(
                name, "#!/bin/sh\necho $AWS_SESSION_TOKEN\necho $AWS_SESSION_TOKEN >&2\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let watched = Watched()
            let program = try Program(
                path, environment: ["AWS_SESSION_TOKEN": "session-of-the-test"],
                watch: watched.watch)
            #expect(try program.end() == .status(0))
            #expect(watched.reports.all.count == count, "\(name)")
        }
    }
}
