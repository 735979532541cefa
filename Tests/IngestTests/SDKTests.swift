import Formats
import TestSupport
import Testing

/// Debian and PyPI have no analytics-ruby, analytics-php or any other of these libraries but
/// Segment's for Python: that one and its relatives run in EndToEndTests, the others are here as
/// their sources say what they send.
@Suite("What client libraries send")
struct SDKTests {
    @Test("the requests of all libraries are there")
    func fixtures() throws {
        let requests = try SDKRequest.load()
        #expect(Set(requests.map(\.sdk)).count == 17)
        #expect(requests.count == SDKRequest.all.count)
    }

    @Test("is taken on every front and published as it was meant", arguments: SDKRequest.all)
    func taken(request: SDKRequest) throws {
        let harness = try Harness()
        let count = request.published.count
        for front in Front.allCases {
            // Compressed bytes reach a function in Base64 alone.
            for isBase64 in request.isGzip ? [true] : [false, true] {
                let event = front.event(for: request.event(isBase64: isBase64))
                let reply = try harness.send(event)
                #expect(reply.status == 200, "\(front)")
                #expect(reply.text == #"{"success":true,"accepted":\#(count)}"#, "\(front)")
                let messages = harness.messages.suffix(count)
                #expect(messages.map(\.text) == request.published, "\(front)")
            }
        }
        let sent = Front.allCases.count * (request.isGzip ? 1 : 2)
        #expect(harness.messages.count == sent * count)
        #expect(harness.rejects.isEmpty)
        for message in harness.messages {
            let call = try JSONText(Array(message.text.utf8)).root
            for name in ["type", "messageId"] {
                #expect(message.attributes[name] == call[name]?.string)
            }
            #expect(message.attributes["partner"] == "web-app")
            #expect(message.attributes["sender"] == "segment-api")
            #expect(message.attributes["auth"] == "key")
        }
    }

    @Test("a batch as large as a library makes one is published", arguments: SDKBatch.all)
    func largest(batch: SDKBatch) throws {
        #expect(try batch.body.count == batch.size)
        let harness = try Harness()
        let reply = try harness.send(Front.restAPI.event(for: batch.event))
        #expect(reply.status == 200)
        #expect(reply.text == #"{"success":true,"accepted":\#(batch.calls.count)}"#)
        #expect(harness.messages.count == batch.calls.count)
        #expect(
            harness.messages.allSatisfy {
                $0.text.contains(#""originalTimestamp":"2026-01-05T10:07:12.100Z","sentAt":"#)
            })
    }

    @Test("the largest of all is published on every front", arguments: Front.allCases)
    func largestOnFront(front: Front) throws {
        let batch = try #require(SDKBatch.all.max { $0.size < $1.size })
        let harness = try Harness()
        #expect(try harness.send(front.event(for: batch.event)).status == 200)
        #expect(harness.messages.count == batch.calls.count)
    }

    @Test("what libraries report of themselves is answered and dropped", arguments: Front.allCases)
    func selfMetrics(front: Front) throws {
        let harness = try Harness()
        let report = #"{"series":[{"type":"Counter","metric":"sdk.invoke","value":1}]}"#
        let event = ProxyEvent("/v1/m", report, headers: [("Content-Type", "text/plain")])
        #expect(try harness.send(front.event(for: event)).status == 200)
        #expect(harness.sns.calls.isEmpty)
    }
}
