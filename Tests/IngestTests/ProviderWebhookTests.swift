import Formats
import Platform
import Signing
import TestSupport
import Testing

private let secret = "provider-secret"
/// The same secret.
private let base64Secret = String(decoding: Base64.encode(Array(secret.utf8)), as: UTF8.self)

private let partners =
    "["
    + ["github", "shopify", "stripe", "slack"].map { scheme in
        #"{"name":"\#(scheme)","webhook_token":"\#(scheme)-token","validation_config":{"senders":["partner"],"#
            + #""signing":{"scheme":"\#(scheme)","secrets":["\#(secret)"]}}}"#
    }.joined(separator: ",")
        + #"""
        ,{"name":"standard","webhook_token":"standard-token","validation_config":{"senders":["partner"],
          "signing":{"scheme":"standard-webhooks","secrets":["whsec_\#(base64Secret)"]}}},
         {"name":"strict","webhook_token":"strict-token","validation_config":{"senders":["partner"],
          "event_types":["nothing"],"signing":{"scheme":"slack","secrets":["\#(secret)"]}}},
         {"name":"own","webhook_token":"own-token","validation_config":{"senders":["partner"],
          "mapping":{"event":{"header":"X-Event-Name"},"messageId":{"header":"X-Delivery"},
                     "userId":"who.id"}}}]
        """#

private typealias Headers = [(name: String, value: String)]

private let seconds = Harness.now.milliseconds / 1000

private func code(_ text: [UInt8]) -> [UInt8] {
    let code = HMAC.sha256(key: Array(secret.utf8), message: text)
    return code.indices.map { code[$0] }
}

private func hex(_ text: String) -> String {
    Hex.encode(code(Array(text.utf8)).span)
}

private func base64(_ text: String) -> String {
    String(decoding: Base64.encode(code(Array(text.utf8))), as: UTF8.self)
}

private func github(_ body: String, event: String, delivery: String) -> Headers {
    [
        ("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery), ("X-GitHub-Hook-ID", "9"),
        ("X-Hub-Signature-256", "sha256=" + hex(body)),
    ]
}

private func slack(_ body: String) -> Headers {
    [
        ("X-Slack-Request-Timestamp", "\(seconds)"),
        ("X-Slack-Signature", "v0=" + hex("v0:\(seconds):\(body)")),
    ]
}

private func shopify(_ body: String, topic: String, more: Headers = []) -> Headers {
    [
        ("X-Shopify-Topic", topic), ("X-Shopify-Webhook-Id", "w-1"), ("X-Shopify-Event-Id", "e-1"),
        ("X-Shopify-Shop-Domain", "acme.myshopify.com"),
        ("X-Shopify-Hmac-Sha256", base64(body)),
    ] + more
}

private func stripe(_ body: String) -> Headers {
    [("Stripe-Signature", "t=\(seconds),v1=\(hex("\(seconds).\(body)"))")]
}

/// Signed by Standard Webhooks, under the names of one family of headers.
private func standard(_ body: String, id: String, family: String = "webhook") -> Headers {
    [
        ("\(family)-id", id), ("\(family)-timestamp", "\(seconds)"),
        ("\(family)-signature", "v1," + base64("\(id).\(seconds).\(body)")),
    ]
}

@Suite("Providers' webhooks, without a mapping")
struct ProviderWebhookTests {
    private func post(
        _ partner: String, _ body: String, _ headers: Headers, to harness: Harness
    ) throws -> Harness.Reply {
        try harness.send(ProxyEvent("/webhook/v1/\(partner)-token", body, headers: headers))
    }

    /// The only message that a webhook becomes.
    private func message(
        _ partner: String, _ body: String, _ headers: Headers
    ) throws -> JSONValue {
        let harness = try Harness(partners: partners)
        let reply = try post(partner, body, headers, to: harness)
        #expect(reply.status == 200, "\(reply.text)")
        try #require(harness.messages.count == 1)
        return try JSONText(Array(harness.messages[0].text.utf8)).root
    }

    private static let push =
        #"{"ref":"refs/heads/main","before":"0","after":"1","commits":[{"id":"1","message":"Mend"}],"#
        + #""pusher":{"name":"ada","email":"ada@example.org"},"repository":{"id":7,"name":"mill"},"#
        + #""sender":{"login":"ada","id":583231,"type":"User"}}"#

    @Test("GitHub: event and id are in headers, who has done it is the sender")
    func githubPush() throws {
        let message = try message(
            "github", Self.push, github(Self.push, event: "push", delivery: "d-1"))
        #expect(message["type"]?.string == "track")
        #expect(message["event"]?.string == "push")
        #expect(message["messageId"]?.string == "d-1")
        #expect(message["userId"]?.string == "583231")
        #expect(message["anonymousId"] == nil)
        #expect(message["properties"]?.raw.elementsEqual(Self.push.utf8) == true)
        #expect(message["sender"] == nil && message["payload"] == nil)
    }

    @Test("GitHub: a redelivery is the same message, and another delivery another one")
    func githubRedelivery() throws {
        let harness = try Harness(partners: partners)
        for delivery in ["d-1", "d-1", "d-2"] {
            let headers = github(Self.push, event: "push", delivery: delivery)
            #expect(try post("github", Self.push, headers, to: harness).status == 200)
        }
        #expect(
            harness.messages.compactMap { $0.attributes["messageId"] } == ["d-1", "d-1", "d-2"])
    }

    @Test("GitHub: what names no user is about its repository, or its hook")
    func githubPing() throws {
        let ping =
            #"{"zen":"Keep it logically awesome.","hook_id":12,"hook":{"type":"App","id":12}}"#
        let message = try message("github", ping, github(ping, event: "ping", delivery: "d"))
        #expect(message["event"]?.string == "ping")
        #expect(message["userId"] == nil)
        #expect(message["anonymousId"]?.string == "12")
    }

    @Test("GitHub: a form's payload is read, and its signature is the form's")
    func githubForm() throws {
        let form = "payload=" + PercentEncoding.encode(Self.push, space: .plus)
        var headers = github(form, event: "push", delivery: "d-1")
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        let message = try message("github", form, headers)
        #expect(message["userId"]?.string == "583231")
        #expect(message["properties"]?.raw.elementsEqual(Self.push.utf8) == true)
        // Signed as if the payload had been the body.
        let harness = try Harness(partners: partners)
        let wrong = github(Self.push, event: "push", delivery: "d-1")
        #expect(try post("github", form, wrong, to: harness).status == 401)
    }

    @Test("Shopify: topic, delivery and time are in headers, the customer is the user")
    func shopifyOrder() throws {
        let order =
            #"{"id":820982911946154508,"email":"jon@example.com","created_at":"2021-12-31T19:00:00-05:00","#
            + #""total_price":"403.00","customer":{"id":115310627314723954,"email":"jon@example.com"},"test":true}"#
        let message = try message(
            "shopify", order,
            shopify(
                order, topic: "orders/create",
                more: [("X-Shopify-Triggered-At", "2026-01-05T09:59:42.350123456Z")]))
        #expect(message["event"]?.string == "orders/create")
        #expect(message["messageId"]?.string == "w-1")
        #expect(message["userId"]?.string == "115310627314723954")
        #expect(message["timestamp"]?.string?.hasPrefix("2026-01-05T09:59:42.350") == true)
        #expect(message["properties"]?.raw.elementsEqual(order.utf8) == true)
    }

    @Test("Shopify: a customer is the user itself, and a product is the shop's")
    func shopifyOthers() throws {
        let customer = #"{"id":706405506930370084,"email":"bob@example.com","orders_count":0}"#
        #expect(
            try message("shopify", customer, shopify(customer, topic: "customers/create"))[
                "userId"]?.string == "706405506930370084")
        let product = #"{"id":788032119674292922,"title":"Example T-Shirt","variants":[]}"#
        let message = try message(
            "shopify", product, shopify(product, topic: "products/update"))
        #expect(message["userId"] == nil)
        #expect(message["anonymousId"]?.string == "acme.myshopify.com")
    }

    @Test("Stripe: the object becomes the properties and is not published a second time")
    func stripeInvoice() throws {
        let object = #"{"id":"in_1","object":"invoice","customer":"cus_42","amount_paid":1250}"#
        let event =
            #"{"id":"evt_1","object":"event","api_version":"2024-06-20","created":1767607182,"#
            + #""data":{"object":\#(object),"previous_attributes":{"status":"open"}},"livemode":true,"#
            + #""pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"invoice.paid"}"#
        let message = try message("stripe", event, stripe(event))
        #expect(message["event"]?.string == "invoice.paid")
        #expect(message["messageId"]?.string == "evt_1")
        #expect(message["userId"]?.string == "cus_42")
        #expect(message["timestamp"]?.string == "2026-01-05T09:59:42.000Z")
        #expect(message["properties"]?.raw.elementsEqual(object.utf8) == true)
        #expect(
            message["data"]?.raw.elementsEqual(#"{"previous_attributes":{"status":"open"}}"#.utf8)
                == true)
        #expect(message["livemode"]?.bool == true)
        #expect(message["id"] == nil)
    }

    @Test("Stripe: a customer is the user itself, and what has none is about its object")
    func stripeOthers() throws {
        func event(_ object: String) -> String {
            #"{"id":"evt_2","object":"event","type":"x.created","created":1767607182,"data":{"object":\#(object)}}"#
        }
        let customer = event(#"{"id":"cus_7","object":"customer","email":"a@example.org"}"#)
        #expect(
            try message("stripe", customer, stripe(customer))["userId"]?.string == "cus_7")
        let product = event(#"{"id":"prod_7","object":"product","customer":null}"#)
        let message = try message("stripe", product, stripe(product))
        #expect(message["userId"] == nil)
        #expect(message["anonymousId"]?.string == "prod_7")
        #expect(message["data"] == nil)
        let thin =
            #"{"id":"evt_3","object":"v2.core.event","type":"v1.billing.meter.no_meter_found","#
            + #""created":"2026-01-05T09:59:42.000Z","related_object":{"id":"meter_1","type":"billing.meter"}}"#
        #expect(
            try self.message("stripe", thin, stripe(thin))["anonymousId"]?.string == "meter_1")
    }

    @Test("Slack: an event, without the token that comes with it")
    func slackEvent() throws {
        let inner = #"{"type":"app_mention","user":"U061F7AUR","text":"hi","channel":"C0LAN2Q65"}"#
        let body =
            #"{"token":"one-long-verification-token","team_id":"T061EG9R6","api_app_id":"A0PNCHHK2","#
            + #""event":\#(inner),"type":"event_callback","event_id":"Ev0PV52K21","event_time":1767607182,"#
            + #""authorizations":[{"team_id":"T061EG9R6"}]}"#
        let message = try message("slack", body, slack(body))
        #expect(message["event"]?.string == "app_mention")
        #expect(message["messageId"]?.string == "Ev0PV52K21")
        #expect(message["userId"]?.string == "U061F7AUR")
        #expect(message["timestamp"]?.string == "2026-01-05T09:59:42.000Z")
        #expect(message["properties"]?.raw.elementsEqual(inner.utf8) == true)
        #expect(message["team_id"]?.string == "T061EG9R6")
        #expect(!String(decoding: message.raw, as: UTF8.self).contains("verification-token"))
    }

    @Test("Slack: a user may be an object, and a bot has none")
    func slackUsers() throws {
        func body(_ inner: String) -> String {
            #"{"token":"x","team_id":"T1","api_app_id":"A1","type":"event_callback","event_id":"E1","#
                + #""event":\#(inner),"event_time":1767607182}"#
        }
        let joined = body(#"{"type":"team_join","user":{"id":"U9","name":"ada"}}"#)
        #expect(try message("slack", joined, slack(joined))["userId"]?.string == "U9")
        let bot = body(#"{"type":"message","subtype":"bot_message","bot_id":"B7","text":"x"}"#)
        let message = try message("slack", bot, slack(bot))
        #expect(message["userId"] == nil)
        #expect(message["anonymousId"]?.string == "B7")
    }

    @Test("Slack: a command's fields and an interaction's payload are read as JSON objects")
    func slackForms() throws {
        let command =
            "token=gIkuvaNzQIHg97ATvDxqgjtO&team_id=T0001&user_id=U2147483697&user_name=Steve"
            + "&command=%2Fweather&text=94070+now&trigger_id=13345224609.738474920.8088930838d88f"
            + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1234%2F5678&api_app_id=A1"
        let first = try message("slack", command, slack(command))
        #expect(first["event"]?.string == "/weather")
        #expect(first["userId"]?.string == "U2147483697")
        #expect(first["messageId"]?.string == "13345224609.738474920.8088930838d88f")
        #expect(first["properties"]?["text"]?.string == "94070 now")
        #expect(first["properties"]?["token"] == nil)
        let json =
            #"{"type":"block_actions","user":{"id":"UA8RXUSPL"},"team":{"id":"T9TK3CUKW"},"#
            + #""api_app_id":"AABA1ABCD","token":"9s8d9as89d8as9d8as989","trigger_id":"12466734323.1395872398","#
            + #""actions":[{"action_id":"WaXA","value":"é&="}]}"#
        let form = "payload=" + PercentEncoding.encode(json, space: .plus)
        let second = try message("slack", form, slack(form))
        #expect(second["event"]?.string == "block_actions")
        #expect(second["userId"]?.string == "UA8RXUSPL")
        #expect(
            second["properties"]?["actions"]?.element(at: 0)?["value"]?.string == "é&=")
    }

    @Test("Slack's question whether somebody is here is answered, and nothing is published")
    func slackChallenge() throws {
        let harness = try Harness(partners: partners)
        let body =
            #"{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY","type":"url_verification"}"#
        let reply = try post("slack", body, slack(body), to: harness)
        #expect(reply.status == 200)
        #expect(reply.json?["challenge"]?.string == "3eZbrw1aBm2rZgRNFdxV2595E9CY")
        // Not to somebody who has not signed, nor for another scheme.
        let unsigned = try post("slack", body, [], to: harness)
        #expect(unsigned.status == 401)
        #expect(!unsigned.text.contains("3eZbrw1a"))
        let other = try post(
            "github", body, [("X-Hub-Signature-256", "sha256=" + hex(body))], to: harness)
        #expect(!other.text.contains("3eZbrw1a"))
        #expect(harness.messages.isEmpty)
    }

    @Test(
        "Slack's token, which opens what others still verify by it, is in no reject",
        arguments: [
            #"{"token":"Jhj5dZrVaK7ZwHHj","type":"event_callback","event_id":"E1","event":{"type":"x","user":"U"}}"#,
            #"{"token" : "Jhj5dZrVaK7ZwHHj","type":"event_callback"} and no JSON"#,
            "token=Jhj5dZrVaK7ZwHHj&team_id=T1&command=%2Fweather&user_id=U1",
            "payload=%7B%22token%22%3A%22Jhj5dZrVaK7ZwHHj%22%2C%22type%22%3A%22block_actions%22%7D",
            #"[{"token":"Jhj5dZrVaK7ZwHHj"},7]"#,
        ])
    func slackTokenIsEmptied(body: String) throws {
        let harness = try Harness(partners: partners)
        let reply = try post("strict", body, slack(body), to: harness)
        #expect(reply.status == 400, "\(reply.text)")
        try #require(!harness.rejects.isEmpty)
        for reject in harness.rejects {
            #expect(!reject.text.contains("Jhj5dZrVaK7ZwHHj"), "\(reject.text)")
            #expect(try JSONText(Array(reject.text.utf8)).root["body"]?.string?.isEmpty == false)
        }
    }

    @Test("a form with a field named payload among others loses none of them")
    func formWithPayload() throws {
        let form = "event=order.paid&id=77&anonymous_id=a-1&payload=%7B%22a%22%3A1%7D"
        let message = try message("own", form, [("X-Event-Name", "paid"), ("X-Delivery", "d-9")])
        let text = String(decoding: message.raw, as: UTF8.self)
        for kept in ["order.paid", "77", "a-1", #"{\"a\":1}"#] {
            #expect(text.contains(kept), "\(text)")
        }
    }

    @Test(
        "Standard Webhooks: what its specification recommends names no user, and passes",
        arguments: ["webhook", "svix"])
    func standardWebhooks(family: String) throws {
        let body =
            #"{"type":"invoice.paid","timestamp":"2026-01-05T09:59:42.350Z","data":{"id":"in_7","total":12.50}}"#
        let message = try message(
            "standard", body, standard(body, id: "msg_1", family: family))
        #expect(message["event"]?.string == "invoice.paid")
        #expect(message["messageId"]?.string == "msg_1")
        #expect(message["anonymousId"]?.string == "in_7")
        let bare = #"{"type":"ping","timestamp":"2026-01-05T09:59:42.350Z","data":{}}"#
        #expect(
            try self.message("standard", bare, standard(bare, id: "msg_2", family: family))[
                "anonymousId"]?.string == "msg_2")
        let named = #"{"type":"x","timestamp":1767607182,"data":{"id":"i","user_id":"u"}}"#
        let third = try self.message(
            "standard", named, standard(named, id: "msg_3", family: family))
        #expect(third["userId"]?.string == "u")
        #expect(third["anonymousId"] == nil)
    }

    @Test("the names of the two families are never mixed")
    func families() throws {
        let body = #"{"type":"x","timestamp":1767607182,"data":{"user_id":"u"}}"#
        let (webhook, svix) = (
            standard(body, id: "msg_1"), standard(body, id: "msg_1", family: "svix")
        )
        let harness = try Harness(partners: partners)
        for headers in [
            [webhook[0], webhook[1], svix[2]], [svix[0], svix[1], webhook[2]],
            [webhook[0], svix[1], svix[2]], [svix[0], webhook[1], webhook[2]], [svix[2]],
        ] {
            #expect(try post("standard", body, headers, to: harness).status == 401)
        }
        // Some send both.
        #expect(try post("standard", body, webhook + svix, to: harness).status == 200)
    }

    @Test("a scheme that is borrowed for payloads of one's own keeps the standard mapping")
    func borrowed() throws {
        let body =
            #"{"event_type":"order.paid","event_id":"e","user_id":"u","data":{"total":1},"timestamp":1767607182}"#
        for (partner, headers) in [
            ("github", [("X-Hub-Signature-256", "sha256=" + hex(body))] as Headers),
            ("shopify", [("X-Shopify-Hmac-Sha256", base64(body))]), ("stripe", stripe(body)),
            ("slack", slack(body)),
        ] {
            let message = try message(partner, body, headers)
            #expect(message["event"]?.string == "order.paid")
            #expect(message["messageId"]?.string == "e")
            #expect(message["properties"]?["total"]?.int == 1)
        }
    }

    @Test("a mapping of one's own may name headers; of an array each item gets an id of its own")
    func ownHeaders() throws {
        let headers = [("x-event-name", "moved"), ("X-DELIVERY", "d-9")]
        let one = try message("own", #"{"who":{"id":"u","n":1},"a":1}"#, headers)
        #expect(one["event"]?.string == "moved")
        #expect(one["messageId"]?.string == "d-9")
        #expect(one["userId"]?.string == "u")
        #expect(one["who"]?.raw.elementsEqual(#"{"n":1}"#.utf8) == true)
        let harness = try Harness(partners: partners)
        let item = #"{"who":{"id":"u"}}"#
        #expect(try post("own", "[\(item),\(item)]", headers, to: harness).status == 200)
        #expect(harness.messages.compactMap { $0.attributes["messageId"] } == ["d-9.0", "d-9.1"])
        let without = try post("own", item, [], to: harness)
        #expect(without.status == 400)
        #expect(without.text.contains("event (the header x-event-name) is missing"))
    }

    /// A request to a partner's webhook with a body that is gzip.
    private func compressed(
        _ partner: String, _ body: [UInt8], _ headers: Headers
    ) -> ProxyEvent {
        var event = ProxyEvent("/webhook/v1/\(partner)-token", body: body)
        event.headers = headers
        event.isBase64 = true
        return event
    }

    @Test("a form that is gzip is a form")
    func compressedForm() throws {
        let harness = try Harness(partners: partners)
        let form = StoredGzip.encode(Array("who[id]=u&a=1&b=%C3%A9".utf8))
        let reply = try harness.send(compressed("own", form, [("X-Event-Name", "e")]))
        #expect(reply.status == 400)
        #expect(reply.text.contains("userId"), "\(reply.text)")
        let reject = try JSONText(Array(try #require(harness.rejects.first).text.utf8)).root
        #expect(reject["body"]?.string == "who[id]=u&a=1&b=%C3%A9")
        let json = #"{"who":{"id":"u"}}"#
        let payload = StoredGzip.encode(Array("payload=\(PercentEncoding.encode(json))".utf8))
        #expect(
            try harness.send(compressed("own", payload, [("X-Event-Name", "e")])).status == 200)
        #expect(harness.messages.count == 1)
    }

    @Test("Slack's token is in no reject of a body that is gzip, sound or not")
    func compressedToken() throws {
        let token = "Jhj5dZrVaK7ZwHHj"
        let whole = StoredGzip.encode(Array(#"{"token":"\#(token)","type":"x","a":[}"#.utf8))
        let bodies = [whole, Array(whole.dropLast(9))]
        let harness = try Harness(partners: partners)
        for body in bodies {
            let code = code(Array("v0:\(seconds):".utf8) + body)
            let headers: Headers = [
                ("X-Slack-Request-Timestamp", "\(seconds)"),
                ("X-Slack-Signature", "v0=" + Hex.encode(code.span)),
            ]
            #expect(try harness.send(compressed("strict", body, headers)).status == 400)
        }
        try #require(harness.rejects.count == 2)
        let kept = try harness.rejects.map { try JSONText(Array($0.text.utf8)).root }
        #expect(kept[0]["body"]?.string == #"{"token":"","type":"x","a":[}"#)
        #expect(kept[1]["body"]?.string == "")
        #expect(kept[1]["bodyBytes"]?.int == bodies[1].count)
    }

    @Test("a form that breaks a rule goes to the rejected topic as it was sent")
    func rejectedForm() throws {
        let harness = try Harness(partners: partners)
        #expect(try post("own", "a=1&b=%C3%A9", [], to: harness).status == 400)
        let reject = try JSONText(Array(try #require(harness.rejects.first).text.utf8)).root
        #expect(reject["body"]?.string == "a=1&b=%C3%A9")
    }

    @Test("JSON that curl calls a form is JSON")
    func curlsForm() throws {
        let headers: Headers = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("X-Event-Name", "e"),
        ]
        for body in [#"{"who":{"id":"a=b"}}"#, #" {"who":{"id":"a=b"}}"#] {
            #expect(try message("own", body, headers)["userId"]?.string == "a=b")
        }
    }
}
