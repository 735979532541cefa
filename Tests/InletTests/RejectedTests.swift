import Formats
import Signing
import TestSupport
import Testing

@testable import inlet

private let topic = "arn:aws:sns:us-east-1:123456789012:messages"
/// What a partner sent whose mapping did not fit it.
private let order =
    #"{"kind":"order.paid","at":"2026-01-05T09:59:00.000Z","customer":"u-42","data":{"total":12.50}}"#
private let mapping =
    #"{"senders":["partner"],"mapping":{"event":"kind","userId":"customer","timestamp":"at"}}"#

@Suite("Rejected input", .timeLimit(.minutes(60)))
struct RejectedTests {
    private let queue: TestQueue
    private let sns: SNSStandIn
    private let person: Operator

    init() throws {
        queue = try TestQueue()
        sns = try SNSStandIn()
        person = try Operator(
            queue.environment.merging(
                ["AWS_ENDPOINT_URL_SNS": sns.url, "INLET_TOPIC_ARN": topic]) { $1 })
        let senders = ["partner", "segment-api", "segment-destination", "customerio"]
        let names = senders.map { "\"\($0)\"" }.joined(separator: ",")
        try person.add("shop", "--config", #"{"senders":[\#(names)]}"#)
    }

    @Test("list shows what, when, whose and why; what was sent only when it is asked for")
    func list() throws {
        #expect(person.run("rejected", "list").errors.contains("The queue holds nothing."))
        let id = try queue.send(TestRejection(body: order).json)
        let other = try queue.send(TestRejection(partner: "other", body: "{}").json)
        let result = person.run("rejected", "list")
        #expect(result.code == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("ID "))
        let line = try #require(lines.first { $0.contains(id) })
        for part in [
            "2026-01-05T10:00:00.500Z", "partner", "shop", "validation_failed",
            "userId is missing.",
        ] { #expect(line.contains(part)) }
        #expect(!result.output.contains("order.paid"))

        let json = try person.run("rejected", "list", "--json", "--partner", "shop").json()
        let entries = Array(json.elements)
        try #require(entries.count == 1)
        #expect(
            entries[0].members.map(\.name.string) == [
                "id", "time", "sender", "partner", "code", "message", "requestId",
            ])
        #expect(entries[0]["id"]?.string == id)
        let bodies = try person.run("rejected", "list", "--json", "--show-body").json()
        #expect(Set(bodies.elements.map { $0["body"]?.string }) == [order, "{}"])
        #expect(person.run("rejected", "list", "--show-body").output.contains(order))
        #expect(person.run("rejected", "list", "--partner", "other").output.contains(other))
        // Nothing has left the queue, and others may read it at once.
        #expect(try queue.counts() == (2, 0))
    }

    @Test("of a partner without messages it is said so, and of one that is none")
    func nothingOf() throws {
        try queue.send(TestRejection(body: order).json)
        try queue.send(TestRejection(partner: "former", body: order).json)
        try person.add("quiet")
        try person.add("left")
        #expect(person.run("partner", "remove", "left", "--yes").code == 0)
        for name in ["quiet", "left"] {
            let result = person.run("rejected", "list", "--partner", name)
            #expect(result.code == 0)
            #expect(
                result.errors.contains("nothing of partner \"\(name)\", and 2 messages of others"))
        }
        for json in [[], ["--json"]] {
            let result = person.run(["rejected", "list", "--partner", "nobody"] + json)
            #expect(result.code == 1)
            #expect(result.errors.contains("there is no partner of this name"))
        }
        // What is there of somebody whom nobody knows any more is listed.
        #expect(person.run("rejected", "list", "--partner", "former").code == 0)
        let alone = try Operator(
            queue.environment.merging(["INLET_PARTNERS": ""]) { $1 }, migrated: false)
        #expect(alone.run("rejected", "list", "--partner", "nobody").code == 0)
    }

    @Test("list goes on until all is seen, or the limit")
    func bounds() throws {
        for number in 0..<23 {
            try queue.send(TestRejection(index: number, body: "{}").json)
        }
        let all = try person.run("rejected", "list", "--json").json()
        #expect(Set(all.elements.map { $0["index"]?.int }) == Set(0..<23))
        #expect(
            try person.run("rejected", "list", "--json", "--limit", "12").json().elements
                .map { _ in 1 }.count == 12)
        #expect(try queue.counts() == (23, 0))
        for limit in ["0", "10001", "x", ""] {
            #expect(person.run("rejected", "list", "--limit", limit).code == 2)
        }
    }

    @Test("replay keeps what is still invalid, and publishes it once the rules let it pass")
    func replay() throws {
        let id = try queue.send(TestRejection(body: order).json)
        let kept = person.run("rejected", "replay", "--all")
        #expect(kept.code == 1)
        #expect(kept.output.contains("kept") && kept.output.contains("userId"))
        #expect(!kept.output.contains("u-42") && !kept.output.contains("order.paid"))
        #expect(sns.published.isEmpty)
        #expect(try queue.counts() == (1, 0))

        #expect(person.run("partner", "update", "shop", "--config", mapping).code == 0)
        let result = person.run("rejected", "replay", "--all", "--json")
        #expect(result.code == 0)
        let json = try result.json()
        #expect(json["replayed"]?.int == 1 && json["kept"]?.int == 0)
        try #require(sns.published.count == 1)
        let published = sns.published[0]
        #expect(published.topic == topic)
        #expect(published.attributes["partner"] == "shop")
        #expect(published.attributes["sender"] == "partner")
        let message = try parse(published.text)
        #expect(message["userId"]?.string == "u-42")
        #expect(message["properties"]?.written == #"{"total":12.50}"#)
        #expect(message["receivedAt"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(message["timestamp"]?.string == "2026-01-05T09:59:00.000Z")
        let messageID = try #require(message["messageId"]?.string)
        let line = try #require(json["messages"]?.elements.first)
        #expect(line["id"]?.string == id)
        #expect(line["messageIds"]?.elements.map { $0.string } == [messageID])
        #expect(try queue.counts() == (0, 0))

        // The same id as a webhook gets that is sent again after the fix.
        let checked = person.run(["check", "shop", "-"], input: Array(order.utf8))
        #expect(try parse(checked.output)["messageId"]?.string == messageID)
        #expect(person.run("rejected", "replay", "--all").output.contains("nothing to replay"))
    }

    @Test("what SNS does not take stays, and gets the same id the next time, even a random one")
    func snsDown() throws {
        #expect(person.run("partner", "update", "shop", "--config", mapping).code == 0)
        let timeless = #"{"kind":"order.paid","customer":"u-42"}"#
        try queue.send(TestRejection(body: timeless).json)
        let failing = try SNSStandIn { standIn, call in
            _ = standIn.accept(call)
            return SNSStandIn.error(403, "AuthorizationError")
        }
        let broken = try Operator(
            person.environment.merging(["AWS_ENDPOINT_URL_SNS": failing.url]) { $1 },
            migrated: false)
        let kept = broken.run("rejected", "replay", "--all")
        #expect(kept.code == 1)
        #expect(kept.output.contains("SNS"))
        #expect(try queue.counts() == (1, 0))
        #expect(person.run("rejected", "replay", "--all").code == 0)
        let ids = [failing, sns].map { $0.published.map { $0.attributes["messageId"] } }
        #expect(ids[0].count == 1)
        #expect(ids[0] == ids[1])
    }

    @Test("--id replays that message alone, and says which are not there")
    func byID() throws {
        #expect(person.run("partner", "update", "shop", "--config", mapping).code == 0)
        var ids: [String] = []
        for number in 0..<3 {
            ids.append(try queue.send(TestRejection(index: number, body: order).json))
        }
        let result = person.run(
            "rejected", "replay", "--id", ids[1], "--id", "no-such-id", "--json")
        #expect(result.code == 1)
        let json = try result.json()
        #expect(json["replayed"]?.int == 1 && json["kept"]?.int == 1)
        #expect(sns.published.count == 1)
        #expect(try queue.counts() == (2, 0))
        let elsewhere = person.run("rejected", "replay", "--id", ids[0], "--code", "too_large")
        #expect(elsewhere.code == 1 && elsewhere.output.contains("\(ids[0])  kept"))
        #expect(elsewhere.output.contains("--code"))
        #expect(try queue.counts() == (2, 0))
        let nobody = person.run("rejected", "replay", "--all", "--partner", "other")
        #expect(nobody.code == 1)
        #expect(nobody.errors.contains("partner \"other\": there is no partner of this name"))
        try person.add("other")
        #expect(person.run("rejected", "replay", "--all", "--partner", "other").code == 0)
        #expect(sns.published.count == 1)
    }

    @Test("calls of the tracking API are replayed by its rules")
    func segment() throws {
        let call = #"{"userId":"u-1","event":"E","messageId":"m-1","writeKey":""}"#
        try queue.send(TestRejection(sender: "segment-api", body: call).json)
        let kept = person.run("rejected", "replay", "--all")
        #expect(kept.code == 1)
        let result = person.run("rejected", "replay", "--all", "--type", "track")
        #expect(result.code == 0, "\(result.output)")
        let message = try parse(try #require(sns.published.first).text)
        #expect(message["type"]?.string == "track" && message["messageId"]?.string == "m-1")
        #expect(message["writeKey"] == nil)

        let batch =
            #"{"batch":[{"type":"track","userId":"u","event":"A"},{"type":"page","userId":"u"}]}"#
        try queue.send(TestRejection(sender: "segment-api", body: batch).json)
        #expect(person.run("rejected", "replay", "--all").code == 0)
        #expect(sns.published.count == 3)
        try queue.send(
            TestRejection(
                sender: "segment-destination", index: 2,
                body: #"{"type":"page","userId":"u","messageId":"m-2"}"#
            ).json)
        #expect(person.run("rejected", "replay", "--all").code == 0)
        #expect(sns.published.last?.attributes["messageId"] == "m-2")
        #expect(sns.published.last?.attributes["sender"] == "segment-destination")
    }

    @Test("of several calls in one message all are published, or none")
    func wholeOrNothing() throws {
        let batch = #"{"batch":[{"type":"track","userId":"u","event":"A"},{"type":"page"}]}"#
        try queue.send(TestRejection(sender: "segment-api", body: batch).json)
        #expect(person.run("rejected", "replay", "--all").code == 1)
        #expect(sns.published.isEmpty)
        #expect(try queue.counts() == (1, 0))
    }

    @Test(
        "a finished message that its topic would not take is published as it is",
        arguments: [("partner", "key"), ("customerio", "signed"), ("segment-api", "key")])
    func finished(sender: String, auth: String) throws {
        let message =
            #"{"type":"track","messageId":"cio-e1","userId":"u","event":"É","receivedAt":"x","properties":{"n":1.10,"e":"\u00e9"}}"#
        try queue.send(
            TestRejection(
                code: "not_publishable", sender: sender, destination: "sns", body: message
            ).json)
        let result = person.run("rejected", "replay", "--all")
        #expect(result.code == 0, "\(result.output)")
        try #require(sns.published.count == 1)
        #expect(sns.published[0].text == message)
        #expect(
            sns.published[0].attributes == [
                "type": "track", "event": "É", "partner": "shop", "sender": sender, "auth": auth,
                "messageId": "cio-e1", "requestId": "request-1",
            ])
        #expect(try queue.counts() == (0, 0))
    }

    @Test(
        "what is replayed keeps how its sender was authenticated, finished or not",
        arguments: ["key", "signed", "unsigned"], [nil, "sns"] as [String?])
    func authentication(auth: String, destination: String?) throws {
        let call = #"{"type":"track","messageId":"m","userId":"u","event":"E"}"#
        try queue.send(
            TestRejection(
                sender: "segment-destination", index: 3, destination: destination, auth: auth,
                body: call
            ).json)
        #expect(person.run("rejected", "replay", "--all").code == 0)
        #expect(sns.published.map { $0.attributes["auth"] } == [auth])
    }

    @Test(
        "a FIFO topic knows what is replayed again, and that it is the partner's",
        arguments: [nil, "sns"])
    func replayedTwice(destination: String?) throws {
        let fifo = "\(topic).fifo"
        let body =
            #"{"type":"track","message_id":"a\tb","messageId":"a\tb","user_id":"u","userId":"u","event":"E"}"#
        var seen: [String: [SNSStandIn.Publication]] = [:]
        try person.add("other", "--config", #"{"senders":["partner"]}"#)
        for partner in ["shop", "other", "shop"] {
            let sns = try SNSStandIn()
            let again = try Operator(
                person.environment.merging(
                    ["AWS_ENDPOINT_URL_SNS": sns.url, "INLET_TOPIC_ARN": fifo]) { $1 },
                migrated: false)
            try queue.send(
                TestRejection(partner: partner, destination: destination, body: body).json)
            let result = again.run("rejected", "replay", "--all")
            #expect(result.code == 0, "\(result.output)")
            seen[partner, default: []] += sns.published
        }
        let (shop, other) = (seen["shop"] ?? [], seen["other"] ?? [])
        try #require(shop.count == 2 && other.count == 1)
        // What the messageId was published with first.
        let id = try #require(try person.record("shop")["id"]?.string)
        let digest = SHA256.digest(Array("\(id)\n".utf8) + Array(#"a\tb"#.utf8))
        #expect(shop[0].deduplicationID == Hex.encode(digest.span))
        #expect(shop[1].deduplicationID == shop[0].deduplicationID)
        #expect(shop[1].groupID == shop[0].groupID)
        #expect(other[0].deduplicationID != shop[0].deduplicationID)
        #expect(other[0].groupID != shop[0].groupID)
        #expect(shop[0].attributes["requestId"] == "request-1")
    }

    @Test(
        "what cannot be replayed stays, with the reason",
        arguments: [
            ("something else", "not a message of the rejected topic"),
            (#"{"code":"c"}"#, "not a message of the rejected topic"),
            (TestRejection(sender: "fax", body: "{}").json, "Its sender fax is not known"),
            (TestRejection(partner: "nobody", body: order).json, "no partner of this name"),
            (TestRejection(partner: "held", body: order).json, "is SUSPENDED"),
            (TestRejection(body: "not JSON").json, "not JSON"),
            (
                TestRejection(body: order).json.replacing(
                    #""body":"#, with: #""bodyBytes":999999,"body":"#), "of its 999999 bytes"
            ),
            (
                TestRejection(
                    sender: "segment-api", destination: "segment",
                    body: #"{"type":"track","messageId":"m","userId":"u","event":"E"}"#
                ).json, "It was published"
            ),
            (TestRejection(destination: "segment", body: "not JSON").json, "It was published"),
            (TestRejection(destination: "fax", body: order).json, "destination fax is not known"),
            (TestRejection(destination: "", body: order).json, "is not known"),
            (TestRejection(destination: "sns", body: order).json, "not a message of Inlet"),
            (
                TestRejection(partner: "held", destination: "sns", body: "{}").json, "is SUSPENDED"
            ),
        ])
    func notReplayable(text: String, reason: String) throws {
        try person.add("held", "--config", mapping)
        #expect(person.run("partner", "suspend", "held").code == 0)
        try queue.send(text)
        let result = person.run("rejected", "replay", "--all")
        #expect(result.code == 1)
        #expect(result.output.contains(reason), "\(result.output)")
        #expect(person.run("rejected", "list").code == 0)
        #expect(sns.published.isEmpty)
        #expect(try queue.counts() == (1, 0))
    }

    @Test(
        "what a partner sent as a sender that it may no longer use stays, finished or not",
        arguments: [nil, "sns"] as [String?])
    func otherSender(destination: String?) throws {
        let call = #"{"type":"track","messageId":"m","userId":"u","event":"E"}"#
        try queue.send(
            TestRejection(sender: "segment-destination", destination: destination, body: call).json)
        #expect(person.run("partner", "update", "shop", "--sender", "partner").code == 0)
        let kept = person.run("rejected", "replay", "--all")
        #expect(kept.code == 1)
        #expect(kept.output.contains("its senders are partner, and not segment-destination"))
        #expect(sns.published.isEmpty)
        #expect(try queue.counts() == (1, 0))
        #expect(
            person.run("partner", "update", "shop", "--sender", "segment-destination").code == 0)
        #expect(person.run("rejected", "replay", "--all").code == 0)
        #expect(sns.published.map { $0.attributes["messageId"] } == ["m"])
    }

    @Test("SNS's envelope, and a body that is not text, are understood")
    func envelope() throws {
        #expect(person.run("partner", "update", "shop", "--config", mapping).code == 0)
        var envelope = JSONWriter()
        envelope.object { object in
            object.member("Type", "Notification")
            object.member("Message", TestRejection(body: order).json)
        }
        try queue.send(envelope.text)
        let gzip = String(
            decoding: Base64.encode(StoredGzip.encode(Array(order.utf8))), as: UTF8.self)
        try queue.send(
            TestRejection(body: gzip).json.replacing(#""body":"#, with: #""bodyBase64":"#))
        let shown = person.run("rejected", "list", "--show-body")
        #expect(shown.output.contains("bytes that are not text"))
        #expect(person.run("rejected", "replay", "--all").code == 0)
        #expect(sns.published.count == 2)
    }

    @Test("without queue or topic it says what to give; a queue that is not there is an error")
    func settings() throws {
        let bare = try Operator(migrated: false)
        #expect(bare.run("rejected", "list").errors.contains("INLET_REJECTED_QUEUE_URL"))
        #expect(bare.run("rejected", "list", "--queue", "my-queue").code == 2)
        let noTopic = try Operator(queue.environment)
        let result = noTopic.run("rejected", "replay", "--all")
        #expect(result.code == 2)
        #expect(result.errors.contains("INLET_TOPIC_ARN"))
        #expect(noTopic.run("rejected", "replay", "--all", "--topic", "arn:aws:sqs:x").code == 2)
        let missing = person.run("rejected", "list", "--queue", queue.url + "-gone")
        #expect(missing.code == 1)
        #expect(
            missing.errors.contains("NonExistentQueue")
                || missing.errors.contains("QueueDoesNotExist"))
    }

    @Test(
        "the region is that of the queue's host",
        arguments: [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "eu-west-1"),
            ("https://sqs-fips.us-gov-west-1.amazonaws.com/1/q", "us-gov-west-1"),
            ("http://127.0.0.1:5000/123456789012/q", nil), ("http://localhost:4566/1/q", nil),
            ("https://", nil),
        ] as [(String, String?)])
    func region(url: String, region: String?) { #expect(RejectedQueue.region(of: url) == region) }
}
