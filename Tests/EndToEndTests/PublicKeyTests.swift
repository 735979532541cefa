import Formats
import TestSupport
import Testing
import Transport

@Suite("A write key that stands in a page's source", .timeLimit(.minutes(60)))
struct PublicKeyTests {
    @Test("opens the tracking API, and through the whole stack nothing else")
    func opens() throws {
        let inlet = try LocalInlet(partners: #"[{"name":"page","webhook_token":"wk-public"}]"#)
        defer { inlet.stop() }
        let delete = #"{"type":"delete","userId":"victim","receivedAt":"2020-01-01T00:00:00.000Z"}"#
        for (path, status) in [
            ("/webhook/segment/KEY", 401), ("/v1/segment", 403), ("/webhook/v1/KEY", 404),
            ("/webhook/customerio/KEY", 401),
        ] {
            let replies = try ["wk-public", "unknown"].map { key in
                try inlet.post(path.replacing("KEY", with: key), delete, headers: [basic(key)])
            }
            #expect(replies.map(\.status) == [status, status], "\(path)")
            // Only the request's own id differs.
            let bodies = try replies.map { reply in
                let id = try #require(reply.headers["x-request-id"])
                return reply.text.replacing(id, with: "id")
            }
            #expect(bodies[0] == bodies[1], "\(path)")
        }
        let call = #"{"userId":"u-1","event":"E"}"#
        #expect(try inlet.post("/v1/track", call, headers: [basic("wk-public")]).status == 200)
        #expect(try inlet.published().map { $0.attributes["type"] } == ["track"])
    }
}
