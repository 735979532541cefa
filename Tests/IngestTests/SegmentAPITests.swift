import Formats
import TestSupport
import Testing
import Transport

private let track = #"{"event":"Order Shipped","userId":"u-1","messageId":"m-1"}"#

private func withKey(_ key: String, _ call: String = track) -> String {
    #"{"writeKey":"\#(key)",\#(call.dropFirst())"#
}

private func batch(_ items: [String], _ rest: String = "") -> String {
    #"{"batch":[\#(items.joined(separator: ","))]\#(rest)}"#
}

private func page(_ number: Int) -> String {
    #"{"type":"page","userId":"u","messageId":"m-\#(number)"}"#
}

/// gzip by the program of that name would need a process; stored blocks need none.
private func gzip(_ text: String) -> [UInt8] { StoredGzip.encode(Array(text.utf8)) }

@Suite("The tracking API")
struct SegmentAPITests {
    @Test(
        "the key is in the header, in the body, or in both",
        arguments: [
            (track, "wk_live_51xQ", 200), (withKey("wk_live_51xQ"), nil, 200),
            (withKey("wk_live_51xQ"), "wk_live_51xQ", 200), (track, nil, 401),
            (track, "wrong", 401),
            (withKey("wrong"), nil, 401), (withKey("near-token"), "wk_live_51xQ", 401),
            (withKey("wk_live_51xQ"), "near-token", 401), (withKey(""), nil, 401),
            (#"{"writeKey":null,"event":"e","userId":"u"}"#, "wk_live_51xQ", 200),
            (#"{"writeKey":7,"event":"e","userId":"u"}"#, "wk_live_51xQ", 401),
            (#"{"write_key":"wk_live_51xQ","event":"e","userId":"u"}"#, nil, 200),
            (#"{"writeKey":"ключ","event":"e","userId":"u"}"#, nil, 200),
            (track, "one-token", 200), (track, "two-token", 200), (track, "idle-token", 401),
            (track, "banned-token", 401), (track, "gone-token", 401),
        ] as [(String, String?, Int)])
    func authenticates(body: String, key: String?, status: Int) throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent("/v1/track", body, headers: key.map { [Harness.basic($0)] } ?? []))
        #expect(reply.status == status)
        #expect(harness.messages.count == (status == 200 ? 1 : 0))
        #expect(harness.rejects.isEmpty)
        if status == 401 {
            #expect(reply.code != nil)
            #expect(reply.json?["message"]?.string != nil)
        }
    }

    @Test(
        "malformed Basic is refused whatever the body says",
        arguments: ["Basic azpw", "Basic", "Basic ***", "Basic d2tfbGl2ZV81MXhROnB3"])
    func malformedBasic(header: String) throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent("/v1/track", withKey("wk_live_51xQ"), headers: [("authorization", header)]))
        #expect(reply.status == 401)
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a Bearer token goes with the key in the body")
    func bearer() throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent(
                "/v1/track", withKey("wk_live_51xQ"), headers: [("Authorization", "Bearer jwt")]))
        #expect(reply.status == 200)
    }

    @Test(
        "each path makes its call",
        arguments: [
            ("identify", "identify"), ("track", "track"), ("page", "page"), ("screen", "screen"),
            ("group", "group"), ("alias", "alias"), ("i", "identify"), ("t", "track"),
            ("p", "page"),
            ("s", "screen"), ("g", "group"), ("a", "alias"),
        ])
    func paths(segment: String, type: String) throws {
        let harness = try Harness()
        let call = withKey(
            "wk_live_51xQ", #"{"userId":"u","event":"e","groupId":"g","previousId":"p"}"#)
        for path in ["/v1/\(segment)", "/prod/v1/\(segment)/", "/base/path/v1/\(segment)"] {
            let reply = try harness.send(ProxyEvent(path, call))
            #expect(reply.status == 200)
            #expect(reply.text == #"{"success":true,"accepted":1}"#)
            #expect(reply["access-control-allow-origin"] == "*")
        }
        #expect(harness.messages.allSatisfy { $0.attributes["type"] == type })
        #expect(harness.messages.count == 3)
    }

    @Test("every front gets the same answer in its own shape")
    func fronts() throws {
        let harness = try Harness()
        let event = ProxyEvent("/v1/track", withKey("wk_live_51xQ"))
        for bytes in [
            event.rest, event.version2(), event.version2(domain: "x.lambda-url.eu-west-1.on.aws"),
            event.balancer,
        ] {
            #expect(try harness.send(bytes).status == 200)
        }
        #expect(harness.messages.count == 4)
    }

    @Test("the body is read by its content: text/plain, gzip, base64, a byte order mark")
    func contents() throws {
        let harness = try Harness()
        let text = withKey("wk_live_51xQ")
        var gzipped = ProxyEvent("/v1/track", body: gzip(text))
        gzipped.isBase64 = true
        var declared = gzipped
        declared.headers = [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")]
        var misdeclared = ProxyEvent("/v1/track", text, headers: [("Content-Encoding", "gzip")])
        misdeclared.isBase64 = true
        for event in [
            ProxyEvent("/v1/track", text, headers: [("Content-Type", "text/plain")]), gzipped,
            declared,
            misdeclared, ProxyEvent("/v1/track", "\u{FEFF}" + text),
        ] {
            #expect(try harness.send(event).status == 200)
        }
        #expect(Set(harness.messages.map(\.text)).count == 1)
    }

    @Test("a batch: items in order, context merged, times pushed down, one bad item set apart")
    func batches() throws {
        let harness = try Harness()
        let items = [
            page(1), #"{"type":"track","userId":"u","messageId":"m-2"}"#,
            #"{"type":"alias","userId":"u","previousId":"p","messageId":"m-3","context":{"ip":"1.2.3.4"}}"#,
        ]
        let body = batch(
            items,
            #","context":{"library":{"name":"x"}},"sentAt":"2026-01-05T10:00:00Z","writeKey":"wk_live_51xQ""#
        )
        for path in ["batch", "b", "import"] {
            let reply = try harness.send(ProxyEvent("/v1/\(path)", body))
            #expect(reply.status == 200)
            #expect(
                reply.text
                    == #"{"success":true,"accepted":2,"rejected":[{"index":1,"messageId":"m-2","#
                    + #""code":"event_not_defined","message":"A track call needs the event's name."}]}"#
            )
        }
        #expect(harness.messages.count == 6)
        let alias = try #require(harness.messages.first { $0.attributes["type"] == "alias" })
        #expect(alias.text.contains(#""context":{"ip":"1.2.3.4","library":{"name":"x"}}"#))
        #expect(alias.text.contains(#""sentAt":"2026-01-05T10:00:00Z""#))
        #expect(harness.rejects.count == 3)
        let rejected = try JSONText(Array(try #require(harness.rejects.first).text.utf8)).root
        #expect(rejected["code"]?.string == "event_not_defined")
        #expect(rejected["index"]?.int == 1)
        #expect(rejected["body"]?.string == items[1])
        #expect(rejected["partner"]?.string == "web-app")
        #expect(rejected["sender"]?.string == "segment-api")
        #expect(rejected["requestId"]?.string == "gateway-request-1")
        #expect(rejected["receivedAt"]?.string == "2026-01-05T10:00:00.500Z")
    }

    @Test("keys of a batch's items count, and must agree")
    func itemKeys() throws {
        let harness = try Harness()
        let item = #"{"type":"page","userId":"u","writeKey":"wk_live_51xQ"}"#
        #expect(try harness.send(ProxyEvent("/v1/b", batch([item, item]))).status == 200)
        let other = #"{"type":"page","userId":"u","writeKey":"near-token"}"#
        #expect(try harness.send(ProxyEvent("/v1/b", batch([item, other]))).status == 401)
        #expect(harness.messages.count == 2)
    }

    @Test(
        "what is not a batch of valid items",
        arguments: [
            (batch([]), "empty_batch"), (#"{"batch":{}}"#, "bad_request"), ("{}", "bad_request"),
            ("[]", "bad_request"), ("null", "bad_request"), (#"{"batch":null}"#, "bad_request"),
            (batch(["1", "{}"]), "empty_batch_result"), (batch(["{}"]), "type_not_defined"),
            (batch([#"{"type":"delete","userId":"u"}"#]), "unsupported_type"),
            (batch([page(1)], #","context":[1]"#), "context_not_object"),
            (batch([page(1)], #","integrations":"x""#), "integrations_not_object"),
        ])
    func badBatches(body: String, code: String) throws {
        let harness = try Harness()
        let reply = try harness.send(
            ProxyEvent("/v1/batch", body, headers: [Harness.basic("wk_live_51xQ")]))
        #expect(reply.status == 400)
        #expect(reply.code == code)
        #expect(reply.json?["message"]?.string != nil)
        #expect(harness.messages.isEmpty)
        #expect(!harness.rejects.isEmpty)
    }

    @Test("2 500 items are taken, 2 501 are not")
    func itemLimit() throws {
        let harness = try Harness()
        let key = [Harness.basic("wk_live_51xQ")]
        let most = batch((0..<2500).map(page))
        let reply = try harness.send(ProxyEvent("/v1/batch", most, headers: key))
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 2500)
        #expect(Set(harness.messages.map(\.attributes["messageId"])).count == 2500)
        let over = try harness.send(
            ProxyEvent("/v1/batch", batch((0..<2501).map(page)), headers: key))
        #expect(over.status == 400)
        #expect(over.code == "too_many_items")
    }

    @Test("sizes: a call of 32 768 bytes, a body of 528 384, and one byte more")
    func sizeLimits() throws {
        let harness = try Harness()
        let key = [Harness.basic("wk_live_51xQ")]
        func call(_ size: Int) -> String {
            let frame = #"{"event":"e","userId":"u","properties":{"p":""}}"#
            return frame.replacing(
                "\"\"", with: "\"" + String(repeating: "x", count: size - frame.utf8.count) + "\"")
        }
        #expect(try harness.send(ProxyEvent("/v1/track", call(32_768), headers: key)).status == 200)
        let large = try harness.send(ProxyEvent("/v1/track", call(32_769), headers: key))
        #expect(large.status == 400)
        #expect(large.code == "message_too_large")
        let padded = call(1000) + String(repeating: " ", count: 527_384)
        #expect(try harness.send(ProxyEvent("/v1/track", padded, headers: key)).status == 200)
        let over = try harness.send(ProxyEvent("/v1/track", padded + " ", headers: key))
        #expect(over.status == 400)
        #expect(over.code == "body_too_large")
        #expect(harness.messages.count == 2)
        #expect(harness.rejects.count == 2)
        let unknown = try harness.send(ProxyEvent("/v1/track", padded + " "))
        #expect(unknown.status == 400)
        #expect(harness.rejects.count == 2)
    }

    @Test("gzip that is cut short or inflates without end is not kept: a key could be in it")
    func badGzip() throws {
        let harness = try Harness()
        let whole = gzip(withKey("wk_live_51xQ"))
        let bodies = [
            (Array(whole.dropLast()), "bad_request"), (Array(whole.prefix(12)), "bad_request"),
            ([0x1F, 0x8B], "bad_request"),
            (gzip(String(repeating: " ", count: 6_000_000)), "body_too_large"),
        ]
        for (body, code) in bodies {
            var event = ProxyEvent("/v1/track", body: body)
            event.isBase64 = true
            event.headers = [Harness.basic("wk_live_51xQ")]
            let reply = try harness.send(event)
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
        #expect(harness.messages.isEmpty)
        #expect(harness.rejects.count == 4)
        for (reject, (body, code)) in zip(harness.rejects, bodies) {
            let json = try JSONText(Array(reject.text.utf8)).root
            #expect(json["code"]?.string == code)
            #expect(json["body"]?.string == "" && json["bodyBase64"] == nil)
            #expect(json["bodyBytes"]?.int == body.count)
        }
        // Nothing was cut that the topic could have held.
        #expect(try harness.lines().allSatisfy { $0["reason"]?.string != "cut" })
    }

    @Test("the header's key is in no reject of an unreadable body, whatever it is called there")
    func headerKeyIsEmptied() throws {
        let harness = try Harness()
        let body = #"{"key":"wk_live_51xQ","event":"E","userId":"u","#
        let event = ProxyEvent("/v1/track", body, headers: [Harness.basic("wk_live_51xQ")])
        #expect(try harness.send(event).status == 400)
        let reject = try #require(harness.rejects.first).text
        #expect(!reject.contains("wk_live") && reject.contains("userId"), "\(reject)")
    }

    @Test("a batch's context cannot multiply without bound")
    func contextGrowth() throws {
        let harness = try Harness()
        let context = #","context":{"a":"\#(String(repeating: "x", count: 20_000))"}"#
        let body = batch((0..<1000).map(page), context)
        let reply = try harness.send(
            ProxyEvent("/v1/batch", body, headers: [Harness.basic("wk_live_51xQ")]))
        #expect(reply.status == 400)
        #expect(reply.code == "message_too_large")
    }

    @Test("lone surrogates and repeated names pass through as the rules say")
    func odd() throws {
        let harness = try Harness()
        let body =
            #"{"event":"a\ud800","userId":"1","userId":"2","properties":{"x":1,"x":2,"y":"\udc00"},"writeKey":"wk_live_51xQ"}"#
        #expect(try harness.send(ProxyEvent("/v1/track", body)).status == 200)
        let text = harness.messages[0].text
        #expect(
            text.contains(
                #""userId":"2","event":"a\ud800","properties":{"x":1,"x":2,"y":"\udc00"}"#))
        #expect(!text.contains(#""userId":"1""#))
    }

    @Test("a write key is in nothing that is published, rejects included")
    func keyIsEmptied() throws {
        let harness = try Harness()
        let single = #"{"writeKey":"wk_live_51xQ","userId":"u","write_key":"wk_live_51xQ"}"#
        _ = try harness.send(ProxyEvent("/v1/track", single))
        _ = try harness.send(
            ProxyEvent(
                "/v1/batch",
                #"{"batch":[{"writeKey":"wk_live_51xQ","type":"page"}],"writeKey":"wk_live_51xQ"}"#)
        )
        _ = try harness.send(ProxyEvent("/v1/batch", #"{"batch":[],"writeKey":"wk_live_51xQ"}"#))
        #expect(harness.rejects.count == 3)
        #expect(harness.rejects.allSatisfy { !$0.text.contains("wk_live") })
        let body = try JSONText(Array(harness.rejects[0].text.utf8)).root["body"]?.string
        #expect(body == #"{"writeKey":"","userId":"u","write_key":""}"#)
    }

    @Test(
        "a batch that is rejected as a whole is kept as it was sent, without its items' keys",
        arguments: [
            #""context":"c""#, #""integrations":7"#,
            #""padding":"\#(String(repeating: "x", count: 528_384))""#,
        ])
    func itemKeysAreEmptied(member: String) throws {
        let harness = try Harness()
        func body(_ key: String) -> String {
            let item = #"{"type":"page","userId":"u","writeKey":"\#(key)","write_key" : "\#(key)"}"#
            return #"{"batch":[\#(item),\#(item)],\#(member),"WriteKey":"\#(key)"}"#
        }
        let reply = try harness.send(ProxyEvent("/v1/batch", body("wk_live_51xQ")))
        #expect(reply.status == 400)
        let reject = try #require(harness.rejects.first).text
        #expect(!reject.contains("wk_live"))
        let kept = try #require(try JSONText(Array(reject.utf8)).root["body"]?.string)
        #expect(body("").hasPrefix(kept))
        #expect(kept.utf8.count > 200_000 || kept == body(""))
    }

    @Test("too many items, and their keys")
    func keysOfManyItems() throws {
        let harness = try Harness()
        let item = #"{"type":"page","userId":"u","writeKey":"wk_live_51xQ"}"#
        for body in [
            batch(Array(repeating: item, count: 2501)), batch([], #","writeKey":"wk_live_51xQ""#),
        ] {
            let reply = try harness.send(ProxyEvent("/v1/batch", body))
            #expect(reply.status == 400)
        }
        #expect(harness.rejects.count == 2)
        #expect(harness.rejects.allSatisfy { !$0.text.contains("wk_live") })
    }

    @Test(
        "what cannot be read is kept for the partner whose key its bytes name",
        arguments: [
            // Cut off, and with a second value behind the first
            (#"{"writeKey":"wk_live_51xQ","batch":[{"type":"page","userId":"u"#, "bad_request"),
            (#"{"batch":[{"write_key" : "wk_live_51xQ"}]}}"#, "bad_request"),
            // Not UTF-8, a key that is named twice, and one that is cut off behind it
            (
                "{\"writeKey\":\"wk_live_51xQ\",\"a\":\"\u{1}\",\"writeKey\":\"wk_live_51xQ\"}",
                "bad_request"
            ),
            (#"{"writeKey":"wk_live_51xQ","b":[{"writeKey":"wk_live_51x"#, "bad_request"),
            (
                #"{"a":"\#(String(repeating: "x", count: 528_384))","writeKey":"wk_live_51xQ"}"#,
                "body_too_large"
            ),
        ])
    func keyInUnreadable(body: String, code: String) throws {
        let harness = try Harness()
        for bytes in [Array(body.utf8), gzip(body)] where bytes.count < 528_000 || bytes[0] == 0x7B
        {
            var event = ProxyEvent("/v1/batch", body: bytes)
            event.isBase64 = true
            let reply = try harness.send(event)
            #expect(reply.status == 400)
            #expect(reply.code == code)
            let reject = try JSONText(Array(try #require(harness.rejects.last).text.utf8)).root
            #expect(reject["partner"]?.string == "web-app")
            #expect(reject["code"]?.string == code)
            let kept = try #require(reject["body"]?.string)
            #expect(!kept.contains("wk_live"))
            #expect(kept.hasPrefix(String(body.prefix(2))))
        }
        #expect(harness.messages.isEmpty)
    }

    @Test(
        "what cannot be read and names nobody, or two, is kept nowhere",
        arguments: [
            #"{"batch":["#, #"{"writeKey":"nobody","batch":["#,
            #"{"writeKey":"idle-token","batch":["#,
            #"{"writeKey":"wk_live_51xQ","b":[{"writeKey":"near-token""#,
            #"{"notWriteKey":"wk_live_51xQ","batch":["#, #"{"writeKey":7,"batch":["#,
        ])
    func nobodyInUnreadable(body: String) throws {
        let harness = try Harness()
        let reply = try harness.send(ProxyEvent("/v1/batch", body))
        #expect(reply.status == 400)
        #expect(reply.code == "bad_request")
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a pixel's data that cannot be read is kept for its partner")
    func unreadablePixel() throws {
        let harness = try Harness()
        var event = ProxyEvent("/v1/pixel/track")
        event.method = "GET"
        event.query = [("data", #"{"writeKey":"wk_live_51xQ","event":"e""#)]
        #expect(try harness.send(event).status == 200)
        let reject = try #require(harness.rejects.first).text
        #expect(reject.contains("bad_request"))
        #expect(!reject.contains("wk_live"))
    }

    @Test("a batch's context and integrations of 32 768 bytes are taken, one more is not")
    func sharedLimit() throws {
        let harness = try Harness()
        func body(_ size: Int) -> String {
            let integrations = #"{"All":true}"#
            let frame = #"{"a":""}"#
            let filler = String(
                repeating: "x", count: size - integrations.utf8.count - frame.utf8.count)
            return batch(
                [page(1)], #","context":{"a":"\#(filler)"},"integrations":\#(integrations)"#)
        }
        let key = [Harness.basic("wk_live_51xQ")]
        #expect(try harness.send(ProxyEvent("/v1/batch", body(32_768), headers: key)).status == 200)
        let over = try harness.send(ProxyEvent("/v1/batch", body(32_769), headers: key))
        #expect(over.status == 400)
        #expect(over.code == "message_too_large")
    }

    @Test("self-metrics are answered and dropped")
    func selfMetrics() throws {
        let harness = try Harness()
        let reply = try harness.send(ProxyEvent("/v1/m", "not even JSON"))
        #expect(reply.status == 200)
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("preflights are answered on every path of the API")
    func preflight() throws {
        let harness = try Harness()
        for path in ["/v1/t", "/v1/batch", "/v1/unknown", "/prod/v1/t"] {
            var event = ProxyEvent(path)
            event.method = "OPTIONS"
            let reply = try harness.send(event)
            #expect(reply.status == 204)
            #expect(reply["access-control-allow-origin"] == "*")
            #expect(reply["access-control-allow-methods"] == "POST, GET, OPTIONS")
            #expect(
                reply["access-control-allow-headers"]
                    == "authorization, content-type, x-retry-count")
        }
    }

    @Test("the pixel is a GIF whatever comes of it")
    func pixel() throws {
        let harness = try Harness()
        func pixel(_ query: [(name: String, value: String)], path: String = "track") throws {
            var event = ProxyEvent("/v1/pixel/\(path)")
            event.method = "GET"
            event.query = query
            let reply = try harness.send(event)
            #expect(reply.status == 200)
            #expect(reply["content-type"] == "image/gif")
            #expect(reply["cache-control"] == "no-store")
            #expect(reply.isBase64)
            #expect(reply.body.starts(with: Array("GIF89a".utf8)))
        }
        let call = withKey("wk_live_51xQ")
        try pixel([("data", String(decoding: Base64.encode(Array(call.utf8)), as: UTF8.self))])
        try pixel(
            [
                ("userId", "u-9"), ("event", "Email Opened"), ("properties.subject", "Hi"),
                ("writeKey", "wk_live_51xQ"),
            ])
        #expect(harness.messages.count == 2)
        #expect(harness.messages[1].text.contains(#""properties":{"subject":"Hi"}"#))
        try pixel([("data", "***")])
        try pixel([])
        try pixel([("event", "e"), ("userId", "u"), ("writeKey", "wrong")])
        #expect(harness.messages.count == 2)
        try pixel([("event", ""), ("userId", "u"), ("writeKey", "wk_live_51xQ")])
        #expect(harness.rejects.count == 1)
    }

    @Test("a resend of a call with a time has the same message id")
    func resend() throws {
        let harness = try Harness()
        let body = withKey(
            "wk_live_51xQ", #"{"event":"e","userId":"u","sentAt":"2026-01-05T10:00:00Z"}"#)
        for _ in 0..<2 { _ = try harness.send(ProxyEvent("/v1/track", body)) }
        #expect(
            harness.messages[0].attributes["messageId"]
                == harness.messages[1].attributes["messageId"])
    }
}
