import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-1",
      "validation_config":{"senders":["segment-api","segment-destination"]}}]
    """#
private let track =
    #"{"type":"track","userId":"u-1","event":"Order Completed","messageId":"m-1","#
    + #""properties":{"total":12.50,"name":"Zoë 🚀"},"timestamp":"2026-01-05T10:00:00.092Z"}"#

@Suite("A real client through the real thing", .timeLimit(.minutes(60)))
struct RealClientTests {
    /// Debian and PyPI have these alone; what analytics-ruby, analytics-php and the others send is
    /// in IngestTests, by their sources.
    @Test(
        "every call of a library arrives, equal in all that the client sent", .everyFront,
        .enabled(if: Tools.hasLibraries, "run scripts/install --tests"))
    func library() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        // The two that were made of Segment's send alike, and all fronts serve them with one code.
        let libraries = Front.current == .rest ? Tools.libraries : ["segment"]
        for library in libraries {
            let summary = try moto.run("send", moto.url, inlet.url, "wk-1", library)
            #expect(
                summary == """
                    sent 286: 87 identify, 98 track, 87 page, 6 screen, 4 group, 4 alias

                    """)
        }
    }

    @Test(
        "the README's Python snippet sends a call to a local Inlet",
        .enabled(if: Tools.hasLibraries, "run scripts/install --tests"))
    func snippet() throws {
        let inlet = try LocalInlet(partners: #"[{"name":"demo","webhook_token":"demo-key"}]"#)
        defer { inlet.stop() }
        let readme = try String(contentsOfFile: Tools.readme, encoding: .utf8)
        let block = try #require(readme.firstMatch(of: /```python\n((?s:.*?))```/))
        let script = block.1.replacing("http://127.0.0.1:3000", with: inlet.url)
        let program = try Program(try Tools.python("python"), ["-c", String(script)])
        #expect(try program.end() == .status(0), "\(program.errors)")
        let published = try inlet.published()
        try #require(published.count == 1)
        #expect(published[0].message["event"]?.string == "Order Shipped")
        #expect(published[0].message["userId"]?.string == "u-42")
    }

    @Test("only what passes the authorizer, with credentials that AWS accepts, reaches the queues")
    func authorizer() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let inlet = try LocalInlet(partners: partners, sns: moto.url, access: moto.access)
        defer { inlet.stop() }
        for (headers, status, code) in [
            ([], 401, "unauthorized"), ([basic("wrong")], 403, "forbidden"),
            ([HTTPField("Authorization", "Basic !!!")], 403, "forbidden"),
        ] {
            try inlet.post("/v1/segment", track, headers: headers).expect(status, code: code)
        }
        var changed = moto.access
        changed["AWS_SECRET_ACCESS_KEY"]? += "x"
        let stranger = try LocalInlet(partners: partners, sns: moto.url, access: changed)
        defer { stranger.stop() }
        for path in ["/v1/track", "/v1/segment"] {
            let reply = try stranger.post(path, track, headers: [basic("wk-1")])
            try reply.expect(503, code: "not_accepted")
            #expect(reply.headers["retry-after"] == "5")
        }
        #expect(try moto.receive("messages").isEmpty)
        #expect(try moto.receive("rejected").isEmpty)

        let body = #"[\#(track),{"type":"page","userId":""}]"#
        let reply = try inlet.post("/v1/segment", body, headers: [basic("wk-1")])
        #expect(reply.status == 200)
        let messages = try moto.receive("messages")
        try #require(messages.count == 1)
        var attributes = messages[0].attributes
        #expect(attributes.removeValue(forKey: "requestId")?.isEmpty == false)
        #expect(
            attributes == [
                "type": "track", "event": "Order Completed", "partner": "web-app",
                "sender": "segment-destination", "auth": "key", "messageId": "m-1",
            ])
        let (sent, message) = (try parse(track), try parse(messages[0].text))
        for member in sent.members {
            let name = try #require(member.name.string)
            #expect(message[name]?.written == member.value.written, "\(name)")
        }
        #expect(try moto.receive("identifies").isEmpty)
        let rejected = try moto.receive("rejected")
        try #require(rejected.count == 1)
        #expect(rejected[0].attributes["code"] == "no_user_anon_id")
        #expect(try parse(rejected[0].text)["body"]?.string == #"{"type":"page","userId":""}"#)
    }
}
