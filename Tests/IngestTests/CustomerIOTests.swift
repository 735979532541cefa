import Formats
import TestSupport
import Testing
import Transport

private let secret = "cio-signing-key-for-tests"
private let partners = #"""
    [{"name":"cio","webhook_token":"cio-token",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["an older one","\#(secret)"]}}},
     {"name":"relay","webhook_token":"relay-token",
      "validation_config":{"senders":["customerio"],"naming":"legacy","signing":{"scheme":"customerio","secrets":["relay"],"tolerance_seconds":0}}},
     {"name":"near","webhook_token":"near-token",
      "validation_config":{"senders":["customerio"],"allowed_ips":["198.51.100.0/24"],"signing":{"scheme":"customerio","secrets":["near"]}}},
     {"name":"idle","webhook_token":"idle-token","status":"INACTIVE",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["idle"]}}},
     {"name":"banned","webhook_token":"banned-token","status":"SUSPENDED",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["banned"]}}},
     {"name":"gone","webhook_token":"gone-token","deleted_at":"2026-01-01T00:00:00.000Z",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["gone"]}}},
     {"name":"unsigned","webhook_token":"unsigned-token","validation_config":{"senders":["customerio"]}},
     {"name":"slack","webhook_token":"slack-token",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"slack","secrets":["\#(secret)"]}}}]
    """#

private let body =
    #"{"event_id":"01KDVWE0R07Q4V8N2T5R9W3X6Y","object_type":"email","metric":"delivered","timestamp":1767225600,"data":{"identifiers":{"id":"cust-7781"},"subject":"Your parcel — on its way"}}"#
/// The harness's present.
private let now: Int64 = 1_767_607_200

private func signed(
    _ body: String = body, path: String = "/webhook/customerio/cio-token",
    secret: String = secret, seconds: Int64 = now
) -> ProxyEvent {
    CustomerIOWebhook.event(path, body, secret: secret, seconds: seconds)
}

@Suite("Customer.io")
struct CustomerIOTests {
    @Test("the partner is named by the token, or found by who signed")
    func routes() throws {
        let harness = try Harness(partners: partners)
        for path in [
            "/webhook/customerio/cio-token", "/webhook/customerio", "/webhook/customerio/",
            "/prod/webhook/customerio",
        ] {
            let reply = try harness.send(signed(path: path))
            #expect(reply.status == 200, "\(path)")
            #expect(reply.text == #"{"success":true,"accepted":1}"#)
        }
        #expect(
            try harness.send(signed(path: "/webhook/customerio", secret: "relay")).status == 200)
        #expect(
            harness.messages.map { $0.attributes["partner"] } == [
                "cio", "cio", "cio", "cio", "relay",
            ])
        #expect(
            harness.messages[0].attributes == [
                "type": "track", "event": "Email Delivered", "partner": "cio",
                "sender": "customerio", "auth": "signed",
                "messageId": "cio-01KDVWE0R07Q4V8N2T5R9W3X6Y",
                "requestId": "gateway-request-1",
            ])
        #expect(harness.messages[4].attributes["event"] == "customerio:email_delivered")
        // Each time the same message, so that the second is recognised.
        #expect(harness.messages[0].text == harness.messages[1].text)
        #expect(harness.messages[0].text.contains(#""email_subject":"Your parcel — on its way""#))
    }

    @Test("every front's event is verified by the bytes that were sent")
    func fronts() throws {
        let harness = try Harness(partners: partners)
        var event = signed()
        for isBase64 in [false, true] {
            event.isBase64 = isBase64
            for form in [
                event.rest, event.version2(),
                event.version2(domain: "x.lambda-url.eu-west-1.on.aws"), event.balancer,
            ] {
                #expect(try harness.send(form).status == 200)
            }
        }
        #expect(harness.messages.count == 8)
    }

    @Test(
        "what is not authentic is 401, and reaches no topic",
        arguments: [
            signed(secret: "wrong"), signed(secret: ""), signed(secret: "idle"),
            signed(seconds: now - 301), signed(seconds: now + 301), signed(seconds: 0),
            signed(path: "/webhook/customerio/wrong-token"),
            signed(path: "/webhook/customerio/relay-token"),
            signed(path: "/webhook/customerio", secret: "wrong"),
            signed(path: "/webhook/customerio", secret: "idle"),
            signed(path: "/webhook/customerio", secret: "gone"),
            signed(path: "/webhook/customerio/idle-token", secret: "idle"),
            signed(path: "/webhook/customerio/banned-token", secret: "banned"),
            signed(path: "/webhook/customerio/gone-token", secret: "gone"),
            signed(path: "/webhook/customerio/near-token", secret: "near"),
            signed(path: "/webhook/customerio", secret: "near"),
            changed { $0.body = Array(body.utf8) + [0x20] },
            changed { $0.body = Array(body.replacing("7781", with: "7782").utf8) },
            changed { $0.body = nil },
            changed { $0.headers = [] },
            changed { $0.headers.removeLast() },
            changed { $0.headers.removeFirst() },
            changed { $0.headers.append($0.headers[0]) },
            changed { $0.headers.append($0.headers[1]) },
            changed { $0.headers.append(("x-cio-signature", $0.headers[1].value)) },
            changed { $0.headers.append(("X-Cio-Timestamp", "1")) },
            changed { $0.headers[1].value += "00" },
            changed { $0.headers[1].value.removeLast() },
            changed { $0.headers[1].value = "" },
            changed { $0.headers[0].value = "+\($0.headers[0].value)" },
            ProxyEvent("/webhook/customerio", body), ProxyEvent("/webhook/customerio/wrong", "{"),
        ])
    func refused(event: ProxyEvent) throws {
        let harness = try Harness(partners: partners)
        let reply = try harness.send(event)
        #expect(reply.status == 401)
        #expect(reply.code != nil)
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a body that the front has broken is 401 as well")
    func unreadable() throws {
        let harness = try Harness(partners: partners)
        let event = String(decoding: signed().rest, as: UTF8.self)
            .replacing(#""isBase64Encoded":false"#, with: #""isBase64Encoded":true"#)
        #expect(try harness.send(Array(event.utf8)).status == 401)
    }

    @Test("a tolerance of 0 lets any time in, and lenient spellings count")
    func lenient() throws {
        let harness = try Harness(partners: partners)
        for seconds in [Int64(1), now, 9_999_999_999] {
            let event = signed(
                path: "/webhook/customerio/relay-token", secret: "relay", seconds: seconds)
            #expect(try harness.send(event).status == 200)
        }
        #expect(
            try harness.send(changed { $0.headers[1].value = $0.headers[1].value.uppercased() })
                .status == 200)
        #expect(
            try harness.send(changed { $0.headers[1].value = "v0=" + $0.headers[1].value }).status
                == 200)
    }

    @Test(
        "where there is no secret to check with, it is sent again",
        arguments: [
            "/webhook/customerio/unsigned-token", "/webhook/customerio/slack-token",
        ])
    func notConfigured(path: String) throws {
        let harness = try Harness(partners: partners)
        let reply = try harness.send(signed(path: path))
        #expect(reply.status == 503)
        #expect(reply.code == "signing_not_configured")
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a secret that cannot be had is 503, unless another one signed")
    func secretMissing() throws {
        let harness = try Harness(
            partners: #"""
                [{"name":"a","webhook_token":"a","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["ssm:/a"]}}},
                 {"name":"b","webhook_token":"b","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
                """#,
            fault: { _, call in
                call.action.isEmpty
                    ? .text(400, #"{"__type":"AccessDeniedException","message":"no"}"#) : nil
            })
        #expect(try harness.send(signed(path: "/webhook/customerio/a")).status == 503)
        #expect(try harness.send(signed(path: "/webhook/customerio/b")).status == 200)
        #expect(try harness.send(signed(path: "/webhook/customerio")).status == 200)
        #expect(
            try harness.send(signed(path: "/webhook/customerio", secret: "wrong")).status == 503)
        #expect(
            try harness.send(signed(path: "/webhook/customerio/b", secret: "wrong")).status == 401)
        #expect(harness.messages.count == 2)
    }

    @Test("a Parameter Store that says nothing delays nobody who signs with another secret")
    func secretSilent() throws {
        let harness = try Harness(
            partners: #"""
                [{"name":"a","webhook_token":"a","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["ssm:/a"]}}},
                 {"name":"b","webhook_token":"b","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["ssm:/b","\#(secret)"]}}}]
                """#,
            fault: { _, call in call.action.isEmpty ? .hold(.init(), then: .close) : nil })
        for path in ["/webhook/customerio", "/webhook/customerio/b"] {
            let watch = Stopwatch()
            #expect(try harness.send(signed(path: path), limit: .seconds(10)).status == 200)
            #expect(watch.waited < .seconds(1))
        }
        // Both fetches fit into one request, and the next one waits for neither.
        for limit in [Duration.milliseconds(2900), .milliseconds(900)] {
            let watch = Stopwatch()
            let event = signed(path: "/webhook/customerio", secret: "x")
            #expect(try harness.send(event, limit: .seconds(10)).status == 503)
            #expect(watch.waited < limit)
        }
    }

    @Test(
        "without a token a partner that may not send is known by its signature, and refused",
        arguments: ["INACTIVE", "SUSPENDED"])
    func onlyInactive(status: String) throws {
        let harness = try Harness(
            partners: #"""
                [{"name":"a","webhook_token":"a","status":"\#(status)",
                  "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
                """#)
        let reply = try harness.send(signed(path: "/webhook/customerio"))
        #expect(reply.status == 401)
        #expect(reply.code == "partner_\(status.lowercased())")
        let other = try harness.send(signed(path: "/webhook/customerio", secret: "wrong"))
        #expect(other.status == 401)
        #expect(other.code == "invalid_signature")
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("partners that cannot be read are 503")
    func noPartners() throws {
        let harness = try Harness(partners: "ssm:/partners") { _, _ in
            .text(400, #"{"__type":"AccessDeniedException","message":"no"}"#)
        }
        for path in ["/webhook/customerio", "/webhook/customerio/cio-token"] {
            #expect(try harness.send(signed(path: path)).status == 503)
        }
        // What has no signature at all is nobody's.
        #expect(try harness.send(ProxyEvent("/webhook/customerio", body)).status == 401)
    }

    @Test(
        "an authentic body that is no event is 200, and a reject with its bytes",
        arguments: [
            ("", "bad_request"), ("{", "bad_request"), ("[]", "bad_request"),
            ("garbage", "bad_request"),
            ("{}", "event_id_missing"),
            (#"{"event_id":"\#(String(repeating: "x", count: 97))"}"#, "message_id_too_long"),
            (
                #"{"event_id":"e","x":"\#(String(repeating: "x", count: 262_144))"}"#,
                "message_too_large"
            ),
        ])
    func rejects(body: String, code: String) throws {
        let harness = try Harness(partners: partners)
        let reply = try harness.send(signed(body))
        #expect(reply.status == 200)
        #expect(reply.json?["accepted"]?.int == 0)
        #expect(reply.json?["rejected"]?.elements.first?["code"]?.string == code)
        #expect(harness.messages.isEmpty)
        try #require(harness.rejects.count == 1)
        #expect(
            harness.rejects[0].attributes == [
                "code": code, "sender": "customerio", "partner": "cio",
            ])
        let kept = try JSONText(Array(harness.rejects[0].text.utf8)).root
        #expect(kept["body"]?.string.map { body.hasPrefix($0) } == true)
    }

    @Test("a reject that its topic does not take is sent again: nothing else knows of it")
    func rejectLost() throws {
        let harness = try Harness(partners: partners) { _, call in
            call.entries.first?.publication.topic == Harness.rejected
                ? SNSStandIn.error(500, "InternalError") : nil
        }
        #expect(try harness.send(signed("garbage")).status == 503)
        #expect(try harness.send(signed()).status == 200)
    }

    @Test("without a rejected topic a reject is only logged")
    func noRejectedTopic() throws {
        let harness = try Harness(rejectedTopic: false, partners: partners)
        #expect(try harness.send(signed("garbage")).status == 200)
        #expect(harness.sns.calls.isEmpty)
    }

    @Test("a message that SNS refuses is a reject, answered 200")
    func refusedBySNS() throws {
        let harness = try Harness(partners: partners) { _, call in
            call.entries.first?.publication.topic == Harness.topic
                ? SNSStandIn.error(400, "InvalidParameter") : nil
        }
        let reply = try harness.send(signed())
        #expect(reply.status == 200)
        #expect(reply.json?["rejected"]?.elements.first?["code"]?.string == "not_publishable")
        try #require(harness.rejects.count == 1)
        // It holds the message and not the webhook, and says so.
        let reject = try JSONText(Array(harness.rejects[0].text.utf8)).root
        #expect(reject["destination"]?.string == "sns")
        #expect(harness.rejects[0].attributes["destination"] == "sns")
        #expect(reject["body"]?.string?.hasPrefix(#"{"type":"track""#) == true)
    }

    @Test(
        "a failing SNS is 503, and never one of the codes that stall the stream",
        arguments: [
            SNSStandIn.error(500, "InternalError"), SNSStandIn.error(503, "ServiceUnavailable"),
            SNSStandIn.error(429, "Throttling"), SNSStandIn.error(403, "AuthorizationError"),
            .close,
            .reset,
        ])
    func failing(reply: SocketServer.Reply) throws {
        let harness = try Harness(partners: partners) { _, _ in reply }
        let watch = Stopwatch()
        let answer = try harness.send(signed(), limit: .seconds(10))
        #expect(answer.status == 503)
        #expect(answer["retry-after"] != nil)
        #expect(watch.waited < .seconds(3))
    }

    @Test("a silent SNS is answered inside of three seconds")
    func silence() throws {
        let harness = try Harness(partners: partners) { _, _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        #expect(try harness.send(signed(), limit: .seconds(10)).status == 503)
        #expect(watch.waited < .seconds(3))
    }

    @Test("other methods are 405, and other paths 404")
    func methods() throws {
        let harness = try Harness(partners: partners)
        for method in ["GET", "PUT", "HEAD"] {
            var event = signed()
            event.method = method
            let reply = try harness.send(event)
            #expect(reply.status == 405)
            #expect(reply["allow"] == "POST")
        }
        #expect(try harness.send(signed(path: "/webhook/customerio/a/b")).status == 404)
    }
}

/// A signed request with something about it changed.
private func changed(_ change: (inout ProxyEvent) -> Void) -> ProxyEvent {
    var event = signed()
    change(&event)
    return event
}
