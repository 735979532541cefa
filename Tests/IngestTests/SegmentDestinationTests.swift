import Formats
import TestSupport
import Testing

private let group = #"""
    {"type":"group","messageId":"ajs-4f0c27","userId":"u-100","groupId":"org-77","traits":{"employees":48,"total billed":910.5},
     "context":{"ip":"203.0.113.9"},"integrations":{},"originalTimestamp":"2026-01-05T10:00:00.000Z",
     "sentAt":"2026-01-05T10:00:00.310Z","receivedAt":"2026-01-05T10:00:00.402Z","timestamp":"2026-01-05T10:00:00.092Z","version":2}
    """#
private let e1 =
    #"{"messageId":"msg-0001","type":"track","event":"Order Shipped","userId":"u-42","properties":{"url":"https://shop.example/o/9","total":12.5}}"#
private let e2 =
    #"{"messageId":"msg-0002","type":"identify","userId":"u-42","traits":{"name":"Zoë"}}"#
private let signature = (name: "X-Signature", value: "c49c8c992521f86a521a1c7b822ff29494a8e3ed")

@Suite("Segment's servers")
struct SegmentDestinationTests {
    private func authorized(
        _ body: String, partnerID: String = "p-1", headers: [(name: String, value: String)] = []
    ) -> ProxyEvent {
        var event = ProxyEvent("/v1/segment", body, headers: headers)
        event.authorizer = [
            ("principalId", "web-app"), ("partner", "web-app"), ("partnerId", partnerID),
        ]
        return event
    }

    @Test("behind the authorizer a call is published with Segment's own times")
    func authorizedCall() throws {
        let harness = try Harness()
        for event in [authorized(group).rest, authorized(group).version2()] {
            let reply = try harness.send(event)
            #expect(reply.status == 200)
            #expect(reply.text == #"{"success":true,"accepted":1}"#)
        }
        let message = try #require(harness.messages.first)
        #expect(
            message.text
                == #"{"type":"group","messageId":"ajs-4f0c27","userId":"u-100","groupId":"org-77","#
                + #""traits":{"employees":48,"total billed":910.5},"context":{"ip":"203.0.113.9"},"integrations":{},"#
                + #""timestamp":"2026-01-05T10:00:00.092Z","originalTimestamp":"2026-01-05T10:00:00.000Z","#
                + #""sentAt":"2026-01-05T10:00:00.310Z","receivedAt":"2026-01-05T10:00:00.402Z","version":2}"#
        )
        #expect(message.attributes["sender"] == "segment-destination")
        #expect(message.attributes["auth"] == "key")
    }

    @Test("where no authorizer ran, the same check is made")
    func unguarded() throws {
        let harness = try Harness()
        func status(_ headers: [(name: String, value: String)]) throws -> Int {
            try harness.send(ProxyEvent("/v1/segment", group, headers: headers)).status
        }
        #expect(try status([Harness.basic("wk_live_51xQ")]) == 200)
        #expect(try status([Harness.basic("wrong")]) == 401)
        #expect(try status([("Authorization", "Bearer wk_live_51xQ")]) == 401)
        #expect(try status([]) == 401)
        #expect(try status([Harness.basic("idle-token")]) == 403)
        #expect(try status([Harness.basic("banned-token")]) == 403)
        #expect(try status([Harness.basic("gone-token")]) == 401)
        #expect(harness.messages.count == 1)
    }

    @Test("a partner that is gone since the authorizer's answer was cached is refused")
    func stalePolicy() throws {
        let harness = try Harness()
        #expect(try harness.send(authorized(group, partnerID: "deleted-meanwhile")).status == 401)
        #expect(try harness.send(authorized(group, partnerID: "gone")).status == 401)
        #expect(try harness.send(authorized(group, partnerID: "banned")).status == 403)
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a key that has been replaced since the authorizer's answer was cached is refused")
    func replacedKey() throws {
        let harness = try Harness()
        for (key, status) in [("wk_live_51xQ", 200), ("replaced", 401), ("one-token", 401)] {
            let reply = try harness.send(authorized(group, headers: [Harness.basic(key)]))
            #expect(reply.status == status, "\(key)")
        }
        #expect(harness.messages.count == 1)
    }

    @Test("the token path takes POST, PUT and PATCH, and the token names the partner")
    func tokenPath() throws {
        let harness = try Harness()
        for method in ["POST", "PUT", "PATCH"] {
            var event = ProxyEvent("/webhook/segment/wk_live_51xQ", group)
            event.method = method
            #expect(try harness.send(event).status == 200)
        }
        var get = ProxyEvent("/webhook/segment/wk_live_51xQ")
        get.method = "GET"
        let refused = try harness.send(get)
        #expect(refused.status == 405)
        #expect(refused["allow"] == "POST, PUT, PATCH")
        #expect(try harness.send(ProxyEvent("/webhook/segment/wrong", group)).status == 401)
        #expect(try harness.send(ProxyEvent("/webhook/segment/idle-token", group)).status == 403)
        let escaped = try harness.send(
            ProxyEvent("/webhook/segment/%D0%BA%D0%BB%D1%8E%D1%87", group))
        #expect(escaped.status == 200)
        #expect(harness.messages.count == 4)
    }

    @Test("of an array the valid calls are published, and the others rejected")
    func arrays() throws {
        let harness = try Harness()
        let body = "[\(e1),{\"type\":\"track\"},7,\(e2)]"
        let reply = try harness.send(ProxyEvent("/webhook/segment/wk_live_51xQ", body))
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 2)
        #expect(reply.json?["rejected"]?.elements.map { $0["index"]?.int } == [1, 2])
        #expect(harness.messages.map { $0.attributes["messageId"] } == ["msg-0001", "msg-0002"])
        #expect(harness.rejects.count == 2)
    }

    @Test("a signature is asked for where the partner has a secret, and says how far it reaches")
    func signatures() throws {
        let harness = try Harness()
        func send(_ body: String, _ headers: [(name: String, value: String)]) throws -> Int {
            try harness.send(
                ProxyEvent("/webhook/segment/signed-token", body, headers: headers)
            ).status
        }
        #expect(try send(e1, [signature]) == 200)
        #expect(try send("[\(e1),\(e2)]", [signature]) == 200)
        #expect(
            try send(
                "[\(e1),\(e2)]",
                [("X-Segment-Signature", "8ea532c408cf1a2dcdeeeaa176e74f4c73c05541")]) == 200)
        #expect(
            harness.messages.map { $0.attributes["auth"] }
                == ["signed", "signed", "unsigned", "signed", "signed"])
        for (body, headers) in [
            (e1, []), (e2, [signature]), (e1 + " ", [signature]), ("[\(e2),\(e1)]", [signature]),
            (e1, [signature, signature]), ("", [signature]), ("{", [signature]),
            ("[]", [signature]),
        ] {
            let status = try send(body, headers)
            #expect(status == 401 || (status == 400 && harness.rejects.isEmpty), "\(body)")
        }
        #expect(harness.messages.count == 5)
        #expect(harness.rejects.isEmpty)
    }

    @Test("a reject says how its call was authenticated")
    func rejectedProof() throws {
        let harness = try Harness()
        let invalid = #"{"type":"track"}"#
        func send(_ token: String, _ headers: [(name: String, value: String)]) throws {
            let body = "[\(e1),\(invalid)]"
            let event = ProxyEvent("/webhook/segment/\(token)", body, headers: headers)
            #expect(try harness.send(event).status == 200)
        }
        try send("wk_live_51xQ", [])
        try send("signed-token", [signature])
        let kept = try harness.rejects.map { try JSONText(Array($0.text.utf8)).root }
        // Of a batch Segment signs only the first call.
        #expect(kept.map { $0["auth"]?.string } == ["key", "unsigned"])
    }

    @Test("behind the authorizer a signature counts as well")
    func signedBehindAuthorizer() throws {
        let harness = try Harness()
        #expect(try harness.send(authorized(e1, partnerID: "signed")).status == 401)
        #expect(
            try harness.send(authorized(e1, partnerID: "signed", headers: [signature])).status
                == 200)
        #expect(harness.messages.map { $0.attributes["auth"] } == ["signed"])
    }

    @Test("a partner that signs in another way cannot send here")
    func otherScheme() throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent("/webhook/segment/other-token", e1, headers: [signature]))
        #expect(reply.status == 401)
    }

    @Test(
        "each bad input has its status",
        arguments: [
            ("", 400), ("{", 400), ("null", 400), ("\"x\"", 400), ("[]", 400), ("a=b&c=d", 400),
            (#"{"type":"track","userId":"u"}"#, 400), (#"{"userId":"u"}"#, 400),
            (#"{"type":"video","userId":"u"}"#, 501),
            (#"[{"type":"video","userId":"u"},{"type":"x"}]"#, 501),
            (#"[{"type":"video","userId":"u"},{"type":"track"}]"#, 400),
        ])
    func statuses(body: String, status: Int) throws {
        let harness = try Harness()
        let reply = try harness.send(ProxyEvent("/webhook/segment/wk_live_51xQ", body))
        #expect(reply.status == status)
        #expect(reply.code != nil)
        #expect(reply.json?["message"]?.string != nil)
        #expect(!harness.rejects.isEmpty)
        #expect(harness.messages.isEmpty)
    }

    @Test("delete reaches destinations, and its id is derived from its time")
    func delete() throws {
        let harness = try Harness()
        let body = #"{"type":"delete","userId":"u-1","timestamp":"2026-01-05T10:00:00.000Z"}"#
        for _ in 0..<2 {
            #expect(
                try harness.send(ProxyEvent("/webhook/segment/wk_live_51xQ", body)).status == 200)
        }
        #expect(harness.messages[0].attributes["type"] == "delete")
        #expect(harness.messages[0].text == harness.messages[1].text)
    }

    @Test("what SNS cannot hold is too large")
    func tooLarge() throws {
        let harness = try Harness()
        let token = "/webhook/segment/wk_live_51xQ"
        // Names, types and values of type, partner, sender, auth, messageId and requestId.
        let attributes = 14 + 20 + 31 + 13 + 16 + 32
        func call(_ size: Int) -> String {
            let frame = #"{"type":"page","userId":"u","messageId":"m","properties":{"p":""}}"#
            return frame.replacing(
                "\"\"", with: "\"" + String(repeating: "x", count: size - frame.utf8.count) + "\"")
        }
        #expect(try harness.send(ProxyEvent(token, call(262_144 - attributes))).status == 200)
        for body in [
            call(262_145 - attributes), call(262_144), call(262_145), call(300_000),
            call(5 << 20) + " ",
        ] {
            let reply = try harness.send(ProxyEvent(token, body))
            #expect(reply.status == 413)
        }
        #expect(harness.messages.count == 1)
        #expect(harness.rejects.count == 5)
        let many = "[" + Array(repeating: "1", count: 4001).joined(separator: ",") + "]"
        #expect(try harness.send(ProxyEvent(token, many)).status == 413)
    }

    @Test("an id that is too long is not sent back")
    func hugeID() throws {
        let harness = try Harness()
        let id = String(repeating: "\\\"", count: 1_000_000)
        let reply = try harness.send(
            ProxyEvent(
                "/webhook/segment/wk_live_51xQ",
                "[{\"type\":\"zzz\",\"messageId\":\"\(id)\"},\(e1)]"))
        #expect(reply.status == 200)
        #expect(reply.body.count < 1000)
    }

    @Test("addresses that the partner did not name are refused, on every route")
    func addresses() throws {
        let harness = try Harness()
        #expect(try harness.send(ProxyEvent("/webhook/segment/near-token", group)).status == 200)
        let refused = try harness.send(ProxyEvent("/webhook/segment/far-token", group))
        #expect(refused.status == 403)
        #expect(refused.code == "ip_not_allowed")
        #expect(try harness.send(authorized(group, partnerID: "far")).status == 403)
        let track = #"{"event":"e","userId":"u","writeKey":"far-token"}"#
        #expect(try harness.send(ProxyEvent("/v1/track", track)).status == 403)
        var allowed = ProxyEvent("/v1/track", track)
        allowed.sourceIP = "2001:db8::5"
        #expect(try harness.send(allowed).status == 200)
        var unknown = ProxyEvent("/v1/track", track)
        unknown.sourceIP = "somewhere"
        #expect(try harness.send(unknown).status == 403)
    }
}
