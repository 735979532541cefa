import Formats
import TestSupport
import Testing

/// Every form of a time, through every sender.
@Suite("Times of every sender")
struct TimeTests {
    private static let secret = "cio-signing-key-for-tests"
    private static let partners = #"""
        [{"name":"web-app","webhook_token":"wk_live_51xQ"},
         {"name":"segment","webhook_token":"segment-token",
          "validation_config":{"senders":["segment-destination"]}},
         {"name":"shop","webhook_token":"shop-token","validation_config":{"senders":["partner"]}},
         {"name":"cio","webhook_token":"cio-token","validation_config":{"senders":["customerio"],
          "signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
        """#

    /// One call of each sender, with a time as it is written in JSON.
    private static func events(_ time: String) -> [ProxyEvent] {
        let call =
            #"{"type":"track","event":"e","userId":"u","messageId":"m","timestamp":\#(time)}"#
        return [
            ProxyEvent("/v1/track", call, headers: [Harness.basic("wk_live_51xQ")]),
            ProxyEvent(
                "/v1/batch", #"{"batch":[\#(call)]}"#, headers: [Harness.basic("wk_live_51xQ")]),
            ProxyEvent(
                "/webhook/v1/shop-token",
                #"{"event":"e","userId":"u","event_id":"m","timestamp":\#(time)}"#),
            CustomerIOWebhook.event(
                "/webhook/customerio/cio-token",
                #"{"event_id":"m","object_type":"sms","metric":"sent","timestamp":\#(time),"data":{}}"#,
                secret: secret, seconds: 1_767_607_200),
        ]
    }

    @Test("a time in any form becomes the moment itself", arguments: writtenMoments)
    func readable(written: String, moment: String) throws {
        let harness = try Harness(partners: Self.partners)
        for event in Self.events(written) {
            let reply = try harness.send(event)
            #expect(reply.text == #"{"success":true,"accepted":1}"#)
        }
        let times = try harness.messages.map {
            try JSONText(Array($0.text.utf8)).root["timestamp"]?.string
        }
        #expect(times == Array(repeating: moment, count: 4))
    }

    @Test("what Segment's servers say of time stays, and is warned of only if it cannot be read")
    func final() throws {
        let harness = try Harness(partners: Self.partners)
        func send(_ time: String) throws -> Harness.Reply {
            try harness.send(
                ProxyEvent(
                    "/webhook/segment/segment-token",
                    #"{"type":"track","event":"e","userId":"u","messageId":"m","timestamp":\#(time)}"#
                ))
        }
        for (written, _) in writtenMoments {
            #expect(try send(written).text == #"{"success":true,"accepted":1}"#)
            let text = try #require(harness.messages.last).text
            #expect(text.contains(#""timestamp":\#(written)}"#))
        }
        #expect(
            try send(#""noon""#).text
                == #"{"success":true,"accepted":1,"warnings":[{"code":"unreadable_time","field":"timestamp"}]}"#
        )
        #expect(try #require(harness.messages.last).text.contains(#""timestamp":"noon"}"#))
    }

    @Test("a time that cannot be read is warned of in the reply, by item in a batch")
    func warnings() throws {
        let harness = try Harness(partners: Self.partners)
        let singles = try Self.events(#""noon""#).map { try harness.send($0).json?["warnings"] }
        let texts = singles.map { $0.map { String(decoding: $0.raw, as: UTF8.self) } }
        let single = #"[{"code":"unreadable_time","field":"timestamp"}]"#
        let item = #"[{"index":0,"code":"unreadable_time","field":"timestamp"}]"#
        #expect(texts == [single, item, single, single])
        for message in harness.messages {
            let json = try JSONText(Array(message.text.utf8)).root
            #expect(json["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
            #expect(json["originalTimestamp"]?.string == "noon")
        }
        let batch = #"""
            {"sentAt":"soon","batch":[{"type":"page","userId":"u","timestamp":"2026-01-05T10:07:12Z"},
             {"type":"page"},{"type":"page","userId":"u","timestamp":7,"sentAt":[]}]}
            """#
        let reply = try harness.send(
            ProxyEvent("/v1/batch", batch, headers: [Harness.basic("wk_live_51xQ")]))
        #expect(reply.status == 200)
        let warnings = reply.json?["warnings"].map { String(decoding: $0.raw, as: UTF8.self) }
        #expect(
            warnings
                == #"[{"code":"unreadable_time","field":"sentAt"},"#
                + #"{"index":2,"code":"unreadable_time","field":"timestamp"},"#
                + #"{"index":2,"code":"unreadable_time","field":"sentAt"}]"#)
        #expect(reply.json?["rejected"]?.elements.first?["index"]?.int == 1)
    }
}
