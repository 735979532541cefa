import Formats
import Platform
import Signing
import TestSupport
import Testing

private let key = "webhook-signing-key"
/// The same key.
private let base64Key = String(decoding: Base64.encode(Array(key.utf8)), as: UTF8.self)

private let partners = #"""
    [{"name":"open","id":"p-1","webhook_token":"open-token","validation_config":{"senders":["partner"]}},
     {"name":"shop","id":"p-2","webhook_token":"shop-token","validation_config":{"senders":["partner"],
       "required_fields":["data.total","/data/currency"],"event_types":["order.paid","order.sent"],
       "max_bytes":600}},
     {"name":"near","webhook_token":"near-token","validation_config":{"senders":["partner"],
       "allowed_ips":["203.0.113.0/28"],"signing":{"scheme":"github","secrets":["\#(key)"]}}},
     {"name":"far","webhook_token":"far-token","validation_config":{"senders":["partner"],
       "allowed_ips":["198.51.100.0/24"],"signing":{"scheme":"github","secrets":["\#(key)"]}}},
     {"name":"signed","webhook_token":"signed-token","validation_config":{"senders":["partner"],
       "max_bytes":600,"signing":{"scheme":"github","secrets":["older","\#(key)"]}}},
     {"name":"segment","webhook_token":"segment-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"segment","secrets":["\#(key)"]}}},
     {"name":"stripe","webhook_token":"stripe-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"stripe","secrets":["\#(key)"]}}},
     {"name":"kept","webhook_token":"kept-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"stripe","secrets":["\#(key)","ssm:/nowhere"]}}},
     {"name":"standard","webhook_token":"standard-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"standard-webhooks","secrets":["whsec_\#(base64Key)"]}}},
     {"name":"custom","webhook_token":"custom-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"custom","secrets":["\#(key)"],"header":"X-Sig","id_header":"X-Id",
                  "template":"{id}:{body}"}}},
     {"name":"idle","webhook_token":"idle-token","status":"INACTIVE","validation_config":{"senders":["partner"]}},
     {"name":"banned","webhook_token":"banned-token","status":"SUSPENDED","validation_config":{"senders":["partner"]}},
     {"name":"gone","webhook_token":"gone-token","status":"SUSPENDED","validation_config":{"senders":["partner"]},
      "deleted_at":"2026-01-01T00:00:00.000Z"}]
    """#

private let order =
    #"{"event_type":"order.paid","event_id":"e-1","timestamp":"2026-01-05T09:59:42.350Z","#
    + #""data":{"user_id":"u-42","total":12.50,"currency":"EUR"}}"#

private func github(
    _ body: [UInt8], key: String = key
) -> [(name: String, value: String)] {
    let code = HMAC.sha256(key: Array(key.utf8), message: body)
    return [("X-Hub-Signature-256", "sha256=" + Hex.encode(code.span))]
}

private func github(_ body: String, key: String = key) -> [(name: String, value: String)] {
    github(Array(body.utf8), key: key)
}

/// Seconds after the harness's present at which it was signed.
private func stripe(_ body: String, after: Int64 = 0) -> [(name: String, value: String)] {
    let seconds = Harness.now.milliseconds / 1000 + after
    let code = HMAC.sha256(key: Array(key.utf8), message: Array("\(seconds).\(body)".utf8))
    return [("Stripe-Signature", "t=\(seconds),v1=\(Hex.encode(code.span))")]
}

/// Signed under an id, and again at each attempt.
private func standard(
    _ body: String, id: String, attempt: Int64 = 0
) -> [(name: String, value: String)] {
    let seconds = Harness.now.milliseconds / 1000 + attempt
    let code = HMAC.sha256(
        key: Array(key.utf8), message: Array("\(id).\(seconds).\(body)".utf8))
    let signature = String(
        decoding: Base64.encode(code.indices.map { code[$0] }), as: UTF8.self)
    return [
        ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
        ("webhook-signature", "v1,\(signature)"),
    ]
}

private func custom(_ body: String, id: String) -> [(name: String, value: String)] {
    let code = HMAC.sha256(key: Array(key.utf8), message: Array("\(id):\(body)".utf8))
    return [("X-Sig", Hex.encode(code.span)), ("X-Id", id)]
}

@Suite("Partners' own webhooks, as requests")
struct PartnerWebhookTests {
    private func post(
        _ token: String, _ body: String, _ headers: [(name: String, value: String)] = [],
        to harness: Harness? = nil
    ) throws -> Harness.Reply {
        try (harness ?? Harness(partners: partners)).send(
            ProxyEvent("/webhook/v1/\(token)", body, headers: headers))
    }

    @Test("a webhook becomes a message, and sent again the same message")
    func published() throws {
        let harness = try Harness(partners: partners)
        for _ in 0..<2 {
            let reply = try post("open-token", order, to: harness)
            #expect(reply.status == 200)
            #expect(reply.text == #"{"success":true,"accepted":1}"#)
        }
        #expect(harness.messages.count == 2)
        #expect(
            harness.messages[0].text
                == #"{"type":"track","messageId":"e-1","userId":"u-42","event":"order.paid","#
                + #""properties":{"user_id":"u-42","total":12.50,"currency":"EUR"},"#
                + #""timestamp":"2026-01-05T09:59:42.350Z","originalTimestamp":"2026-01-05T09:59:42.350Z","#
                + #""receivedAt":"2026-01-05T10:00:00.500Z"}"#)
        #expect(
            harness.messages[0].attributes == [
                "type": "track", "event": "order.paid", "partner": "open", "sender": "partner",
                "auth": "key", "messageId": "e-1", "requestId": "gateway-request-1",
            ])
        #expect(harness.messages[0].text == harness.messages[1].text)
    }

    @Test("an id is derived from what was sent and when, so that a resend is recognised")
    func derivedID() throws {
        let harness = try Harness(partners: partners)
        let timed = #"{"event":"e","user_id":"u","timestamp":1767607182}"#
        for body in [timed, timed, timed + " ", #"{"event":"e","user_id":"u"}"#] {
            #expect(try post("open-token", body, to: harness).status == 200)
        }
        let other = #"{"event":"e","user_id":"u","timestamp":1767607183}"#
        #expect(try post("open-token", other, to: harness).status == 200)
        let ids = harness.messages.compactMap { $0.attributes["messageId"] }
        #expect(ids.count == 5)
        #expect(ids[0] == ids[1] && ids[1] == ids[2])
        #expect(Set(ids).count == 3)
    }

    @Test("a resend under the signed id is the same message, where the payload has no id")
    func signedID() throws {
        let harness = try Harness(partners: partners)
        let plain = #"{"event":"e","userId":"u"}"#
        let long = String(repeating: "x", count: 101)
        func ids(_ body: String, _ id: String, attempt: Int64 = 0) throws -> [String] {
            let count = harness.messages.count
            let headers = standard(body, id: id, attempt: attempt)
            #expect(try post("standard-token", body, headers, to: harness).status == 200)
            return harness.messages.dropFirst(count).compactMap { $0.attributes["messageId"] }
        }
        for attempt in 0..<2 {
            #expect(try ids(plain, "msg_1", attempt: Int64(attempt)) == ["msg_1"])
            #expect(
                try ids("[\(plain),\(plain)]", "msg_2", attempt: Int64(attempt)) == [
                    "msg_2.0", "msg_2.1",
                ])
        }
        let timed = #"{"event":"e","userId":"u","timestamp":1767607182}"#
        #expect(try ids(timed, "msg_3") == ["msg_3"])
        #expect(try ids(#"{"event":"e","userId":"u","event_id":"own"}"#, "msg_4") == ["own"])
        #expect(try ids(plain, String(long.dropLast())) == [String(long.dropLast())])
        let derived = try ids(plain, long)
        #expect(try ids(plain, long, attempt: 1) == derived)
        #expect(derived.first?.count == 36)
        #expect(try ids(plain, long + "y") != derived)
        #expect(
            try post("custom-token", plain, custom(plain, id: "c-1"), to: harness).status == 200)
        #expect(harness.messages.last?.attributes["messageId"] == "c-1")
    }

    @Test("every front's events are taken, and stages before the path")
    func fronts() throws {
        let harness = try Harness(partners: partners)
        let event = ProxyEvent("/webhook/v1/open-token", order)
        for bytes in [event.rest, event.version2(), event.balancer] {
            #expect(try harness.send(bytes).status == 200)
        }
        #expect(try harness.send(ProxyEvent("/prod/in/webhook/v1/open-token", order)).status == 200)
        #expect(harness.messages.count == 4)
    }

    @Test(
        "whoever it is that may not send is told why",
        arguments: [
            ("wrong-token", 404, "unknown_token"), ("open-toke", 404, "unknown_token"),
            ("open-tokenn", 404, "unknown_token"), ("OPEN-TOKEN", 404, "unknown_token"),
            ("%20", 404, "unknown_token"), ("%00", 404, "unknown_token"),
            (String(repeating: "t", count: 5000), 404, "unknown_token"),
            ("idle-token", 403, "partner_inactive"), ("banned-token", 403, "partner_suspended"),
            ("gone-token", 410, "partner_removed"), ("far-token", 403, "ip_not_allowed"),
            ("near-token", 401, "invalid_signature"),
        ])
    func refusals(token: String, status: Int, code: String) throws {
        let harness = try Harness(partners: partners)
        // Who it is counts before what it is.
        for body in [order, "{", "", "[]"] {
            let reply = try post(token, body, to: harness)
            #expect(reply.status == status)
            #expect(reply.code == code)
            #expect(reply.json?["message"]?.string?.isEmpty == false)
            #expect(!reply.text.contains("-token"))
        }
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("elsewhere an unknown or removed token is 401", arguments: ["wrong", "gone-token"])
    func elsewhere(token: String) throws {
        let harness = try Harness(partners: partners)
        for path in ["/webhook/segment/\(token)", "/webhook/customerio/\(token)"] {
            #expect(try harness.send(ProxyEvent(path, "{}")).status == 401)
        }
        let call = ProxyEvent("/v1/track", order, headers: [Harness.basic(token)])
        #expect(try harness.send(call).status == 401)
    }

    @Test("a token in a query or a header counts for nothing")
    func tokenElsewhere() throws {
        let harness = try Harness(partners: partners)
        var event = ProxyEvent(
            "/webhook/v1/wrong", order, headers: [Harness.basic("open-token")])
        event.query = [("token", "open-token")]
        #expect(try harness.send(event).status == 404)
    }

    @Test("every field that breaks a rule is named")
    func details() throws {
        let harness = try Harness(partners: partners)
        let body =
            #"{"event_type":"order.lost","timestamp":"noon","data":{"currency":null,"secret":"4711"}}"#
        let reply = try post("shop-token", body, to: harness)
        #expect(reply.status == 400)
        #expect(reply.code == "validation_failed")
        let details = reply.json?["details"]?.elements.map {
            "\($0["path"]?.string ?? "-") \($0["field"]?.string ?? "-") \($0["code"]?.string ?? "-")"
        }
        #expect(
            details == [
                "data.total - missing", "/data/currency - missing", "event_type event not_allowed",
                "data.user_id userId missing", "data.anonymous_id anonymousId missing",
            ])
        let sentences = reply.json?["details"]?.elements.map { $0["message"]?.string }
        #expect(sentences?.contains(nil) == false)
        #expect(!reply.text.contains("4711"))
        #expect(harness.messages.isEmpty)
        let reject = try JSONText(Array(try #require(harness.rejects.first).text.utf8)).root
        #expect(reject["body"]?.string == body)
        #expect(reject["code"]?.string == "validation_failed")
        #expect(reject["sender"]?.string == "partner")
        #expect(reject["partner"]?.string == "shop")
    }

    @Test("of an array the valid items are published, and the others rejected with their fields")
    func partly() throws {
        let harness = try Harness(partners: partners)
        let bad = #"{"event_type":"order.paid","data":{"user_id":"u","total":1}}"#
        let reply = try post("shop-token", "[\(order),\(bad),null,\(order)]", to: harness)
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 2)
        let rejected = try #require(reply.json?["rejected"]?.elements.map { $0 })
        #expect(rejected.map { $0["index"]?.int } == [1, 2])
        #expect(rejected.map { $0["code"]?.string } == ["validation_failed", "bad_request"])
        #expect(
            rejected.first?["fields"]?.elements.map { $0["path"]?.string } == ["/data/currency"])
        #expect(harness.messages.count == 2)
        #expect(harness.rejects.count == 2)
    }

    @Test(
        "each bad body has its status, and goes to the rejected topic",
        arguments: [
            ("", 400, "bad_request"), ("{", 400, "bad_request"), ("7", 400, "bad_request"),
            ("a=b", 400, "validation_failed"), ("[1=2]", 400, "bad_request"),
            ("[]", 400, "empty_batch"),
            ("[1]", 400, "bad_request"), ("[{},{}]", 400, "empty_batch_result"),
            ("{}", 400, "validation_failed"),
            (String(repeating: "[", count: 590), 400, "bad_request"),
            ("{" + String(repeating: " ", count: 600), 413, "body_too_large"),
        ])
    func badBodies(body: String, status: Int, code: String) throws {
        let harness = try Harness(partners: partners)
        let reply = try post("shop-token", body, to: harness)
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(harness.messages.isEmpty)
        #expect(!harness.rejects.isEmpty)
    }

    @Test("a gzip body counts by what it holds")
    func gzip() throws {
        let harness = try Harness(partners: partners)
        func send(_ body: [UInt8]) throws -> Harness.Reply {
            var event = ProxyEvent("/webhook/v1/shop-token", body: StoredGzip.encode(body))
            event.isBase64 = true
            return try harness.send(event)
        }
        #expect(try send(Array(order.utf8)).status == 200)
        let large = order + String(repeating: " ", count: 600)
        #expect(try send(Array(large.utf8)).status == 413)
    }

    @Test("too many items are too large")
    func manyItems() throws {
        let many = "[" + Array(repeating: "1", count: 2501).joined(separator: ",") + "]"
        let reply = try post("open-token", many)
        #expect(reply.status == 413)
        #expect(reply.code == "too_many_items")
    }

    @Test("a signature is asked for where the partner has a secret")
    func signatures() throws {
        let harness = try Harness(partners: partners)
        for (body, headers) in [
            (order, github(order)), (order, github(order, key: "older")),
            ("[\(order)]", github("[\(order)]")),
        ] {
            #expect(try post("signed-token", body, headers, to: harness).status == 200)
        }
        #expect(try post("near-token", order, github(order), to: harness).status == 200)
        #expect(harness.messages.allSatisfy { $0.attributes["auth"] == "signed" })
        let count = harness.messages.count
        for (body, headers) in [
            (order, []), (order + " ", github(order)), (order, github(order, key: "wrong")),
            (order, github(order) + github(order)), ("", github(order)), ("{", github(order)),
            (order, [("X-Hub-Signature-256", "sha256=")]),
        ] {
            let reply = try post("signed-token", body, headers, to: harness)
            #expect(reply.status == 401)
            #expect(reply.code == "invalid_signature")
        }
        #expect(harness.messages.count == count)
        #expect(harness.rejects.isEmpty)
    }

    @Test("what is signed and bad is its partner's, and rejected as such")
    func signedAndBad() throws {
        let harness = try Harness(partners: partners)
        let large = order + String(repeating: " ", count: 600)
        #expect(try post("signed-token", "{", github("{"), to: harness).status == 400)
        #expect(try post("signed-token", large, github(large), to: harness).status == 413)
        #expect(harness.rejects.count == 2)
        #expect(try post("signed-token", large, to: harness).status == 401)
        #expect(harness.rejects.count == 2)
    }

    @Test("a body that is gzip may be signed before or after it was compressed")
    func signedGzip() throws {
        let harness = try Harness(partners: partners)
        func status(_ body: [UInt8], signed: [UInt8]) throws -> Int {
            var event = ProxyEvent("/webhook/v1/signed-token", body: body)
            event.headers = github(signed)
            event.isBase64 = true
            return try harness.send(event).status
        }
        let plain = Array(order.utf8)
        let packed = StoredGzip.encode(plain)
        #expect(try status(packed, signed: packed) == 200)
        #expect(try status(packed, signed: plain) == 200)
        #expect(try status(plain, signed: packed) == 401)
        #expect(try status(Array(packed.dropLast(9)), signed: plain) == 401)
        let large = plain + [UInt8](repeating: UInt8(ascii: " "), count: 600)
        #expect(try status(StoredGzip.encode(large), signed: large) == 401)
        #expect(try status(StoredGzip.encode(large), signed: StoredGzip.encode(large)) == 413)
    }

    @Test("by Segment's scheme too all of the body must be signed")
    func segmentScheme() throws {
        let harness = try Harness(partners: partners)
        func status(_ body: String, signed: String) throws -> Int {
            let code = HMAC.sha1(key: Array(key.utf8), message: Array(signed.utf8))
            let header = (name: "X-Signature", value: Hex.encode(code.span))
            return try post("segment-token", body, [header], to: harness).status
        }
        #expect(try status(order, signed: order) == 200)
        #expect(try status("[\(order),\(order)]", signed: "[\(order),\(order)]") == 200)
        #expect(try status("[\(order),\(order)]", signed: order) == 401)
    }

    @Test(
        "a signed time counts within the tolerance",
        arguments: [(0, 200), (-300, 200), (300, 200), (-301, 401), (301, 401)])
    func tolerance(after: Int64, status: Int) throws {
        #expect(try post("stripe-token", order, stripe(order, after: after)).status == status)
    }

    @Test("a secret that cannot be read is 503, unless another one signed or none could have")
    func missingSecret() throws {
        let harness = try Harness(partners: partners) { _, call in
            call.entries.isEmpty ? SNSStandIn.error(500, "InternalError") : nil
        }
        #expect(try post("kept-token", order, stripe(order), to: harness).status == 200)
        let other = try post("kept-token", order, stripe(order + " "), to: harness)
        #expect(other.status == 503)
        #expect(other.code == "not_accepted")
        #expect(other["retry-after"] != nil)
        #expect(try post("kept-token", order, to: harness).status == 401)
        #expect(
            try post("kept-token", order, stripe(order, after: -9999), to: harness).status == 401)
    }

    @Test("what SNS does not take is 503 with the time to wait, and nothing is acknowledged")
    func notAccepted() throws {
        let harness = try Harness(partners: partners) { _, _ in
            SNSStandIn.error(500, "InternalError")
        }
        let reply = try post("open-token", order, to: harness)
        #expect(reply.status == 503)
        #expect(reply.code == "not_accepted")
        #expect(reply["retry-after"].flatMap(Int.init) != nil)
    }

    @Test(
        "what SNS cannot hold is too large, and what is kept of it is what was sent",
        arguments: [
            #"{"event":"e","user_id":"u","id":"m","data":{"p":"*"}}"#,
            #"{"event":"E","userId":"u","extra":"*"}"#,
        ])
    func hugePayload(frame: String) throws {
        let harness = try Harness(partners: partners)
        let body = frame.replacing("*", with: String(repeating: "x", count: 300_000))
        let reply = try post("open-token", body, to: harness)
        #expect(reply.status == 413)
        #expect(reply.code == "message_too_large")
        try #require(harness.rejects.count == 1)
        let reject = try JSONText(Array(harness.rejects[0].text.utf8)).root
        #expect(reject["bodyBytes"]?.int == body.utf8.count)
        let kept = try #require(reject["body"]?.string)
        #expect(kept.utf8.count > 200_000 && body.hasPrefix(kept))
    }
}
