import Formats
import Platform
import TestSupport
import Testing

@testable import inlet

@Suite("The doctor", .timeLimit(.minutes(60)))
struct DoctorTests {
    private static let health =
        #"{"status":"healthy","service":"inlet","version":"0.1.0","build":"abc"}"#

    /// The time as HTTP has it, so many seconds from now.
    private static func date(_ seconds: Int64) -> String {
        let moment = System.wallClock().milliseconds / 1000 + seconds
        let day = moment / 86400
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let text = Array((Timestamp(milliseconds: moment * 1000).rfc3339 ?? "").utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let month = months[(Int(part(5..<7)) ?? 1) - 1]
        return "\(days[Int(day % 7)]), \(part(8..<10)) \(month) \(part(0..<4)) \(part(11..<19)) GMT"
    }

    /// An API that is ready, or answers as told.
    private func server(
        health: String = DoctorTests.health, ready: Int = 200, ahead: Int64 = 0
    ) throws -> SocketServer {
        try SocketServer { request in
            let headers = [("Date", Self.date(ahead))]
            guard request.target == "/ready" else { return .text(200, health, headers) }
            let body = #"{"code":"not_ready","message":"The partners cannot be looked up."}"#
            return .text(ready, ready == 200 ? #"{"status":"ready"}"# : body, headers)
        }
    }

    private func results(_ result: Operator.Result) throws -> [String: String] {
        try Dictionary(
            uniqueKeysWithValues: result.json().elements.map {
                ($0["check"]?.string ?? "", $0["result"]?.string ?? "")
            })
    }

    @Test("all is well when everything is there")
    func well() throws {
        let queue = try TestQueue()
        let sns = try SNSStandIn()
        let api = try server()
        let person = try Operator(
            queue.environment.merging([
                "AWS_ENDPOINT_URL_SNS": sns.url, "INLET_PUBLIC_URL": api.url,
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
            ]) { $1 })
        try person.add(
            "shop", "--config",
            #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["in-the-record"]}}"#)
        try queue.send("x")
        // A client that AWS's answer did not reach in time has sent it again.
        let waiting = try queue.counts().visible
        let result = person.run("doctor", "--json")
        #expect(result.code == 0, "\(result.output)")
        let checks = [
            "settings", "registry", "secrets", "topic", "queue", "api", "version", "clock",
        ]
        #expect(try results(result) == Dictionary(uniqueKeysWithValues: checks.map { ($0, "ok") }))
        let text = person.run("doctor")
        #expect(text.code == 0 && text.output.split(separator: "\n").count == checks.count)
        #expect(text.output.contains("✓ queue: SQS has it; about \(waiting) rejected"))
        #expect(sns.published.isEmpty)
        #expect(try queue.counts().visible == waiting)
    }

    @Test(
        "what is wrong fails alone, with what to do",
        arguments: [
            ("INLET_TOPIC_ARN", "not-an-arn", ["settings", "topic"]),
            ("INLET_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:missing", ["topic"]),
            ("INLET_ARCHIVE", "bucket", ["settings"]),
            ("INLET_REJECTED_QUEUE_URL", "ftp://x", ["settings", "queue"]),
            ("INLET_PUBLIC_URL", "api.example.com", ["settings", "api"]),
            ("INLET_PUBLIC_URL", "http://127.0.0.1:1", ["api"]),
            ("INLET_PARTNERS", "nonsense", ["settings", "registry"]),
        ])
    func wrong(variable: String, value: String, failing: [String]) throws {
        let sns = try SNSStandIn { _, _ in SNSStandIn.error(404, "NotFound") }
        let sts = try server()
        let person = try Operator(
            [
                variable: value, "AWS_ENDPOINT_URL_SNS": sns.url, "AWS_ENDPOINT_URL_STS": sts.url,
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_MAX_ATTEMPTS": "1",
            ], migrated: variable != "INLET_PARTNERS")
        let result = person.run("doctor", "--json")
        #expect(result.code == 1)
        let found = try results(result)
        #expect(found.filter { $0.value == "failed" }.map(\.key).sorted() == failing.sorted())
        for diagnosis in try result.json().elements
        where diagnosis["result"]?.string == "failed" {
            #expect(diagnosis["text"]?.string?.isEmpty == false)
        }
        #expect(person.run("doctor").output.contains("✗ \(failing[0])"))
    }

    @Test("an API that is not ready, of another version or another time is told from a good one")
    func otherAPI() throws {
        let other = Self.health.replacing("0.1.0", with: "9.9.9")
        for (server, failing, words) in [
            (try server(ready: 503), "api", "The partners cannot be looked up."),
            (try server(health: other), "version", "9.9.9"),
            (try server(health: "{}"), "version", "not Inlet"),
            (try server(ahead: 200), "clock", "behind the API"),
            (try server(ahead: -200), "clock", "ahead of the API"),
        ] {
            let person = try Operator(["INLET_PUBLIC_URL": server.url])
            let result = person.run("doctor", "--json")
            #expect(result.code == 1)
            let failed = try results(result).filter { $0.value == "failed" }
            #expect(failed.keys.sorted() == [failing], "\(result.output)")
            #expect(result.output.contains(words), "\(result.output)")
        }
    }

    @Test("a secret that cannot be read, and a record that cannot be used, are named")
    func secrets() throws {
        let vault = try SecretVault(["here": "a-secret-that-is-here"])
        let person = try Operator(
            [
                "INLET_PARTNERS":
                    #"[{"name":"shop","webhook_token":"t-o-k-e-n","validation_config":{"senders":["partner"],"#
                    + #""signing":{"scheme":"github","secrets":["ssm:here","ssm:gone"]}}}]"#,
                "AWS_ENDPOINT_URL": vault.server.url, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            ], migrated: false)
        let result = person.run("doctor")
        #expect(result.code == 1)
        #expect(result.output.contains("✗ secrets: 1 of 2 cannot be read, such as of shop"))
        #expect(!result.output.contains("a-secret-that-is-here"))
    }
}
