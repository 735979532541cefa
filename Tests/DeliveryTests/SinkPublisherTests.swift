import AWS
import Formats
import Platform
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Delivery
@testable import Tracking

@Suite("Publishing")
struct PublishingTests {
    @Test("one message goes by Publish, with its attributes and the trace id")
    func one() throws {
        let sns = try SNSStandIn()
        let text = #"{"a":"é & <b> 100% ~+"}"#
        let publication = Publication(message(text), to: try topic())
        #expect(try publish([publication], to: sns, traceID: "Root=1-5") == [.accepted])
        #expect(
            sns.published == [
                .init(
                    topic: arn, text: text,
                    attributes: [
                        "type": "track", "event": "Order Shipped", "partner": "web-app",
                        "sender": "segment-api", "auth": "key", "messageId": "m",
                        "requestId": "r-1",
                    ], groupID: nil, deduplicationID: nil)
            ])
        let call = try #require(sns.calls.first)
        #expect(call.action == "Publish")
        #expect(call.request["x-amzn-trace-id"] == "Root=1-5")
        #expect(call.request["authorization"]?.contains("x-amzn-trace-id") == false)
        #expect(call.request["expect"] == nil)
    }

    @Test("more go by PublishBatch in tens, all requests under way together")
    func many() throws {
        let gate = SocketServer.Gate()
        let sns = try SNSStandIn { sns, call in
            if sns.calls.count == 10 { gate.open() }
            return .hold(gate, then: sns.accept(call))
        }
        let verdicts = try publish(publications(97, to: topic()), to: sns)
        #expect(verdicts == Array(repeating: .accepted, count: 97))
        #expect(sns.calls.count == 10)
        #expect(sns.calls.allSatisfy { $0.action == "PublishBatch" && $0.entries.count <= 10 })
        #expect(sns.calls.allSatisfy { Set($0.entries.map(\.id)).count == $0.entries.count })
        #expect(Set(sns.published.map(\.text)).count == 97)
    }

    @Test("batches are split by size as well, attributes counted")
    func splitsBySize() throws {
        let sns = try SNSStandIn()
        let verdicts = try publish(publications(8, size: 100_000, to: topic()), to: sns)
        #expect(verdicts == Array(repeating: .accepted, count: 8))
        #expect(sns.calls.map(\.entries.count).sorted() == [2, 2, 2, 2])
    }

    @Test("the largest message that SNS takes is sent, one byte more is refused unsent")
    func largest() throws {
        let sns = try SNSStandIn()
        func verdict(_ size: Int) throws -> [Verdict] {
            let text = String(repeating: "x", count: size)
            return try publish(
                [Publication(message(text, name: nil), to: topic())], to: sns, topics: [topic()])
        }
        #expect(try verdict(1) == [.accepted])
        let attributes = sns.published[0].attributes
        #expect(attributes.count == 6)
        let namesAndValues = attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        let types = attributes.count * "String".utf8.count
        let room = 262_144 - namesAndValues - types
        #expect(try verdict(room) == [.accepted])
        #expect(sns.calls.count == 2)
        for size in [room + 1, room + types - 20, room + types, room + types + 1] {
            #expect(try verdict(size) == [.refused(.tooLarge)])
        }
        #expect(sns.calls.count == 2)
    }

    @Test(
        "a name that SNS does not deliver as an attribute is left out",
        arguments: [
            ("Order Shipped", true), ("日本", true), ("a\u{A0}b", true), ("\u{FFFD}", true),
            (String(repeating: "é", count: 256), true), (String(repeating: "é", count: 257), false),
            ("", false), (#"Línea \t"#, false), (#"a\nb"#, false), (#"a\rb"#, false),
            (#"a\u0000"#, false), (#"a\u001f"#, false), ("a\u{7F}", false), ("a\u{80}", false),
            ("a\u{85}", false), ("a\u{9F}", false), ("a\u{2028}b", false), ("a\u{2029}b", false),
            ("🎉", false), (#"\ud83c\udf89"#, false), (#"a\ud83c"#, false), (#"\udf89b"#, false),
            ("\u{FFFE}", false), ("\u{FFFF}", false),
        ])
    func attributes(name: String, isKept: Bool) throws {
        let sns = try SNSStandIn()
        _ = try publish([Publication(message("{}", name: name), to: topic())], to: sns)
        #expect(sns.published[0].attributes["event"] == (isKept ? name : nil))
    }

    @Test(
        "a messageId that SNS would not deliver is hashed as it was written",
        arguments: [
            ("m-1", "m-1"), ("é", "é"), (#"\u00e9"#, "é"),
            (
                #"a\tb"#,
                "sha256:6ab26abd9a320f78f51dfae006020284ae28c9c06a3b185d413d283bf06ba189"
            ),
            (
                #"\ud800"#,
                "sha256:fb3d435851b285a9c1dedadb318b5399d4769d64a30baaf8cf0db9071ad0a71c"
            ),
            (
                "🎉", "sha256:6146299cd54818a0e659eb6ac88e80f6f8f70536bbbd962d36973f2d2323f26c"
            ),
            // It would be taken for the hash of another.
            (
                "sha256:00",
                "sha256:f39161b5be136e0b0c6b58898b230aea3d796c0d878f61bc9be47950168ccd23"
            ),
        ])
    func messageIDs(id: String, attribute: String) throws {
        let sns = try SNSStandIn()
        _ = try publish([Publication(message("{}", id: id), to: topic())], to: sns)
        #expect(sns.published[0].attributes["messageId"] == attribute)
    }

    @Test("both topics of one event go together")
    func topics() throws {
        let rejected = try topic("arn:aws:sns:eu-west-1:123456789012:rejected")
        let gate = SocketServer.Gate()
        let sns = try SNSStandIn { sns, call in
            if sns.calls.count == 2 { gate.open() }
            return .hold(gate, then: sns.accept(call))
        }
        let rejection = Rejection(
            code: "event_not_defined", message: "No event.", index: 3, sender: "segment-api",
            partner: "web-app", partnerID: "p-1", receivedAt: Timestamp(milliseconds: 0),
            requestID: "r-1", input: Array(#"{"a":"é"}"#.utf8))
        let verdicts = try publish(
            [Publication(message("{}"), to: topic()), Publication(rejection, to: rejected)],
            to: sns,
            topics: [topic(), rejected])
        #expect(verdicts == [.accepted, .accepted])
        let published = try #require(sns.published.first { $0.topic == rejected.arn })
        #expect(
            published.text
                == #"{"code":"event_not_defined","message":"No event.","index":3,"sender":"segment-api","#
                + #""partner":"web-app","receivedAt":"1970-01-01T00:00:00.000Z","requestId":"r-1","body":"{\"a\":\"é\"}"}"#
        )
        #expect(
            published.attributes == [
                "code": "event_not_defined", "sender": "segment-api", "partner": "web-app",
            ])
    }

    @Test("a rejected input that is no text is base64, and one that is too long is cut")
    func rejections() throws {
        func publication(_ input: [UInt8]) throws -> (JSONValue, Publication) {
            let rejection = Rejection(
                code: "c", message: "m", index: nil, sender: "s", partner: "p", partnerID: "p-1",
                receivedAt: Timestamp(milliseconds: 0), requestID: "r", input: input)
            let publication = Publication(rejection, to: try topic())
            return (try JSONText(publication.text).root, publication)
        }
        let (short, uncut) = try publication([0xFF])
        #expect(short["bodyBase64"]?.string == "/w==" && !uncut.isCut)
        for input in [
            Array(String(repeating: "é", count: 200_000).utf8),
            [UInt8](repeating: 0x01, count: 500_000), [UInt8](repeating: 0xFF, count: 500_000),
        ] {
            let (json, cut) = try publication(input)
            #expect(cut.size <= Publication.maximumSize && cut.isCut)
            #expect(json["bodyBytes"]?.int == input.count)
            let kept = try #require(
                json["body"]?.utf8 ?? json["bodyBase64"]?.utf8.flatMap { Base64.decode($0) })
            #expect(kept.count > 20_000)
            #expect(input.starts(with: kept))
        }
    }
}

@Suite("FIFO topics")
struct FIFOTests {
    fileprivate static let fifo = arn + ".fifo"
    fileprivate static let queue = "arn:aws:sqs:eu-west-1:123456789012:messages.fifo"
    fileprivate static let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/messages"

    @Test(
        "repeats are told by partner id and messageId, order by partner id and user, as written",
        arguments: [
            // Each id is SHA-256 of "p-1", a line feed and what stands here.
            (
                "m-1", "u", "a",
                "2190c782e5fd0eb1a6d9c58b76ef4bb752836b6983d4ecb1feded71a577b3081",
                "8e920a59a6d6cc5fd9feed25c56f645bbc37e44e9eed4c87af90c26f6edc8b69"
            ),
            (
                "m 2", nil, "a",
                "33181f7a3c3ade99ffbaf656455d3f6f6e354cb6cb655c7ae994cbf3cb88c317",
                "2e56998e15fcfe46d1f2812c23e4dcc77b596a5ff3c5ea464d840c98e3e6ff1d"
            ),
            (
                #"\ud800"#, #"\u00e9"#, nil,
                "193007e491476425ec32f5c52a28ca623f22ae3e21f32d3ed3438a018f626cd4",
                "c443d58d01528804fe56d966871149eaa2c31f1b0bb3e1546d536dcf6f17118b"
            ),
            (
                "m-3", nil, nil,
                "ba4cf3cc079f9a5e2a6cc6a41b7431c1eca97f5a7d9ebf6be45357efcb8e0168",
                "ba4cf3cc079f9a5e2a6cc6a41b7431c1eca97f5a7d9ebf6be45357efcb8e0168"
            ),
        ] as [(String, String?, String?, String, String)])
    func ids(
        id: String, user: String?, anonymous: String?, deduplication: String, group: String
    ) throws {
        let publication = Publication(
            message("{}", id: id, user: user, anonymous: anonymous), to: try topic(Self.fifo))
        #expect(publication.deduplicationID == deduplication)
        #expect(publication.groupID == group)
    }

    @Test("ids that look alike to somebody never meet, and one that is repeated always does")
    func idsMeet() throws {
        func ids(_ id: String, partner: String) throws -> (String?, String?) {
            let publication = Publication(
                message("{}", id: id, user: id, partnerID: partner), to: try topic(Self.fifo))
            return (publication.deduplicationID, publication.groupID)
        }
        let hash = "2190c782e5fd0eb1a6d9c58b76ef4bb752836b6983d4ecb1feded71a577b3081"
        let all = [
            ("m-1", "p-1"), ("m-1", "p-2"), (hash, "p-1"), ("sha256:\(hash)", "p-1"),
            (#"\ud800"#, "p-1"), (#"\udfff"#, "p-1"), ("\u{FFFD}", "p-1"), (#"\ufffd"#, "p-1"),
            ("1m-1", "p-"), ("-1", "p-1m"), (String(repeating: "x", count: 100), "p-1"),
        ]
        var seen: [Set<String?>] = [[], []]
        for (id, partner) in all {
            let (deduplication, group) = try ids(id, partner: partner)
            seen[0].insert(deduplication)
            seen[1].insert(group)
            let again = try ids(id, partner: partner)
            #expect(again.0 == deduplication && again.1 == group)
        }
        #expect(seen[0].count == all.count && seen[1].count == all.count)
    }

    @Test("one partner's reject does not silence another's, though both sent the same at once")
    func rejects() throws {
        func publication(partner: String, id: String?) throws -> Publication {
            Publication(
                Rejection(
                    code: "c", message: "m", index: nil, sender: "s", partner: partner,
                    partnerID: id, receivedAt: Timestamp(milliseconds: 0), requestID: "r",
                    input: [0x7B]), to: try topic(Self.fifo))
        }
        let all = try [
            publication(partner: "a", id: "p-1"), publication(partner: "a", id: "p-2"),
            publication(partner: "a", id: nil), publication(partner: "b", id: nil),
        ]
        #expect(Set(all.map(\.deduplicationID)).count == 4)
        #expect(Set(all.map(\.groupID)).count == 4)
        #expect(all[0].groupID?.utf8.count == 64 && all[0].deduplicationID?.utf8.count == 64)
        let again = try publication(partner: "a", id: "p-1")
        #expect(again.deduplicationID == all[0].deduplicationID)
    }

    @Test(
        "a group's messages stay in order, one request of it under way at a time",
        arguments: [fifo, queue, stream])
    func order(fifo: String) throws {
        let underWay = Mutex(0)
        let sns = try SNSStandIn { _, _ in
            underWay.withLock { $0 += 1 }
            defer { underWay.withLock { $0 -= 1 } }
            #expect(underWay.withLock { $0 } == 1)
            return nil
        }
        let topic = try topic(fifo)
        let verdicts = try publish(
            (0..<35).map { Publication(message("\($0)", id: "\($0)"), to: topic) }, to: sns)
        #expect(verdicts == Array(repeating: .accepted, count: 35))
        #expect(sns.published.map(\.text) == (0..<35).map(String.init))
    }

    @Test(
        "a batch that is refused as a whole is sent one by one, in order",
        arguments: [fifo, queue, stream])
    func splitsInOrder(fifo: String) throws {
        let sns = try SNSStandIn { _, call in
            call.entries.count > 1
                ? call.error(400, "InvalidParameter", "Value at 'records' failed") : nil
        }
        let topic = try topic(fifo)
        let verdicts = try publish(
            (0..<5).map { Publication(message("\($0)", id: "\($0)"), to: topic) }, to: sns)
        #expect(verdicts == Array(repeating: .accepted, count: 5))
        #expect(sns.published.map(\.text) == ["0", "1", "2", "3", "4"])
    }

    @Test("what follows a failure in its group is not sent", arguments: [fifo, queue])
    func stops(fifo: String) throws {
        let sns = try SNSStandIn { _, call in
            call.number == 2 ? call.error(403, "AuthorizationError") : nil
        }
        let topic = try topic(fifo)
        let verdicts = try publish(
            (0..<30).map { Publication(message("\($0)", id: "\($0)"), to: topic) }, to: sns)
        #expect(verdicts[..<10].allSatisfy { $0 == .accepted })
        #expect(verdicts[10...].allSatisfy { $0 != .accepted })
        #expect(sns.calls.count == 2)
    }
}

extension FIFOTests {
    @Test(
        "what follows an entry that no attempt mends is not sent either", arguments: [fifo, queue])
    func stopsAtEntry(fifo: String) throws {
        let sns = try SNSStandIn { sns, call in
            call.number == 1 ? sns.accept(call, failing: ["9": ("KMSAccessDenied", true)]) : nil
        }
        let topic = try topic(fifo)
        let verdicts = try publish(
            (0..<20).map { Publication(message("\($0)", id: "\($0)"), to: topic) }, to: sns)
        #expect(verdicts[..<9].allSatisfy { $0 == .accepted })
        #expect(verdicts[9...].allSatisfy { $0 != .accepted })
        #expect(sns.calls.count == 1)
    }
}

@Suite("Sinks")
struct SinkTests {
    @Test("are read from ARNs of any partition")
    func reads() throws {
        #expect(try topic().region == "eu-west-1")
        #expect(try topic().service == .sns)
        #expect(try !topic().isFIFO)
        #expect(try topic("arn:aws-cn:sns:cn-north-1:1:a.fifo").isFIFO)
        let queue = try topic("arn:aws:sqs:us-east-1:123456789012:q-1.fifo")
        #expect(queue.service == .sqs && queue.isFIFO && queue.name == "q-1.fifo")
        let stream = try topic("arn:aws:kinesis:us-east-1:123456789012:stream/a.b_c")
        #expect(stream.service == .kinesis && !stream.isFIFO && stream.name == "a.b_c")
        let firehose = try topic("arn:aws:firehose:us-east-1:123456789012:deliverystream/f")
        #expect(firehose.service == .firehose && firehose.name == "f" && !firehose.hasGroups)
        for arn in [
            "", "x", "arn:aws:lambda:r:1:q", "arn:aws:sns:r:1", "arn:aws:sns::1:t",
            "arn:aws:sns:r:1:t:sub", "arn:aws:sqs:r:1:", "arn:aws:sqs:r:1:a/b",
            "arn:aws:kinesis:r:1:name", "arn:aws:kinesis:r:1:stream/",
            "arn:aws:kinesis:r:1:stream/a/consumer/b:1", "arn:aws:firehose:r:1:stream/a",
            "arn:aws:kinesis:r:1:deliverystream/a", "https://sqs.eu-west-1.amazonaws.com/1/q",
        ] {
            #expect(Sink(arn: arn) == nil)
        }
    }
}
