import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("Commands that know the sink", .timeLimit(.minutes(60)))
struct SinkTests {
    private static let sinks = [
        ("SQS", "arn:aws:sqs:us-east-1:123456789012:messages"),
        ("Kinesis", "arn:aws:kinesis:us-east-1:123456789012:stream/messages"),
        ("Firehose", "arn:aws:firehose:us-east-1:123456789012:deliverystream/messages"),
    ]

    private func environment(_ sns: SNSStandIn, _ sink: String) -> [String: String] {
        [
            "AWS_ENDPOINT_URL": sns.url, "INLET_TOPIC_ARN": sink, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        ]
    }

    @Test("doctor asks it, and says which right it lacks", arguments: sinks)
    func doctor(title: String, sink: String) throws {
        let asked = try SNSStandIn()
        let well = try Operator(environment(asked, sink))
        #expect(well.run("doctor").output.contains("✓ topic: \(title) has it"))
        #expect(!asked.calls.isEmpty && asked.published.isEmpty)
        let sns = try SNSStandIn { _, call in call.error(400, "AccessDeniedException") }
        let output = try Operator(environment(sns, sink)).run("doctor").output
        #expect(output.contains("✗ topic"))
        #expect(output.contains("\(title.lowercased()):"))
    }

    // A queue's endpoint is that of the queue of rejects here.
    @Test(
        "rejected replay publishes to it, and what it does not take stays",
        arguments: sinks.dropFirst())
    func replay(title: String, sink: String) throws {
        let queue = try TestQueue()
        let published = TestRejection(
            code: "not_publishable", sender: "segment-api", partner: "web", destination: "sns",
            body: #"{"type":"track","messageId":"m-1","userId":"u","event":"E"}"#)
        func run(_ sns: SNSStandIn) throws -> String {
            let person = try Operator(
                queue.environment.merging(environment(sns, sink)) { own, _ in own })
            try person.add("web", "--config", #"{"senders":["segment-api"]}"#)
            return person.run("rejected", "replay", "--all").output
        }
        try queue.send(published.json)
        let failing = try SNSStandIn { _, call in call.error(400, "AccessDeniedException") }
        #expect(try run(failing).contains("\(title) did not take it"))
        let sns = try SNSStandIn()
        _ = try run(sns)
        #expect(sns.published.map(\.topic) == [sink])
        #expect(sns.published.first?.attributes["messageId"] == "m-1")
        #expect(try queue.counts().visible == 0)
    }
}
