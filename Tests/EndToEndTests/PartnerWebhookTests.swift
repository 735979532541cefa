import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
private let former = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

private let partners = #"""
    [{"name":"billing","webhook_token":"billing-token","validation_config":{"senders":["partner"],
       "signing":{"scheme":"standard-webhooks","secrets":["\#(secret)","\#(former)"]}}},
     {"name":"shop","webhook_token":"shop-token","validation_config":{"senders":["partner"],
       "required_fields":["order.total","/order/currency"],"event_types":["paid","sent"],
       "mapping":{"event":"/kind","userId":["order.buyer","buyer"],"timestamp":"at",
                  "messageId":"/order/id","properties":"/order"}}},
     {"name":"idle","webhook_token":"idle-token","status":"INACTIVE","validation_config":{"senders":["partner"]}},
     {"name":"held","webhook_token":"held-token","status":"SUSPENDED","validation_config":{"senders":["partner"]}},
     {"name":"away","webhook_token":"away-token","validation_config":{"senders":["partner"]},"deleted_at":"2026-01-01T00:00:00.000Z"},
     {"name":"office","webhook_token":"office-token","validation_config":{"senders":["partner"],
       "allowed_ips":["203.0.113.0/24"]}}]
    """#

@Suite("Partners, sending their own webhooks to Inlet", .timeLimit(.minutes(60)))
final class PartnerWebhookTests {
    private let inlet: LocalInlet

    init() throws { inlet = try LocalInlet(partners: partners) }

    deinit { inlet.stop() }

    @Test("what Standard Webhooks' own library signs is published, and nothing else")
    func standardWebhooks() throws {
        let client = try Program(
            try Tools.python("python"),
            [Tools.standardWebhooks, "\(inlet.url)/webhook/v1/billing-token", secret, former],
            environment: ["PATH": "/usr/bin:/bin", "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"])
        defer { client.stop() }
        guard try client.end() == .status(0) else {
            throw client.failure("not all could be sent")
        }
        let accepted = [
            "signed", "signed-with-the-former-secret", "one-of-several-signatures",
            "some-minutes-old",
        ]
        var refused = 0
        for line in client.output.split(separator: "\n") {
            let result = try parse(String(line))
            let name = try #require(result["name"]?.string)
            if accepted.contains(name) {
                #expect(result["status"]?.int == 200, "\(name)")
            } else {
                #expect(result["status"]?.int == 401, "\(name)")
                #expect(result["code"]?.string == "invalid_signature", "\(name)")
                refused += 1
            }
        }
        #expect(refused == 9)
        let published = try inlet.published()
        // The payload's `id` may be anything's; what was signed is the webhook's own.
        #expect(
            published.map { $0.attributes["messageId"] }
                == accepted.indices.map { "msg_\($0)" })
        #expect(published.map { $0.message["id"]?.string } == accepted)
        for message in published {
            #expect(message.attributes["auth"] == "signed")
            #expect(message.attributes["sender"] == "partner")
            #expect(message.attributes["partner"] == "billing")
            #expect(
                message.message["properties"]?.written
                    == #"{"user_id":"u-42","total":12.50,"name":"Jörg — €"}"#)
        }
        #expect(try inlet.published("Rejected").isEmpty)
        let printed = inlet.program.output + inlet.program.errors
        for hidden in [secret, former, "billing-token", "u-42"] {
            #expect(!printed.contains(hidden), "\(hidden)")
        }
    }

    @Test("a mapped webhook is published, and a reject names every field")
    func mapped() throws {
        let good =
            #"{"kind":"paid","at":1767607182.35,"order":{"id":"o-1","buyer":7,"total":12.50,"currency":"EUR"},"v":1.10}"#
        let bad = #"{"kind":"lost","at":"noon","order":{"total":null}}"#
        let reply = try inlet.post("/webhook/v1/shop-token", "[\(good),\(bad)]")
        #expect(reply.status == 200)
        let rejected = try #require(try reply.json()["rejected"]?.elements.first { _ in true })
        #expect(rejected["index"]?.int == 1)
        #expect(
            rejected["fields"]?.elements.map { $0["path"]?.string } == [
                "order.total", "/order/currency", "/kind", "order.buyer", "data.anonymous_id",
            ])
        let published = try inlet.published()
        try #require(published.count == 1)
        let message = published[0].message
        #expect(message["userId"]?.string == "7")
        #expect(message["timestamp"]?.string == "2026-01-05T09:59:42.350Z")
        #expect(
            message["properties"]?.written
                == #"{"id":"o-1","buyer":7,"total":12.50,"currency":"EUR"}"#)
        #expect(message["v"]?.written == "1.10")
        let alone = try inlet.post("/webhook/v1/shop-token", bad)
        try alone.expect(400, code: "validation_failed")
        #expect(try alone.json()["details"]?.elements.map { $0["code"]?.string }.count == 5)
        let rejects = try inlet.published("Rejected")
        #expect(rejects.map { $0.message["body"]?.string } == [bad, bad])
        #expect(!(inlet.program.output + inlet.program.errors).contains("o-1"))
    }

    @Test(
        "who may not send is told why",
        arguments: [
            ("wrong", 404, "unknown_token"), ("shop-token%2F", 404, "unknown_token"),
            ("idle-token", 403, "partner_inactive"), ("held-token", 403, "partner_suspended"),
            ("away-token", 410, "partner_removed"), ("office-token", 403, "ip_not_allowed"),
            ("billing-token", 401, "invalid_signature"),
        ])
    func refused(token: String, status: Int, code: String) throws {
        for body in [#"{"event_type":"e","user_id":"u"}"#, "not JSON"] {
            try inlet.post("/webhook/v1/\(token)", body).expect(status, code: code)
        }
        let other = try inlet.send("GET", "/webhook/v1/\(token)")
        try other.expect(405, code: "method_not_allowed")
        #expect(other.headers["allow"] == "POST")
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
    }
}
