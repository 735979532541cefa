import AWS
import Formats
import Partners
import Platform
import Signing
import TestSupport
import Testing

@testable import Ingest

private let body =
    #"{"type":"track","event":"E","event_id":"e-1","metric":"sent","messageId":"m-1","userId":"u","#
    + #""object_type":"email","timestamp":1767607200,"data":{"customer_id":"u"}}"#

/// A way into Inlet: the sender that it is of, and how a token and a secret are used there.
private struct Way: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let sender: SenderName
    let event: @Sendable (_ token: String, _ id: String) -> ProxyEvent

    init(
        _ description: String, _ sender: SenderName,
        _ event: @escaping @Sendable (_ token: String, _ id: String) -> ProxyEvent
    ) {
        testDescription = description
        self.sender = sender
        self.event = event
    }

    /// A request of whoever has this token, id and secret.
    ///
    /// It is signed as Segment and as Customer.io sign, so that no route misses its signature.
    func request(token: String, id: String, secret: String) -> ProxyEvent {
        var event = event(token, id)
        let sent = event.body ?? []
        let key = Array(secret.utf8)
        event.headers += CustomerIOWebhook.headers(
            sent, secret: secret, seconds: String(Harness.now.milliseconds / 1000))
        event.headers.append(
            ("X-Signature", Hex.encode(HMAC.sha1(key: key, message: sent).span)))
        return event
    }

    static let all = [
        Way("write key as user name", .segmentAPI) { token, _ in
            ProxyEvent("/v1/track", body, headers: [Harness.basic(token)])
        },
        Way("write key in the body", .segmentAPI) { token, _ in
            ProxyEvent("/v1/t", #"{"event":"E","userId":"u","writeKey":"\#(token)"}"#)
        },
        Way("write key in a batch's item", .segmentAPI) { token, _ in
            ProxyEvent(
                "/v1/batch",
                #"{"batch":[{"type":"track","event":"E","userId":"u","writeKey":"\#(token)"}]}"#)
        },
        Way("behind the authorizer", .segmentDestination) { token, id in
            var event = ProxyEvent("/v1/segment", body, headers: [Harness.basic(token)])
            event.authorizer = [("partnerId", id), ("partner", id), ("auth", "key")]
            return event
        },
        Way("without an authorizer", .segmentDestination) { token, _ in
            ProxyEvent("/v1/segment", body, headers: [Harness.basic(token)])
        },
        Way("Segment's webhook", .segmentDestination) { token, _ in
            ProxyEvent("/webhook/segment/\(token)", body)
        },
        Way("Customer.io's webhook", .customerIO) { token, _ in
            ProxyEvent("/webhook/customerio/\(token)", body)
        },
        Way("Customer.io's webhook, by the signature", .customerIO) { _, _ in
            ProxyEvent("/webhook/customerio", body)
        },
        Way("a partner's webhook", .partner) { token, _ in
            ProxyEvent("/webhook/v1/\(token)", body)
        },
    ]
}

/// A partner of one sender, which signs by a scheme or does not.
private struct Owner: Sendable, CustomTestStringConvertible {
    let sender: SenderName
    let scheme: String?
    /// `status` or `deleted_at`.
    var standing = ""

    var name: String { "\(sender.rawValue)-\(scheme ?? "unsigned")" }
    var testDescription: String { "\(name) \(standing)" }
    var token: String { "\(name)-token" }
    var secret: String { "\(name)-secret" }

    var record: String {
        let signing = scheme.map { #","signing":{"scheme":"\#($0)","secrets":["\#(secret)"]}"# }
        return #"{"name":"\#(name)","webhook_token":"\#(token)"\#(standing),"#
            + #""validation_config":{"senders":["\#(sender.rawValue)"]\#(signing ?? "")}}"#
    }

    static let all = SenderName.allCases.flatMap { sender in
        [nil, "segment", "customerio"].map { Owner(sender: sender, scheme: $0) }
    }

    /// The answer on the sender's own routes.
    var ownStatus: Int {
        switch (sender, scheme) {
        case (.segmentDestination, "customerio"): 401
        case (.customerIO, nil), (.customerIO, "segment"): 503
        default: 200
        }
    }
}

@Suite("Which routes a token opens")
struct SenderRoutesTests {
    /// A partner of each sender, so that nothing is refused because nobody could send so.
    private static let bystanders = SenderName.allCases.map { sender in
        #"{"name":"by-\#(sender.rawValue)","webhook_token":"by-\#(sender.rawValue)","#
            + #""validation_config":{"senders":["\#(sender.rawValue)"],"#
            + #""signing":{"scheme":"customerio","secrets":["bystander"]}}}"#
    }

    private func harness(_ owner: Owner) throws -> Harness {
        try Harness(partners: "[\((Self.bystanders + [owner.record]).joined(separator: ","))]")
    }

    /// Everything of a reply that a stranger sees.
    private func seen(_ reply: Harness.Reply) -> String {
        "\(reply.status) \(String(decoding: reply.headers.raw, as: UTF8.self)) \(reply.text)"
    }

    @Test(
        "are those of its senders; anywhere else it is answered as an unknown one, signature or not",
        arguments: Way.all, Owner.all)
    private func matrix(way: Way, owner: Owner) throws {
        let harness = try harness(owner)
        let request = way.request(token: owner.token, id: owner.name, secret: owner.secret)
        let reply = try harness.send(request)
        guard way.sender != owner.sender else {
            // Without a token it is known by its signature alone.
            let isNobody = request.path == "/webhook/customerio" && owner.scheme != "customerio"
            #expect(reply.status == (isNobody ? 401 : owner.ownStatus), "\(reply.text)")
            #expect(harness.messages.count == (reply.status == 200 ? 1 : 0))
            return
        }
        let unknown = way.request(token: "unknown", id: "unknown", secret: "unknown")
        #expect(try seen(reply) == seen(harness.send(unknown)))
        #expect(reply.status == (way.sender == .partner ? 404 : 401))
        #expect(harness.sns.published.isEmpty)
    }

    @Test(
        "do not depend on whether the partner may send: nothing is told of that either",
        arguments: Way.all,
        [
            #","status":"INACTIVE""#, #","status":"SUSPENDED""#,
            #","deleted_at":"2026-01-01T00:00:00.000Z""#,
        ])
    private func standing(way: Way, standing: String) throws {
        for sender in SenderName.allCases where sender != way.sender {
            let owner = Owner(sender: sender, scheme: "customerio", standing: standing)
            let harness = try harness(owner)
            let reply = try harness.send(
                way.request(token: owner.token, id: owner.name, secret: owner.secret))
            let unknown = way.request(token: "unknown", id: "unknown", secret: "unknown")
            #expect(try seen(reply) == seen(harness.send(unknown)), "\(sender)")
        }
    }

    @Test("of a record that names no senders are the tracking API's", arguments: Way.all)
    private func unnamed(way: Way) throws {
        let harness = try Harness(partners: #"[{"name":"web-app","webhook_token":"wk_1"}]"#)
        let reply = try harness.send(way.request(token: "wk_1", id: "web-app", secret: "none"))
        #expect((reply.status == 200) == (way.sender == .segmentAPI))
        #expect(harness.messages.count == (way.sender == .segmentAPI ? 1 : 0))
    }

    @Test("and the pixel's are the tracking API's", arguments: SenderName.allCases)
    func pixel(sender: SenderName) throws {
        let harness = try harness(Owner(sender: sender, scheme: nil))
        var event = ProxyEvent("/v1/pixel/track")
        event.method = "GET"
        event.query = [
            ("writeKey", "\(sender.rawValue)-unsigned-token"), ("userId", "u"), ("event", "E"),
        ]
        #expect(try harness.send(event).status == 200)
        #expect(harness.messages.count == (sender == .segmentAPI ? 1 : 0))
    }

    @Test("a public write key deletes nobody, on any route", arguments: Way.all)
    private func delete(way: Way) throws {
        let harness = try Harness(partners: #"[{"name":"web-app","webhook_token":"wk_1"}]"#)
        var event = way.request(token: "wk_1", id: "web-app", secret: "none")
        event.body = Array(#"{"type":"delete","userId":"victim","writeKey":"wk_1"}"#.utf8)
        // The paths of single calls say the type themselves.
        if way.sender == .segmentAPI { event.path = "/v1/batch" }
        _ = try harness.send(event)
        event.body = Array(
            #"{"batch":[{"type":"delete","userId":"victim"}],"writeKey":"wk_1"}"#.utf8)
        _ = try harness.send(event)
        event.path = "/v1/delete"
        _ = try harness.send(event)
        #expect(harness.messages.isEmpty)
    }

    @Test("delete is Segment's servers' alone, whatever else a token opens")
    func deleteOfAll() throws {
        let names = SenderName.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        let harness = try Harness(
            partners: #"[{"name":"all","webhook_token":"t","validation_config":"#
                + #"{"senders":[\#(names)]}}]"#)
        let delete = #"{"type":"delete","userId":"u"}"#
        let batch = #"{"batch":[\#(delete)],"writeKey":"t"}"#
        #expect(try harness.send(ProxyEvent("/v1/batch", batch)).status == 400)
        // The standard mapping takes the type for the event's name.
        #expect(try harness.send(ProxyEvent("/webhook/v1/t", delete)).status == 200)
        #expect(try harness.send(ProxyEvent("/webhook/segment/t", delete)).status == 200)
        #expect(harness.messages.map { $0.attributes["type"] } == ["track", "delete"])
    }

    @Test("allowed addresses count on every route", arguments: Way.all, [true, false])
    private func addresses(way: Way, isNear: Bool) throws {
        let network = isNear ? "203.0.113.0/28" : "198.51.100.0/24"
        let scheme = way.sender == .segmentDestination ? "segment" : "customerio"
        let harness = try Harness(
            partners: #"[{"name":"a","webhook_token":"t","validation_config":{"#
                + #""senders":["\#(way.sender.rawValue)"],"allowed_ips":["\#(network)"],"#
                + #""signing":{"scheme":"\#(scheme)","secrets":["s"]}}}]"#)
        let reply = try harness.send(way.request(token: "t", id: "a", secret: "s"))
        let refused = way.sender == .customerIO ? 401 : 403
        #expect(reply.status == (isNear ? 200 : refused), "\(reply.text)")
        #expect(harness.messages.count == (isNear ? 1 : 0))
        #expect(harness.rejects.isEmpty)
    }
}
