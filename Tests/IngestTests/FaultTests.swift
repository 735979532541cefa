import Formats
import TestSupport
import Testing
import Transport

private let key = [Harness.basic("wk_live_51xQ")]

private func batch(_ count: Int) -> ProxyEvent {
    let items = (0..<count).map { #"{"type":"page","userId":"u","messageId":"m-\#($0)"}"# }
    return ProxyEvent(
        "/v1/batch", #"{"batch":[\#(items.joined(separator: ","))]}"#, headers: key)
}

@Suite("When SNS fails")
struct FaultTests {
    /// One of each service but SNS.
    static let sinks = [
        "arn:aws:sqs:eu-west-1:123456789012:messages",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/messages",
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/messages",
    ]

    @Test("another sink is answered for like SNS", arguments: sinks)
    func otherSinks(sink: String) throws {
        // Rejects still go to their topic.
        let well = try Harness(sink: sink)
        let mixed = #"{"batch":[{"type":"page","userId":"u"},{"type":"page"}]}"#
        #expect(try well.send(ProxyEvent("/v1/batch", mixed, headers: key)).status == 200)
        #expect(well.messages.count == 1 && well.rejects.count == 1)
        #expect(well.messages[0].attributes["partner"] == "web-app")
        // One message that stays away is enough for 503, and nothing of it is published twice.
        let partly = try Harness(sink: sink) { sns, call in
            let bad = call.entries.first { $0.publication.text.contains("m-15") }
            return bad.map { sns.accept(call, failing: [$0.id: ("InternalFailure", false)]) }
        }
        let reply = try partly.send(batch(30))
        #expect(reply.status == 503)
        #expect(partly.messages.count == 29)
        // What the sink refuses becomes a reject, and the rest is published.
        let refusing = try Harness(sink: sink) { _, call in
            call.entries.contains { $0.publication.text.contains("m-3\"") }
                ? call.error(400, "ValidationException", "Value at 'records.3.member.data' failed")
                : nil
        }
        let refused = try refusing.send(batch(12))
        #expect(refused.status == 200)
        #expect(refused.json?["accepted"]?.int == 11)
        #expect(refused.json?["rejected"]?.element(at: 0)?["code"]?.string == "not_publishable")
        #expect(refusing.messages.count == 11 && refusing.rejects.count == 1)
    }

    @Test("the next event finds another sink as if nothing had been", arguments: sinks)
    func otherSinkRecovers(sink: String) throws {
        let harness = try Harness(sink: sink) { _, call in call.number <= 3 ? .reset : nil }
        #expect(try harness.send(batch(1)).status == 503)
        #expect(try harness.send(batch(1)).status == 200)
    }

    @Test("nothing is half-acknowledged: one batch of three fails, the answer is 503")
    func partly() throws {
        let harness = try Harness { _, call in
            call.entries.contains { $0.publication.text.contains("m-15") }
                ? SNSStandIn.error(500, "InternalError") : nil
        }
        let reply = try harness.send(batch(30))
        #expect(reply.status == 503)
        #expect(reply.code == "not_accepted")
        #expect(reply["retry-after"].flatMap(Int.init) != nil)
        #expect(harness.messages.count == 20)
    }

    @Test("a message that SNS refuses becomes a reject, and the rest is published")
    func refused() throws {
        let harness = try Harness { sns, call in
            guard let bad = call.entries.first(where: { $0.publication.text.contains("m-3\"") }),
                bad.publication.topic == Harness.topic
            else { return nil }
            return sns.accept(call, failing: [bad.id: ("InvalidParameter", true)])
        }
        let reply = try harness.send(batch(12))
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 11)
        let rejected = reply.json?["rejected"]?.elements.map {
            ($0["index"]?.int, $0["messageId"]?.string, $0["code"]?.string)
        }
        #expect(rejected?.count == 1)
        #expect(rejected?.first?.0 == 3)
        #expect(rejected?.first?.1 == "m-3")
        #expect(rejected?.first?.2 == "not_publishable")
        #expect(harness.rejects.count == 1)
        #expect(harness.rejects[0].text.contains("m-3"))
    }

    @Test("a message that SNS refuses keeps its place in the batch, after one that was invalid")
    func refusedIndex() throws {
        let harness = try Harness { sns, call in
            guard let bad = call.entries.first(where: { $0.publication.text.contains("m-2\"") }),
                bad.publication.topic == Harness.topic
            else { return nil }
            return sns.accept(call, failing: [bad.id: ("InvalidParameter", true)])
        }
        let items = ["", #","userId":"u","messageId":"m-1""#, #","userId":"u","messageId":"m-2""#]
            .map { #"{"type":"page"\#($0)}"# }
        let reply = try harness.send(
            ProxyEvent("/v1/batch", #"{"batch":[\#(items.joined(separator: ","))]}"#, headers: key))
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 1)
        let rejected = try #require(reply.json?["rejected"]?.elements)
        #expect(rejected.map { $0["index"]?.int } == [0, 2])
        #expect(rejected.map { $0["code"]?.string } == ["no_user_anon_id", "not_publishable"])
        let kept = try harness.rejects.map { try JSONText(Array($0.text.utf8)).root }
        #expect(kept.map { $0["index"]?.int } == [0, 2])
        #expect(kept.map { $0["destination"]?.string } == [nil, "sns"])
        #expect(kept.last?["body"]?.string?.contains(#""messageId":"m-2""#) == true)
    }

    @Test("a reject that its topic does not take now is 503, whatever else is in the request")
    func rejectedTopicFails() throws {
        let harness = try Harness { _, call in
            call.entries.first?.publication.topic == Harness.rejected
                ? SNSStandIn.error(500, "InternalError") : nil
        }
        let mixed = #"{"batch":[{"type":"page","userId":"u"},{"type":"page"}]}"#
        #expect(try harness.send(ProxyEvent("/v1/batch", mixed, headers: key)).status == 503)
        for (path, bad) in [
            ("/v1/batch", #"{"batch":[{"type":"page"}]}"#), ("/v1/track", #"{"userId":"u"}"#),
            ("/v1/track", "{"),
        ] {
            #expect(try harness.send(ProxyEvent(path, bad, headers: key)).status == 503)
        }
    }

    @Test("a reject that its topic will never take is lost only if the sender is told so")
    func rejectedTopicRefuses() throws {
        let harness = try Harness { _, call in
            call.entries.first?.publication.topic == Harness.rejected
                ? SNSStandIn.error(400, "InvalidParameter") : nil
        }
        let mixed = #"{"batch":[{"type":"page","userId":"u"},{"type":"page"}]}"#
        #expect(try harness.send(ProxyEvent("/v1/batch", mixed, headers: key)).status == 503)
        let bad = #"{"batch":[{"type":"page"}]}"#
        #expect(try harness.send(ProxyEvent("/v1/batch", bad, headers: key)).status == 400)
    }

    @Test("without a rejected topic rejects are only answered")
    func noRejectedTopic() throws {
        let harness = try Harness(rejectedTopic: false)
        let mixed = #"{"batch":[{"type":"page","userId":"u"},{"type":"page"}]}"#
        let reply = try harness.send(ProxyEvent("/v1/batch", mixed, headers: key))
        #expect(reply.status == 200)
        #expect(reply.json?["rejected"]?.elements.isEmpty == false)
        #expect(harness.sns.calls.count == 1)
    }

    @Test("a silent SNS is answered in Lambda's time where that is shorter than the sender's")
    func silence() throws {
        let harness = try Harness { _, _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        let reply = try harness.send(batch(3).rest, limit: .milliseconds(900))
        #expect(reply.status == 503)
        #expect(watch.waited < .milliseconds(900))
        let late = try harness.send(batch(3).rest, limit: .milliseconds(100))
        #expect(late.status == 503)
        // There was no time to read it, which is not its fault: nothing is rejected.
        #expect(late.code == "not_accepted")
        #expect(harness.rejects.isEmpty)
    }

    @Test("the next event is handled as if nothing had been")
    func recovers() throws {
        let harness = try Harness { _, call in call.number <= 3 ? .reset : nil }
        #expect(try harness.send(batch(1)).status == 503)
        #expect(try harness.send(batch(1)).status == 200)
    }
}
