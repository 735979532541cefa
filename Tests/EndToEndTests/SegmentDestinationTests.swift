import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let partners = """
    [{"name": "web-app", "webhook_token": "wk-1", "validation_config": {"senders": ["segment-destination"]}},
     {"name": "former", "webhook_token": "wk-former", "status": "INACTIVE", "validation_config": {"senders": ["segment-destination"]}},
     {"name": "held", "webhook_token": "wk-held", "status": "SUSPENDED", "validation_config": {"senders": ["segment-destination"]}},
     {"name": "office", "webhook_token": "wk-office",
      "validation_config": {"senders": ["segment-destination"], "allowed_ips": ["203.0.113.0/24", "2001:db8::/32"]}},
     {"name": "home", "webhook_token": "wk-home",
      "validation_config": {"senders": ["segment-destination"], "allowed_ips": ["203.0.113.0/24", "127.0.0.0/8"]}},
     {"name": "signing", "webhook_token": "wk-signing",
      "validation_config": {"senders": ["segment-destination"], "signing": {
        "scheme": "segment", "secrets": ["an older secret", "segment-shared-secret"]}}}]
    """

/// As Segment's servers send it, with what a careless reader would spoil.
private let call =
    #"{"type":"group","messageId":"ajs-4f0c27","userId":"u-100","groupId":"org-77","traits":"#
    + #"{"name":"Håfen 🚢 שלום é","employees":48,"total billed":910.50,"#
    + #""big":123456789012345678901234567890,"path":"a\/b\u00e9","z":1,"a":2},"#
    + #""context":{"ip":"203.0.113.9"},"integrations":{},"#
    + #""originalTimestamp":"2026-01-05T10:00:00.000Z","sentAt":"2026-01-05T10:00:00.310Z","#
    + #""receivedAt":"2026-01-05T10:00:00.402Z","timestamp":"2026-01-05T10:00:00.092Z","version":2}"#

// Source: the vectors of Segment's X-Signature, made with the secret "segment-shared-secret".
private let shipped =
    #"{"messageId":"msg-0001","type":"track","event":"Order Shipped","userId":"u-42","properties":"#
    + #"{"url":"https://shop.example/o/9","total":12.5}}"#
private let named =
    #"{"messageId":"msg-0002","type":"identify","userId":"u-42","traits":{"name":"Zoë"}}"#
private let shippedSignature = "c49c8c992521f86a521a1c7b822ff29494a8e3ed"
private let namedSignature = "2e40bccdd1c3a41ada36e914d683a736e76e4359"
private let batchSignature = "8ea532c408cf1a2dcdeeeaa176e74f4c73c05541"

@Suite("Segment's servers, sending to Inlet", .everyFront, .timeLimit(.minutes(60)))
final class SegmentDestinationTests {
    private let inlet: LocalInlet

    init() throws { inlet = try LocalInlet(partners: partners) }

    deinit { inlet.stop() }

    @Test("with the right key a call is published as it came")
    func rightKey() throws {
        let reply = try inlet.post("/v1/segment", call, headers: [basic("wk-1")])
        #expect(reply.status == 200)
        #expect(try parse(reply.text)["accepted"]?.int == 1)
        let published = try inlet.published()
        try #require(published.count == 1)
        let sent = try parse(call)
        let message = published[0].message
        for member in sent.members {
            let name = try #require(member.name.string)
            #expect(message[name]?.written == member.value.written, "\(name)")
        }
        #expect(
            message.members.map(\.name.string) == [
                "type", "messageId", "userId", "groupId", "traits", "context", "integrations",
                "timestamp", "originalTimestamp", "sentAt", "receivedAt", "version",
            ])
        var attributes = published[0].attributes
        #expect(attributes.removeValue(forKey: "requestId")?.isEmpty == false)
        #expect(
            attributes == [
                "type": "group", "partner": "web-app", "sender": "segment-destination",
                "auth": "key", "messageId": "ajs-4f0c27",
            ])
    }

    /// Credentials, the status by which an authorizer refuses them, and what the function says of
    /// them when there is none.
    struct Refused: Sendable {
        let authorization: String?
        let status: Int
        var code = "unauthorized"
    }

    @Test(
        "what the authorizer refuses, or the function without one, reaches no topic",
        arguments: [
            Refused(authorization: nil, status: 401), Refused(authorization: "", status: 401),
            Refused(authorization: "Basic d3Jvbmc6", status: 403),
            Refused(authorization: "Basic !!!", status: 403),
            Refused(authorization: "Basic", status: 403),
            Refused(authorization: "Bearer wk-1", status: 403),
            Refused(authorization: "wk-1", status: 403),
            Refused(authorization: "Basic d2stMTpwYXNz", status: 403),
            Refused(
                authorization: "Basic d2stZm9ybWVyOg==", status: 403, code: "partner_inactive"),
            Refused(
                authorization: "Basic d2staGVsZDo=", status: 403, code: "partner_suspended"),
        ])
    func refused(given: Refused) throws {
        let headers = given.authorization.map { [HTTPField("Authorization", $0)] } ?? []
        // The second time an authorizer's answer comes out of the cache.
        for _ in 1...2 {
            let reply = try inlet.post("/v1/segment", call, headers: headers)
            switch Front.current {
            case .rest:
                let code = given.status == 401 ? "unauthorized" : "forbidden"
                try reply.expect(given.status, code: code)
            case .http:
                #expect(reply.status == given.status)
                let message = given.status == 401 ? "Unauthorized" : "Forbidden"
                #expect(reply.text == "{\"message\":\"\(message)\"}")
            case .url:
                try reply.expect(given.code == "unauthorized" ? 401 : 403, code: given.code)
            }
        }
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
        // Topics do take what is let in.
        #expect(try inlet.post("/v1/segment", call, headers: [basic("wk-1")]).status == 200)
        #expect(try inlet.published().count == 1)
    }

    @Test("an array is a message each, and what is invalid goes to the rejected topic")
    func array() throws {
        let body = "[\(call),{\"type\":\"track\",\"userId\":\"u-1\"},\(shipped), \(named) ]"
        let reply = try inlet.post("/v1/segment", body, headers: [basic("wk-1")])
        #expect(reply.status == 200)
        let answer = try reply.json()
        #expect(answer["accepted"]?.int == 3)
        let rejected = answer["rejected"].map { Array($0.elements) } ?? []
        #expect(rejected.map { $0["index"]?.int } == [1])
        #expect(rejected.first?["code"]?.string == "event_not_defined")
        let ids = try inlet.published().map { $0.attributes["messageId"] }
        #expect(ids.compactMap(\.self).sorted() == ["ajs-4f0c27", "msg-0001", "msg-0002"])
        let rejects = try inlet.published("Rejected")
        try #require(rejects.count == 1)
        #expect(rejects[0].message["code"]?.string == "event_not_defined")
        #expect(rejects[0].message["index"]?.int == 1)
        #expect(rejects[0].message["body"]?.string == #"{"type":"track","userId":"u-1"}"#)
        #expect(
            rejects[0].attributes == [
                "code": "event_not_defined", "sender": "segment-destination", "partner": "web-app",
            ])
    }

    @Test(
        "what is no call at all is refused and kept",
        arguments: [
            ("not JSON", 400), ("[]", 400), ("17", 400), (#"{"type":"order"}"#, 501),
            (#"{"type":"identify"}"#, 400),
        ])
    func invalid(body: String, status: Int) throws {
        let reply = try inlet.post("/v1/segment", body, headers: [basic("wk-1")])
        #expect(reply.status == status)
        #expect(try reply.json()["code"]?.string?.isEmpty == false)
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").map { $0.message["body"]?.string } == [body])
    }

    @Test("a partner may send from its networks only, whatever a client says of its address")
    func networks() throws {
        let pretended = HTTPField("X-Forwarded-For", "203.0.113.9")
        for path in ["/v1/segment", "/webhook/segment/wk-office"] {
            try inlet.post(path, call, headers: [basic("wk-office"), pretended])
                .expect(403, code: "ip_not_allowed")
        }
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
        for path in ["/v1/segment", "/webhook/segment/wk-home"] {
            #expect(try inlet.post(path, call, headers: [basic("wk-home")]).status == 200)
        }
        #expect(try inlet.published().map { $0.attributes["partner"] } == ["home", "home"])
    }

    @Test("a token in the path is as good as a key", arguments: ["POST", "PUT", "PATCH"])
    func token(method: String) throws {
        let reply = try inlet.send(method, "/webhook/segment/wk-1", "[\(call),\(named)]")
        #expect(reply.status == 200)
        #expect(try reply.json()["accepted"]?.int == 2)
        let published = try inlet.published()
        #expect(published.count == 2)
        for message in published {
            #expect(message.attributes["auth"] == "key")
            #expect(message.attributes["partner"] == "web-app")
            #expect(!message.text.contains("wk-1"))
        }
    }

    @Test("a wrong token in the path is refused, and the right one for nobody but its partner")
    func wrongToken() throws {
        for (token, status, code) in [
            ("wrong", 401, "unauthorized"), ("wk-1x", 401, "unauthorized"),
            ("wk-former", 403, "partner_inactive"), ("wk-held", 403, "partner_suspended"),
        ] {
            let reply = try inlet.post("/webhook/segment/\(token)", call, headers: [basic("wk-1")])
            try reply.expect(status, code: code)
        }
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
    }

    @Test("a signed call is published", arguments: ["/v1/segment", "/webhook/segment/wk-signing"])
    func signed(path: String) throws {
        for (body, signature) in [
            (shipped, shippedSignature), (named, namedSignature),
            (shipped, shippedSignature.uppercased()),
        ] {
            let reply = try inlet.post(
                path, body,
                headers: [basic("wk-signing"), HTTPField("X-Signature", signature)])
            #expect(reply.status == 200)
        }
        let published = try inlet.published()
        #expect(published.map { $0.attributes["auth"] } == ["signed", "signed", "signed"])
        #expect(
            published.map { $0.attributes["event"] } == ["Order Shipped", nil, "Order Shipped"])
    }

    @Test(
        "without the right signature a call is refused, and reaches no topic",
        arguments: ["/v1/segment", "/webhook/segment/wk-signing"])
    func wrongSignature(path: String) throws {
        let wrong: [[HTTPField]] = [
            [], [HTTPField("X-Signature", "")], [HTTPField("X-Signature", namedSignature)],
            [HTTPField("X-Signature", String(shippedSignature.dropLast()))],
            [HTTPField("X-Signature", "sha1=\(shippedSignature)")],
            [HTTPField("X-Segment-Signature", namedSignature)],
            [
                HTTPField("X-Signature", shippedSignature),
                HTTPField("X-Signature", namedSignature),
            ],
            // What covers more must hold too.
            [
                HTTPField("X-Signature", shippedSignature),
                HTTPField("X-Segment-Signature", batchSignature),
            ],
        ]
        for headers in wrong {
            try inlet.post(path, shipped, headers: [basic("wk-signing")] + headers)
                .expect(401, code: "invalid_signature")
        }
        // The right signature of another text.
        try inlet.post(
            path, shipped + " ",
            headers: [basic("wk-signing"), HTTPField("X-Signature", shippedSignature)]
        ).expect(401, code: "invalid_signature")
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
    }

    @Test("each message of a batch tells how far its signature reached")
    func signedBatch() throws {
        let batch = "[\(shipped),\(named)]"
        for (header, signature) in [
            ("X-Signature", shippedSignature), ("X-Segment-Signature", batchSignature),
        ] {
            let reply = try inlet.post(
                "/webhook/segment/wk-signing", batch, headers: [HTTPField(header, signature)])
            #expect(reply.status == 200)
        }
        let published = try inlet.published().map {
            "\($0.attributes["messageId"] ?? "") \($0.attributes["auth"] ?? "")"
        }
        #expect(
            published.sorted() == [
                "msg-0001 signed", "msg-0001 signed", "msg-0002 signed", "msg-0002 unsigned",
            ])
    }
}
