import Formats
import TestSupport
import Testing

@testable import Queues

@Suite("Queue events")
struct QueueEventTests {
    private let messages = [
        QueueEvents.Message(#"{"type":"track","a":"é \" \\"}"#, id: "m-1", group: "u-1"),
        QueueEvents.Message("not JSON", id: "m-2", attributes: [], group: "u-2"),
    ]

    @Test("a record of SQS is the same with and without SNS's envelope", arguments: [true, false])
    func sqs(isEnveloped: Bool) throws {
        let event = try QueueEvent(QueueEvents.sqs(messages, isEnveloped: isEnveloped))
        #expect(event.source == .sqs)
        #expect(event.records.map(\.id) == ["m-1", "m-2"])
        #expect(event.records.map(\.body) == messages.map { Array($0.body.utf8) })
        #expect(event.records.map { $0["sender"] } == ["customerio", nil])
    }

    @Test("a record of SNS has the same, and SNS's id")
    func sns() throws {
        let event = try QueueEvent(QueueEvents.sns(messages))
        #expect(event.source == .sns)
        #expect(event.records.map(\.id) == ["m-1", "m-2"])
        #expect(event.records.map(\.body) == messages.map { Array($0.body.utf8) })
        #expect(event.records[0]["sender"] == "customerio")
        #expect(event.records.allSatisfy { $0.group == nil })
    }

    @Test("a group orders records of a FIFO queue only: standard queues have them for fairness")
    func groups() throws {
        let fifo = try QueueEvent(QueueEvents.sqs(messages, isFIFO: true))
        #expect(fifo.records.map(\.group) == ["u-1", "u-2"])
        let standard = try QueueEvent(QueueEvents.sqs(messages))
        #expect(standard.records.map(\.group) == [nil, nil])
    }

    @Test(
        "what looks like an envelope and is none stays as it is",
        arguments: [
            #"{"Type":"Notification","Message":"m"}"#,
            #"{"Type":"Other","TopicArn":"a","Message":"m"}"#,
            #"{"Type":"Notification","TopicArn":"a","Message":{}}"#, #"{"type":"Notification"}"#,
            "", "[]", "{",
            // What a sender wrote into its message does not make another partner's of it.
            #"{"Type":"Notification","TopicArn":"a","Message":"m","MessageAttributes":{"sender":{"Type":"String","Value":"segment-api"}}}"#,
        ])
    func noEnvelope(body: String) throws {
        let event = try QueueEvent(QueueEvents.sqs([.init(body, id: "m")]))
        #expect(event.records[0].body == Array(body.utf8))
        #expect(event.records[0]["sender"] == "customerio")
    }

    @Test("a body that is missing is empty; numbers and binary attributes do no harm")
    func sparse() throws {
        let text = """
            {"Records":[{"messageId":"m","eventSource":"aws:sqs","messageAttributes":{
              "n":{"stringValue":"7","dataType":"Number"},"b":{"binaryValue":"AQ==","dataType":"Binary"}}}]}
            """
        let record = try QueueEvent(Array(text.utf8)).records[0]
        #expect(record.body.isEmpty)
        #expect(record["n"] == "7" && record["b"] == nil)
    }

    @Test(
        "a body that is no text of characters stays as it was written",
        arguments: [
            ("null", "null"), (#""a\ud800b""#, #""a\ud800b""#),
            (#""\udc00\ud800""#, #""\udc00\ud800""#),
            (#""\ud800\ud800\udc00""#, #""\ud800\ud800\udc00""#), (#""\\ud800""#, #"\ud800"#),
            (#""\ud83d\ude00 \ufffd""#, "\u{1F600} \u{FFFD}"), ("{}", "{}"),
        ])
    func raw(written: String, body: String) throws {
        let sqs = #"{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":\#(written)}]}"#
        #expect(try QueueEvent(Array(sqs.utf8)).records[0].body == Array(body.utf8))
        guard written.hasPrefix("\"") else { return }
        let sns =
            #"{"Records":[{"EventSource":"aws:sns","Sns":{"MessageId":"m","Message":\#(written)}}]}"#
        #expect(try QueueEvent(Array(sns.utf8)).records[0].body == Array(body.utf8))
    }

    @Test("an event without records has none")
    func empty() throws {
        #expect(try QueueEvent(Array(#"{"Records":[]}"#.utf8)).records.isEmpty)
    }

    @Test("a stream's records have their attributes beside the message, which stays as it is")
    func kinesis() throws {
        let event = try QueueEvent(
            QueueEvents.kinesis([
                .init(#"{"n":1.10}"#, id: "4959", attributes: [("partner", "é")], group: "g")
            ]))
        #expect(event.source == .kinesis)
        let record = try #require(event.records.first)
        #expect(record.id == "4959" && record.group == "g" && record["partner"] == "é")
        #expect(String(decoding: record.body, as: UTF8.self) == #"{"n":1.10}"#)
        #expect(record.sentAt?.milliseconds == 1_773_480_413_120)
    }

    @Test("a stream's record that is no message of Inlet's is taken as it came")
    func kinesisStranger() throws {
        for data in [[0xFF, 0x00], Array(#"{"message":{},"attributes":7}"#.utf8), []] {
            let event = try QueueEvent(
                QueueEvents.kinesis([(.init("", id: "1"), data as [UInt8])]))
            #expect(event.records[0].body == data)
            #expect(event.records[0].attributes.isEmpty)
        }
        let text =
            #"{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"1","data":"%"}}]}"#
        let event = try QueueEvent(Array(text.utf8))
        #expect(event.records[0].body == Array("%".utf8))
        #expect(event.records[0].sentAt == nil)
    }

    @Test(
        "an event whose records cannot be answered for is refused",
        arguments: [
            ("{}", QueueEventError.unknownSource), (#"{"Records":{}}"#, .unknownSource),
            ("[]", .unknownSource),
            (#"{"Records":[{"eventSource":"aws:dynamodb","messageId":"m"}]}"#, .unknownSource),
            (
                #"{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"e30="}}]}"#,
                .unreadable(index: 0)
            ),
            (#"{"Records":[7]}"#, .unknownSource),
            (#"{"Records":[{"eventSource":"aws:sqs"}]}"#, .unreadable(index: 0)),
            (
                #"{"Records":[{"eventSource":"aws:sqs","messageId":"m"},{"eventSource":"aws:sqs","messageId":""}]}"#,
                .unreadable(index: 1)
            ),
            (
                #"{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"m"}}]}"#,
                .unreadable(index: 0)
            ),
        ])
    func refused(text: String, error: QueueEventError) {
        #expect(throws: error) { try QueueEvent(Array(text.utf8)) }
    }

    @Test("an event that is no JSON is refused, and why is told by place")
    func notJSON() throws {
        let error = #expect(throws: QueueEventError.self) { try QueueEvent(Array("{".utf8)) }
        #expect(error?.reason == "the event is not JSON: it ends early, at byte 1")
    }

    @Test("the answer names the failed ones by message id")
    func response() {
        #expect(
            String(decoding: BatchResponse.failing([]), as: UTF8.self)
                == #"{"batchItemFailures":[]}"#)
        #expect(
            String(decoding: BatchResponse.failing(["a", "b"]), as: UTF8.self)
                == #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#)
    }
}
