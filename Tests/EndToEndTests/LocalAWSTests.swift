import Formats
import TestSupport
import Testing
import Transport

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-1"},
     {"name":"shop","webhook_token":"wk-2","validation_config":{"senders":["partner"]}}]
    """#

@Suite("SQS and SNS at the emulator's one address", .timeLimit(.minutes(60)))
struct LocalAWSTests {
    @Test("AWS's own client works with queues, messages and subscriptions, unchanged")
    func client() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let environment = try inlet.aws().merging(
            ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        let client = try Program(
            try Tools.python("python"), [Tools.localAWS, LocalInlet.topic("Messages")],
            environment: environment)
        defer { client.stop() }
        guard try client.end() == .status(0) else { throw client.failure("found differences") }
        #expect(client.output == "all is as it should be\n")
    }

    @Test("inlet lists and replays what the template's own queue of rejected input holds")
    func rejected() throws {
        let database = try PartnerDatabaseKind.sqlite.make()
        try OperatorProgram(database).run("migrate")
        let inlet = try LocalInlet(partners: database.source, options: database.options)
        defer { inlet.stop() }
        let person = OperatorProgram(
            database,
            try inlet.aws().merging(
                [
                    "INLET_REJECTED_QUEUE_URL": inlet.queue("RejectedQueue"),
                    "INLET_TOPIC_ARN": LocalInlet.topic("Messages"),
                ]) { $1 })
        let added = try parse(
            try person.run(
                "partner", "add", "shop", "--sender", "partner", "--url", inlet.url, "--json"))
        let url = try #require(added["url"]?.string)
        let body = #"{"kind":"order.paid","when":"2026-01-05T10:00:00Z","buyer":"u-42"}"#
        try http("POST", url, body: Array(body.utf8)).expect(400, code: "validation_failed")

        for _ in 0..<2 {
            // What was listed can be listed again at once.
            let listed = Array(try parse(try person.run("rejected", "list", "--json")).elements)
            #expect(listed.map { $0["partner"]?.string } == ["shop"])
            #expect(listed.first?["code"]?.string == "validation_failed")
        }
        try person.run(
            "partner", "update", "shop", "--config",
            #"{"senders":["partner"],"mapping":{"event":"kind","timestamp":"when","userId":"buyer"}}"#
        )
        #expect(try person.run("rejected", "replay", "--all").contains("replayed"))
        #expect(try inlet.published().map { $0.message["userId"]?.string } == ["u-42"])
        #expect(try parse(try person.run("rejected", "list", "--json")).elements.isEmpty)
    }

    @Test("nobody calls it under another name, from another origin, or without a signature")
    func access() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        let list = [
            HTTPField("X-Amz-Target", "AmazonSQS.ListQueues"),
            HTTPField("Content-Type", "application/x-amz-json-1.0"),
        ]
        for path in ["/_aws", "/_aws/", "/_aws/123456789012/inlet-RejectedQueue"] {
            let unsigned = try inlet.post(path, "{}", headers: list)
            #expect(unsigned.status == 403)
            #expect(
                try unsigned.json()["__type"]?.string
                    == "com.amazon.coral.service#MissingAuthenticationTokenException")
            let query = try inlet.post(path, "Action=ListTopics&Version=2010-03-31")
            #expect(query.status == 403)
            #expect(query.text.contains("<Code>MissingAuthenticationToken</Code>"))
            for (header, code) in [
                (HTTPField("Host", "rebound.example"), "foreign_host"),
                (HTTPField("Origin", "http://shop.example"), "foreign_origin"),
            ] {
                try inlet.post(path, "{}", headers: list + [header]).expect(403, code: code)
            }
        }
        // It is no part of the API, and is not recorded as one of its calls.
        #expect(try inlet.send("GET", "/_inlet/requests").json().elements.isEmpty)
    }

    @Test("with another SNS there is none of its own")
    func another() throws {
        let inlet = try LocalInlet(
            partners: partners, sns: "http://127.0.0.1:9",
            access: ["AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"])
        defer { inlet.stop() }
        try inlet.post("/_aws", "{}").expect(404, code: "no_aws_here")
        #expect(!inlet.program.output.contains("AWS_ENDPOINT_URL"))
    }
}
