import Formats
import Platform
import TestSupport
import Testing
import Transport

@testable import Delivery

@Suite("What each sink is sent")
struct SinkBodyTests {
    private static let attributes = [
        "type": "track", "event": "Order Shipped", "partner": "web-app", "sender": "segment-api",
        "auth": "key", "messageId": "m", "requestId": "r-1",
    ]

    @Test("a queue has the message as its body, and the attributes that a topic would have")
    func queue() throws {
        let sns = try SNSStandIn()
        let text = #"{"a":"é & \"b\" \\ 100% 🎉"}"#
        #expect(
            try publish(
                [Publication(message(text), to: topic(sinks[1]))], to: sns, traceID: "Root=1-5")
                == [.accepted])
        #expect(
            sns.published == [.init(topic: sinks[1], text: text, attributes: Self.attributes)])
        let call = try #require(sns.calls.first)
        #expect(call.action == "SendMessageBatch")
        let body = try JSONText(call.request.body).root
        #expect(body["QueueUrl"]?.string == "\(sns.url)/123456789012/messages")
        #expect(call.request["x-amzn-trace-id"] == "Root=1-5")
        let signed = try #require(call.request["authorization"])
        #expect(signed.contains("/eu-west-1/sqs/aws4_request"))
        #expect(signed.contains("x-amz-target") && !signed.contains("x-amzn-trace-id"))
    }

    @Test("what SQS does not take unescaped goes escaped, and means the same")
    func noncharacters() throws {
        let sns = try SNSStandIn()
        let text = "{\"a\":\"\u{FFFE}x\u{FFFF}\u{FFFD}\u{F7FF}\"}"
        _ = try publish([Publication(message(text), to: topic(sinks[1]))], to: sns)
        #expect(sns.published[0].text == "{\"a\":\"\\ufffex\\uffff\u{FFFD}\u{F7FF}\"}")
    }

    @Test("a FIFO queue has the ids that a FIFO topic has")
    func fifoQueue() throws {
        let sns = try SNSStandIn()
        for arn in [arn, sinks[1]] {
            _ = try publish([Publication(message("{}"), to: topic(arn + ".fifo"))], to: sns)
        }
        #expect(
            sns.published.map(\.groupID) == [sns.published[0].groupID, sns.published[0].groupID])
        #expect(sns.published[0].groupID != nil)
        #expect(sns.published[0].deduplicationID == sns.published[1].deduplicationID)
        #expect(sns.published[0].deduplicationID != nil)
    }

    @Test("a stream has lines of JSON: the message as it is, with its attributes beside it")
    func streams() throws {
        for sink in sinks[2...] {
            let sns = try SNSStandIn()
            let text = #"{"a":1.10,"big":123456789012345678901234567890,"b":"é"}"#
            #expect(
                try publish([Publication(message(text), to: topic(sink))], to: sns) == [.accepted])
            #expect(sns.published[0].text == text)
            #expect(sns.published[0].attributes == Self.attributes)
            #expect(sns.published[0].topic == sink)
            let body = try JSONText(sns.calls[0].request.body).root
            let data = body["Records"]?.element(at: 0)?["Data"]?.utf8.flatMap { Base64.decode($0) }
            #expect(
                String(decoding: data ?? [], as: UTF8.self)
                    == #"{"attributes":{"partner":"web-app","sender":"segment-api","#
                    + #""requestId":"r-1","type":"track","auth":"key","messageId":"m","#
                    + #""event":"Order Shipped"},"#
                    + "\"message\":\(text)}\n")
        }
    }

    @Test("records of one user of a partner have one partition key, other users have others")
    func partitionKeys() throws {
        let sns = try SNSStandIn()
        let stream = try topic(sinks[2])
        let publications = [
            Publication(message("1", id: "1", user: "u"), to: stream),
            Publication(message("2", id: "2", user: "v"), to: stream),
            Publication(message("3", id: "3", user: "u"), to: stream),
            Publication(message("4", id: "4", user: "u", partnerID: "p-2"), to: stream),
        ]
        _ = try publish(publications, to: sns)
        #expect(sns.calls.count == 1)
        let keys = sns.published.map(\.groupID)
        #expect(keys.allSatisfy { $0?.utf8.count == 64 })
        #expect(keys[0] == keys[2] && Set(keys).count == 3)
        #expect(sns.published.map(\.text) == ["1", "2", "3", "4"])
    }

    @Test("a stream's request has 500 records, a queue's ten messages")
    func counts() throws {
        for (sink, requests) in zip(sinks[1...], [[10, 10, 1], [21], [21]]) {
            let sns = try SNSStandIn()
            _ = try publish(publications(21, to: topic(sink)), to: sns)
            #expect(sns.calls.map(\.entries.count).sorted(by: >) == requests)
        }
        for sink in sinks[2...] {
            let sns = try SNSStandIn()
            let many = try publications(1200, to: topic(sink))
            #expect(try publish(many, to: sns).allSatisfy { $0 == .accepted })
            #expect(sns.calls.map(\.entries.count).sorted(by: >) == [500, 500, 200])
            #expect(Set(sns.published.map(\.text)).count == 1200)
        }
    }

    @Test("no request is larger than its service takes", arguments: sinks[1...])
    func sizes(sink: String) throws {
        let sns = try SNSStandIn()
        // Seven attributes, one of them all escapes.
        let name = String(repeating: #"\""#, count: 256)
        let all = try (0..<60).map { number in
            let text = "\"\(number)" + String(repeating: "x", count: 250_000) + "\""
            return Publication(message(text, id: "m-\(number)", name: name), to: try topic(sink))
        }
        #expect(try publish(all, to: sns).allSatisfy { $0 == .accepted })
        for call in sns.calls {
            let body = try JSONText(call.request.body).root
            var size = 0
            for entry in body["Entries"]?.elements.map({ $0 }) ?? [] {
                size += entry["MessageBody"]?.utf8?.count ?? 0
                for attribute in entry["MessageAttributes"]?.members.map({ $0 }) ?? [] {
                    size += attribute.name.raw.count - 2 + "String".utf8.count
                    size += attribute.value["StringValue"]?.utf8?.count ?? 0
                }
            }
            for record in body["Records"]?.elements.map({ $0 }) ?? [] {
                size += record["Data"]?.utf8.flatMap { Base64.decode($0) }?.count ?? 0
                size += record["PartitionKey"]?.utf8?.count ?? 0
            }
            #expect(size > 700_000 && size <= (sink == sinks[1] ? 1_048_576 : 4_000_000))
        }
    }

    @Test("the overhead that a record is granted is enough for the worst one")
    func overhead() throws {
        let worst = Publication(
            message(
                "{}", id: String(repeating: #"\""#, count: 256),
                name: String(repeating: #"\\"#, count: 256)), to: try topic(sinks[2]))
        #expect(StreamBody.data(of: worst).count + 64 < worst.size + 2048)
    }

    @Test("the largest message is the same for all", arguments: sinks)
    func largest(sink: String) throws {
        let sns = try SNSStandIn()
        let room =
            try Publication.maximumSize
            - Publication(message("", name: nil), to: topic(sink)).size
        for (size, verdict) in [(room, Verdict.accepted), (room + 1, .refused(.tooLarge))] {
            let text = "\"" + String(repeating: "x", count: size - 2) + "\""
            #expect(
                try publish([Publication(message(text, name: nil), to: topic(sink))], to: sns)
                    == [verdict])
        }
        #expect(sns.calls.count == 1)
    }

    @Test("messages and rejects go together to sinks of two services")
    func twoServices() throws {
        let gate = SocketServer.Gate()
        let sns = try SNSStandIn { sns, call in
            if sns.calls.count == 2 { gate.open() }
            return .hold(gate, then: sns.accept(call))
        }
        let stream = try topic(sinks[2])
        let queue = try topic(sinks[1])
        let rejection = Rejection(
            code: "c", message: "m", index: nil, sender: "s", partner: "p", partnerID: "p-1",
            receivedAt: Timestamp(milliseconds: 0), requestID: "r", input: Array("x".utf8))
        let verdicts = try publish(
            [Publication(message("{}"), to: stream), Publication(rejection, to: queue)], to: sns,
            topics: [stream, queue])
        #expect(verdicts == [.accepted, .accepted])
        #expect(Set(sns.published.map(\.topic)) == [stream.arn, queue.arn])
    }
}

@Suite("What sinks answer")
struct SinkReplyTests {
    private func verdicts(
        _ sink: String, count: Int = 3, replies: [String]
    ) throws -> (verdicts: [Verdict], sent: [Int]) {
        let sns = try SNSStandIn { _, call in
            call.number <= replies.count ? .text(200, replies[call.number - 1]) : nil
        }
        let verdicts = try publish(publications(count, to: topic(sink)), to: sns)
        return (verdicts, sns.calls.map(\.entries.count))
    }

    @Test("a message that a queue's answer leaves out is sent again")
    func queueLeavesOut() throws {
        let (verdicts, sent) = try verdicts(
            sinks[1],
            replies: [
                #"{"Successful":[{"Id":"0","MessageId":"m"},{"Id":"1"},{"Id":"99","MessageId":"m"}]}"#
            ])
        #expect(verdicts == Array(repeating: .accepted, count: 3))
        #expect(sent == [3, 2])
    }

    @Test("a queue may refuse one message of a batch")
    func queueRefuses() throws {
        let failure =
            #"{"Id":"1","SenderFault":true,"Code":"InvalidMessageContents","Message":"x"}"#
        let (verdicts, sent) = try verdicts(
            sinks[1],
            replies: [
                #"{"Successful":[{"Id":"0","MessageId":"m"},{"Id":"2","MessageId":"m"}],"Failed":[\#(failure)]}"#
            ])
        #expect(verdicts[1] == .refused(.other(code: "InvalidMessageContents")))
        #expect(verdicts[0] == .accepted && verdicts[2] == .accepted && sent == [3])
    }

    @Test("records that a stream could not take are sent again, and they alone")
    func recordsFail() throws {
        for (sink, list, id, code) in [
            (sinks[2], "Records", "SequenceNumber", "ProvisionedThroughputExceededException"),
            (sinks[2], "Records", "SequenceNumber", "InternalFailure"),
            (sinks[3], "RequestResponses", "RecordId", "ServiceUnavailableException"),
            (sinks[3], "RequestResponses", "RecordId", "InternalFailure"),
        ] {
            let good = #"{"\#(id)":"1","ErrorCode":null}"#
            let bad = #"{"ErrorCode":"\#(code)","ErrorMessage":"x"}"#
            let (verdicts, sent) = try verdicts(
                sink,
                replies: [
                    #"{"\#(list)":[\#(bad),\#(good),\#(bad)]}"#,
                    #"{"\#(list)":[\#(bad),\#(good)]}"#,
                ])
            #expect(verdicts == Array(repeating: .accepted, count: 3))
            #expect(sent == [3, 2, 1])
        }
    }

    @Test("what throttles a stream to the end is not accepted, and the rest is")
    func recordsStay() throws {
        let sns = try SNSStandIn { sns, call in
            let last = String(call.entries.count - 1)
            return sns.accept(
                call, failing: [last: ("ProvisionedThroughputExceededException", false)])
        }
        let verdicts = try publish(publications(3, to: topic(sinks[2])), to: sns)
        #expect(verdicts[0] == .accepted && verdicts[1] == .accepted)
        #expect(
            verdicts[2]
                == .notAccepted(reason: "ProvisionedThroughputExceededException (HTTP 503)"))
        #expect(sns.calls.map(\.entries.count) == [3, 1, 1])
    }

    @Test(
        "an answer with another number of records says nothing of any: all are sent again",
        arguments: [
            "{}", "[]", "null", #"{"Records":[]}"#, #"{"Records":{}}"#, #"{"RequestResponses":[]}"#,
            #"{"Records":[{"SequenceNumber":"1"},{"SequenceNumber":"1"}]}"#,
            #"{"Records":[{},{},{},{}]}"#, #"{"RequestResponses":[{"RecordId":"1"}]}"#,
            #"{"Records":[{},{"SequenceNumber":""},{"SequenceNumber":1}]}"#,
            #"{"Successful":[],"Failed":[]}"#, #"{"Successful":7}"#,
        ])
    func otherCounts(body: String) throws {
        for sink in sinks[1...] {
            let (verdicts, sent) = try verdicts(sink, replies: [body])
            #expect(verdicts == Array(repeating: .accepted, count: 3), "\(sink)")
            #expect(sent == [3, 3], "\(sink)")
        }
    }
}

@Suite("Asking about sinks")
struct SinkInquiryTests {
    private func inquire(
        _ sink: String, _ fault: @escaping SNSStandIn.Fault = { _, _ in nil }
    ) throws -> (problem: String?, calls: [SNSStandIn.Call]) {
        let sns = try SNSStandIn(fault: fault)
        let topic = try topic(sink)
        let problem = try publisher(to: sns, for: [topic]).inquire(
            about: topic,
            within: TimeBudget(now: System.wallClock(), deadline: .now + .seconds(600)),
            traceID: nil)
        return (problem, sns.calls)
    }

    @Test("names the sink, and publishes nothing")
    func asks() throws {
        let actions = [
            "GetTopicAttributes", "GetQueueAttributes", "DescribeStreamSummary",
            "DescribeDeliveryStream",
        ]
        for (sink, action) in zip(sinks, actions) {
            let (problem, calls) = try inquire(sink)
            #expect(problem == nil)
            #expect(calls.map(\.action) == [action])
            #expect(calls[0].entries.isEmpty)
            #expect(calls[0].request.text.contains("messages"))
        }
    }

    @Test("a Firehose stream that reads another source is not ready")
    func otherSource() throws {
        for (type, problem) in [
            ("DirectPut", nil),
            (
                "KinesisStreamAsSource",
                "the stream reads another source, and takes no records"
            ),
        ] {
            let answer = #"{"DeliveryStreamDescription":{"DeliveryStreamType":"\#(type)"}}"#
            let (found, _) = try inquire(sinks[3]) { _, _ in .text(200, answer) }
            #expect(found == problem)
        }
    }

    @Test("says why it is not reached", arguments: sinks)
    func fails(sink: String) throws {
        #expect(
            try inquire(sink) { _, call in call.error(400, "ResourceNotFoundException") }.problem
                == "ResourceNotFoundException (HTTP 400)")
        for body in ["", "{}", "<html></html>", #"{"Attributes":{}}"#] {
            #expect(
                try inquire(sink) { _, _ in .text(200, body) }.problem
                    == "an unreadable answer (HTTP 200)")
        }
    }
}
