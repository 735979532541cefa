import AWS
import Delivery
import Formats
import Platform
import Relay
import TestSupport
import Testing
import Tracking

@Suite("Messages of a stream")
struct StreamTests {
    @Test("are forwarded byte for byte, but for what came from Segment")
    func forwards() throws {
        let harness = try Harness()
        let event = QueueEvents.kinesis([
            message("a", group: "u"), message("b", sender: "segment-destination", group: "u"),
            message("c", group: "u"),
        ])
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.segment.received.map(\.text) == [track("a"), track("c")])
    }

    @Test("what fails comes again by its sequence number, and what follows it in its group")
    func fails() throws {
        let harness = try Harness { _, call in
            call.request.text.contains(#""messageId":"b""#) ? SegmentStandIn.reply(403) : nil
        }
        let event = QueueEvents.kinesis([
            message("a", group: "1"), message("b", group: "2"), message("c", group: "2"),
        ])
        #expect(try harness.failures(event) == ["r-b", "r-c"])
        #expect(harness.segment.received.map(\.text) == [track("a")])
    }

    @Test(
        "a record that is none of Inlet's goes to the rejected topic, and holds nothing up",
        arguments: [
            "", "x", "{}", "[1]", #"{"message":{}}"#, #"{"attributes":{},"message":"x"}"#,
            #"{"attributes":{},"message":{}}"#, "\u{1}\u{2}",
        ])
    func strangers(data: String) throws {
        let harness = try Harness()
        let event = QueueEvents.kinesis([
            (message("a"), Array(data.utf8)),
            // As the Kinesis Producer Library aggregates records.
            (message("b"), [0xF3, 0x89, 0x9A, 0xC2, 0x0A, 0xFF]),
        ])
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.rejects.count == 2)
        #expect(harness.rejects.allSatisfy { $0.code?.hasPrefix("relay_") == true })
        #expect(harness.segment.calls.isEmpty)
        // Without a topic for rejects it must come again, and the mapping's settings end that.
        let other = try Harness(hasRejectedTopic: false)
        #expect(try other.failures(event) == ["r-a", "r-b"])
    }

    @Test("are what the publisher writes, for forwarder and loader alike")
    func published() throws {
        let sns = try SNSStandIn()
        let variables = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "aws-secret-of-the-tests", "AWS_ENDPOINT_URL": sns.url,
        ]
        let settings = AWSSettings(System(environment: { variables[$0] }))
        let stream = try #require(Sink(arn: "arn:aws:kinesis:eu-west-1:123456789012:stream/m"))
        let publisher = try SinkPublisher(
            sinks: [stream], settings: settings, credentials: CredentialChain(settings))
        let origin = Origin(
            partner: "cio", partnerID: "p-1", sender: "customerio", authentication: .signed)
        let publications = try ["a", "b"].map { id in
            let message = try #require(Message(published: Array(track(id).utf8), from: origin))
            return Publication(message, to: stream, requestID: "req-1")
        }
        let report = publisher.publish(
            publications, within: TimeBudget(now: Harness.now, deadline: .now + .seconds(600)),
            traceID: nil)
        #expect(report.verdicts == [.accepted, .accepted])
        let sent = try JSONText(sns.calls[0].request.body).root["Records"]
        let records = try #require(sent).elements.enumerated().map { place, record in
            (
                QueueEvents.Message("", id: "\(place)", group: record["PartitionKey"]?.string),
                record["Data"]?.utf8.flatMap { Base64.decode($0) } ?? []
            )
        }
        let event = QueueEvents.kinesis(records)
        let harness = try Harness()
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.segment.received.map(\.text) == [track("a"), track("b")])
        let loader = try LoaderHarness()
        #expect(try loader.failures(event).isEmpty)
        #expect(
            try loader.rows("SELECT partner || ' ' || sender || ' ' || id FROM tracks ORDER BY id")
                == ["cio customerio a", "cio customerio b"])
    }
}
