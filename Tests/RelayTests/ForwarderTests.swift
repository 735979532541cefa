import Formats
import LambdaRuntime
import Relay
import TestSupport
import Testing
import Transport

@Suite("The forwarder")
struct ForwarderTests {
    @Test("sends what a queue hands out, raw or in SNS's envelope", arguments: [false, true])
    func sqs(isEnveloped: Bool) throws {
        let harness = try Harness()
        let event = QueueEvents.sqs([message("a"), message("b")], isEnveloped: isEnveloped)
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.segment.received.map(\.text) == [track("a"), track("b")])
        #expect(harness.segment.calls.count == 1)
        #expect(harness.rejects.isEmpty)
    }

    @Test("sends what a topic hands out")
    func sns() throws {
        let harness = try Harness()
        #expect(try harness.failures(QueueEvents.sns([message("a")])).isEmpty)
        #expect(harness.segment.received.map(\.text) == [track("a")])
    }

    @Test("an event of a topic fails as a whole, so that Lambda brings it again")
    func snsFailure() throws {
        let harness = try Harness { _, _ in SegmentStandIn.reply(403) }
        guard case .failure(let failure) = try harness.answer(QueueEvents.sns([message("a")]))
        else {
            Issue.record("answered as if all were well")
            return
        }
        #expect(failure.type == "Function.NotForwarded")
        #expect(failure.message == "1 of 1 messages were not forwarded.")
    }

    @Test("an empty batch is no failure, and nothing is sent")
    func empty() throws {
        let harness = try Harness()
        #expect(try harness.failures(QueueEvents.sqs([])).isEmpty)
        #expect(harness.segment.calls.isEmpty)
    }

    @Test("an event that is none fails, and of another kind says of which")
    func malformed() throws {
        let harness = try Harness()
        for (event, type, words) in [
            ("", "MalformedEvent", "not JSON"), ("{}", "UnexpectedEvent", "an empty object"),
            ("[]", "UnexpectedEvent", "no object"),
            (#"{"Records":[{"messageId":"m"}]}"#, "UnexpectedEvent", "some queue or stream"),
            (#"{"Records":[{"eventSource":"aws:s3"}]}"#, "UnexpectedEvent", "an event of S3"),
            (#"{"httpMethod":"GET","path":"/"}"#, "UnexpectedEvent", "an HTTP request"),
        ] {
            guard case .failure(let failure) = try harness.answer(Array(event.utf8)) else {
                Issue.record("\(event) answered")
                continue
            }
            #expect(failure.type == "Function.\(type)")
            #expect(failure.message.contains(words))
        }
    }

    @Test(
        "what came from Segment is not sent back; everything else is sent",
        arguments: [
            ("segment-destination", false), ("segment-api", true), ("customerio", true),
            ("partner", true), (nil, true),
        ])
    func senders(sender: String?, isSent: Bool) throws {
        let harness = try Harness()
        #expect(try harness.failures(QueueEvents.sqs([message("a", sender: sender)])).isEmpty)
        #expect(harness.segment.received.count == (isSent ? 1 : 0))
        #expect(harness.rejects.isEmpty)
    }

    @Test("what its sender wants kept from Segment is dropped")
    func integrations() throws {
        let harness = try Harness()
        let kept = track("a", more: #","integrations":{"Segment":false}"#)
        #expect(try harness.failures(QueueEvents.sqs([.init(kept, id: "r")])).isEmpty)
        #expect(harness.segment.calls.isEmpty && harness.rejects.isEmpty)
    }

    @Test("what cannot be read goes to the rejected topic, and the rest to Segment")
    func rejects() throws {
        let harness = try Harness()
        let event = QueueEvents.sqs([
            .init("not JSON", id: "1", attributes: []), message("a"), .init("{}", id: "2"),
            .init(#"{"type":"nothing"}"#, id: "3"), .init("", id: "4"),
        ])
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.segment.received.map(\.messageID) == ["a"])
        #expect(
            harness.rejects.map(\.code)
                == [
                    "relay_bad_request", "relay_type_not_defined", "relay_unsupported_type",
                    "relay_bad_request",
                ])
        // An operator must not publish again what was published.
        #expect(harness.sns.published.allSatisfy { $0.attributes["destination"] == "segment" })
        #expect(harness.rejects.allSatisfy { $0.destination == "segment" })
        #expect(harness.rejects.map(\.body) == ["not JSON", "{}", #"{"type":"nothing"}"#, ""])
        #expect(
            harness.sns.published.map { $0.attributes["sender"] }.prefix(2) == [
                "unknown", "customerio",
            ])
    }

    @Test("a reject names the request that has brought the message, where the message says which")
    func rejectedRequest() throws {
        let harness = try Harness()
        let event = QueueEvents.sqs([
            .init("{}", id: "1", attributes: [("requestId", "gateway-request-1")]),
            .init("[]", id: "2"),
        ])
        #expect(try harness.failures(event).isEmpty)
        let ids = try harness.sns.published.map {
            try JSONText(Array($0.text.utf8)).root["requestId"]?.string
        }
        #expect(ids == ["gateway-request-1", "lambda-request-1"])
    }

    @Test("what is too large for Segment goes to the rejected topic, whole")
    func tooLarge() throws {
        let harness = try Harness()
        let large = track("a", more: #","x":"\#(String(repeating: "x", count: 33_000))""#)
        #expect(
            try harness.failures(QueueEvents.sqs([.init(large, id: "1"), message("b")])).isEmpty)
        #expect(harness.segment.received.map(\.messageID) == ["b"])
        #expect(harness.rejects.map(\.code) == ["relay_message_too_large"])
        #expect(harness.rejects.map(\.body) == [large])
    }

    @Test("one that Segment refuses goes to the rejected topic, and takes no other with it")
    func refused() throws {
        let harness = try Harness { _, call in
            call.items.contains { $0.messageID == "c" } ? SegmentStandIn.reply(400) : nil
        }
        let event = QueueEvents.sqs(["a", "b", "c", "d", "e"].map { message($0) })
        #expect(try harness.failures(event).isEmpty)
        #expect(Set(harness.segment.received.map(\.messageID)) == ["a", "b", "d", "e"])
        #expect(harness.segment.repeats.isEmpty)
        #expect(harness.rejects.map(\.code) == ["refused_by_segment"])
        #expect(harness.rejects.map(\.body) == [track("c")])
        #expect(harness.rejects.map(\.destination) == ["segment"])
        #expect(harness.sns.published[0].attributes["partner"] == "cio")
    }

    @Test("a reject that its topic does not take stays in the queue")
    func rejectedTopicDown() throws {
        let harness = try Harness(rejecting: { _, _ in SNSStandIn.error(403, "AuthorizationError") }
        )
        let event = QueueEvents.sqs([message("a"), .init("not JSON", id: "bad"), message("b")])
        #expect(try harness.failures(event) == ["bad"])
        #expect(harness.segment.received.count == 2)
    }

    @Test("without a topic for rejects they stay in the queue, for its dead-letter queue")
    func noRejectedTopic() throws {
        let harness = try Harness(hasRejectedTopic: false)
        let event = QueueEvents.sqs([message("a"), .init("not JSON", id: "bad")])
        #expect(try harness.failures(event) == ["bad"])
        #expect(harness.segment.received.count == 1)
    }

    @Test(
        "what Segment does not take in time stays in the queue, and nothing is rejected",
        arguments: [500, 503, 429, 401, 403, 404])
    func notTaken(status: Int) throws {
        let harness = try Harness { _, _ in SegmentStandIn.reply(status) }
        let event = QueueEvents.sqs([
            message("a"), message("b", sender: "segment-destination"), message("c"),
        ])
        #expect(try harness.failures(event, limit: .seconds(2)) == ["r-a", "r-c"])
        #expect(harness.rejects.isEmpty)
    }

    @Test("a failure that passes is retried inside the event")
    func passes() throws {
        let harness = try Harness { _, call in
            call.number < 3 ? SegmentStandIn.reply(500) : nil
        }
        #expect(try harness.failures(QueueEvents.sqs([message("a")])).isEmpty)
        #expect(harness.segment.received.count == 1)
    }

    @Test("the failed one of a FIFO queue stays with all after it in its group, other groups go on")
    func fifo() throws {
        let harness = try Harness { _, call in
            call.items.contains { $0.messageID == "b" } ? SegmentStandIn.reply(403) : nil
        }
        let messages = [
            message("a", group: "1"), message("b", group: "2"), message("c", group: "1"),
            message("d", sender: "segment-destination", group: "2"), message("e", group: "2"),
            message("f", group: "3"),
        ]
        #expect(
            try harness.failures(QueueEvents.sqs(messages, isFIFO: true)) == ["r-b", "r-d", "r-e"])
        #expect(Set(harness.segment.received.map(\.messageID)) == ["a", "c", "f"])
    }

    @Test("a FIFO queue's group arrives in order, past one that is refused")
    func fifoOrder() throws {
        let harness = try Harness { _, call in
            call.items.contains { $0.messageID == "4" } ? SegmentStandIn.reply(400) : nil
        }
        let event = QueueEvents.sqs((0..<10).map { message("\($0)", group: "g") }, isFIFO: true)
        #expect(try harness.failures(event).isEmpty)
        #expect(
            harness.segment.received.map(\.messageID) == [
                "0", "1", "2", "3", "5", "6", "7", "8", "9",
            ])
        #expect(harness.rejects.map(\.code) == ["refused_by_segment"])
    }

    @Test("a full event of SQS arrives whole")
    func full() throws {
        let harness = try Harness()
        let event = QueueEvents.sqs((0..<3000).map { message("\($0)") })
        #expect(try harness.failures(event).isEmpty)
        #expect(harness.segment.received.count == 3000)
    }

    @Test("Segment's silence leaves time to reject and to answer")
    func silence() throws {
        let harness = try Harness { _, _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        let event = QueueEvents.sqs([message("a"), .init("not JSON", id: "bad")])
        #expect(try harness.failures(event, limit: .seconds(3)) == ["r-a"])
        #expect(harness.rejects.map(\.code) == ["relay_bad_request"])
        #expect(watch.waited < .milliseconds(2750))
    }

    @Test("an event that was not answered in time comes again whole")
    func unanswered() throws {
        let event = QueueEvents.sqs([message("a"), message("b")])
        let answer = Forwarder.unanswered(try Harness.invocation(event))
        #expect(try Harness.failures(in: answer) == ["r-a", "r-b"])
        let topic = Forwarder.unanswered(
            try Harness.invocation(QueueEvents.sns([message("a")])))
        guard case .failure = topic else {
            Issue.record("an unanswered event of a topic is no success")
            return
        }
    }

    @Test("a write key that cannot be read fails the messages and nothing else")
    func keyMissing() throws {
        let harness = try Harness(
            key: "ssm:/inlet/key",
            rejecting: { _, call in
                call.action.isEmpty ? .text(400, #"{"__type":"ParameterNotFound"}"#) : nil
            })
        let event = QueueEvents.sqs([message("a"), .init("not JSON", id: "bad")])
        #expect(try harness.failures(event) == ["r-a"])
        #expect(harness.rejects.map(\.code) == ["relay_bad_request"])
    }

    @Test("the write key may be kept elsewhere, and is read once")
    func keyKept() throws {
        let harness = try Harness(
            key: "ssm:/inlet/key",
            rejecting: { _, call in
                call.action.isEmpty
                    ? .text(200, #"{"Parameter":{"Value":"\#(SegmentStandIn.writeKey)"}}"#) : nil
            })
        for id in ["a", "b"] {
            #expect(try harness.failures(QueueEvents.sqs([message(id)])).isEmpty)
        }
        #expect(harness.segment.received.count == 2)
        #expect(harness.sns.calls.count == 1)
    }
}
