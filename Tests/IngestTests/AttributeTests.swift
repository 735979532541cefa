import Formats
import TestSupport
import Testing

private func track(_ path: String, _ more: String) -> ProxyEvent {
    ProxyEvent(path, #"{"type":"track","event":"E","timestamp":"2026-01-05T09:59:00Z"\#(more)}"#)
}

@Suite("What tells messages apart")
struct AttributeTests {
    private static let partners = #"""
        [{"name":"a","id":"p-a","webhook_token":"token-of-partner-a"},
         {"name":"b","id":"p-b","webhook_token":"token-of-partner-b"}]
        """#

    private static func call(_ partner: String, _ more: String) -> ProxyEvent {
        var event = track("/v1/track", more)
        event.headers = [Harness.basic("token-of-partner-\(partner)")]
        return event
    }

    @Test("one partner's messageId does not silence another's message on a FIFO topic")
    func partners() throws {
        let harness = try Harness(isFIFO: true, partners: Self.partners)
        for partner in ["a", "b", "a"] {
            let reply = try harness.send(Self.call(partner, #","userId":"u","messageId":"m-1""#))
            #expect(reply.status == 200)
        }
        let messages = harness.messages
        try #require(messages.count == 3)
        #expect(messages[0].deduplicationID != messages[1].deduplicationID)
        #expect(messages[0].groupID != messages[1].groupID)
        // A resend is known again.
        #expect(messages[0].deduplicationID == messages[2].deduplicationID)
        #expect(messages[0].groupID == messages[2].groupID)
    }

    @Test("nor does one partner's reject silence another's")
    func rejects() throws {
        let harness = try Harness(isFIFO: true, partners: Self.partners)
        for partner in ["a", "b"] {
            #expect(try harness.send(Self.call(partner, "")).status == 400)
        }
        try #require(harness.rejects.count == 2)
        #expect(harness.rejects[0].deduplicationID != harness.rejects[1].deduplicationID)
        #expect(harness.rejects[0].groupID != harness.rejects[1].groupID)
    }

    @Test("the attribute requestId is the front's id, in messages and in rejects, else Lambda's")
    func requestIDs() throws {
        let harness = try Harness()
        func send(_ event: [UInt8], as id: String) throws {
            let (messages, rejects) = (harness.messages.count, harness.rejects.count)
            _ = try harness.send(event)
            for message in harness.messages[messages...] {
                #expect(message.attributes["requestId"] == id)
            }
            for reject in harness.rejects[rejects...] {
                #expect(try JSONText(Array(reject.text.utf8)).root["requestId"]?.string == id)
            }
        }
        for more in [#","userId":"u""#, ""] {
            var event = track("/v1/track", more)
            event.headers = [Harness.basic("wk_live_51xQ")]
            try send(event.rest, as: "gateway-request-1")
            try send(event.version2(), as: "gateway-request-2")
            try send(event.balancer, as: "lambda-request-1")
            // A client can choose the front's.
            for chosen in [#"a\nb"#, "", String(repeating: "x", count: 257)] {
                let text = String(decoding: event.rest, as: UTF8.self)
                let forged = text.replacing("gateway-request-1", with: chosen)
                try send(Array(forged.utf8), as: "lambda-request-1")
            }
        }
        #expect(harness.messages.count == 6 && harness.rejects.count == 6)
    }
}
