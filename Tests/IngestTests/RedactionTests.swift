import Formats
import Signing
import TestSupport
import Testing

private let key = "wk_live_51xQ"
private let token = "partner-token-77"

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk_live_51xQ",
      "validation_config":{"senders":["segment-api","segment-destination"]}},
     {"name":"shop","webhook_token":"partner-token-77",
      "validation_config":{"senders":["partner"],"required_fields":["a.b"]}},
     {"name":"segment","webhook_token":"segment-token-9","validation_config":
      {"senders":["segment-destination"],"signing":{"scheme":"segment","secrets":["s"]}}},
     {"name":"octo","webhook_token":"octo-token-12","validation_config":
      {"senders":["partner"],"signing":{"scheme":"github","secrets":["g"]}}}]
    """#

/// Nothing that authenticates a sender is in what is kept of its rejected input.
@Suite("What is kept of rejects")
struct RedactionTests {
    /// Everything that the rejected topic got, as it can be read.
    private func kept(_ harness: Harness) throws -> String {
        try harness.rejects.map { reject in
            let json = try JSONText(Array(reject.text.utf8)).root
            let bytes = json["body"]?.utf8 ?? json["bodyBase64"]?.utf8.flatMap { Base64.decode($0) }
            return String(decoding: bytes ?? [], as: UTF8.self)
        }.joined(separator: "\n")
    }

    private static let bodies = [
        #"[{"writeKey":"wk_live_51xQ","type":"track","event":"E","userId":"u"}]"#,
        #"{"Batch":[{"writeKey":"wk_live_51xQ","type":"track"}]}"#,
        #"{"batch":{"writeKey":"wk_live_51xQ","type":"track"}}"#,
        #"{"batch":[{"writeKey":"wk_live_51xQ"}],"batch":[]}"#,
        #"{"batch":[[{"writeKey":"wk_live_51xQ"}]]}"#,
        "writeKey=wk_live_51xQ&event=E", "{'writeKey':'wk_live_51xQ','event':'E'}",
        #"{writeKey:"wk_live_51xQ",event:"E"}"#, #"{"write\u004bey":"wk_live_51xQ","event":"E",}"#,
        #"{"batch":[{"properties":{"note":"the key is wk_live_51xQ"}}]}"#,
        #"{"auth":["wk_live_51xQ"],"batch":[]}"#, "wk_live_51xQ", "wk%5Flive_51xQ=1",
    ]

    @Test("no key, whatever is sent under it", arguments: bodies)
    func trackingAPI(body: String) throws {
        for path in ["/v1/batch", "/v1/track"] {
            let harness = try Harness(partners: partners)
            let reply = try harness.send(
                ProxyEvent(path, body, headers: [Harness.basic(key)]))
            #expect(reply.status == 400)
            #expect(harness.rejects.count == 1)
            #expect(!(try kept(harness)).contains("51xQ"))
        }
    }

    @Test("no key of gzip, one that is damaged or inside of another too")
    func gzip() throws {
        let body = Array(
            #"{"writeKey":"wk_live_51xQ","p":"\#(String(repeating: "x", count: 530_000))"}"#.utf8)
        var damaged = StoredGzip.encode(body)
        damaged[damaged.count - 6] ^= 0xFF
        for sent in [
            StoredGzip.encode(body), damaged, StoredGzip.encode(StoredGzip.encode(body)),
        ] {
            let harness = try Harness(partners: partners)
            var event = ProxyEvent("/v1/batch", body: sent)
            event.isBase64 = true
            event.headers = [Harness.basic(key)]
            #expect(try harness.send(event).status == 400)
            #expect(harness.rejects.count == 1)
            #expect(!(try kept(harness)).contains(key))
        }
    }

    @Test(
        "no token or write key of a partner's webhook",
        arguments: [
            #"{"writeKey":"K-51xQ","q":1}"#, #"{"token":"partner-token-77","q":1}"#,
            "writeKey=K-51xQ&t=partner%2Dtoken%2D77", "not JSON: partner-token-77",
        ])
    func webhook(body: String) throws {
        let harness = try Harness(partners: partners)
        #expect(try harness.send(ProxyEvent("/webhook/v1/\(token)", body)).status == 400)
        #expect(harness.rejects.count == 1)
        let kept = try kept(harness)
        #expect(!kept.contains("51xQ") && !kept.contains("77"))
    }

    @Test("no write key in a message of a whole payload")
    func wholePayload() throws {
        let harness = try Harness(partners: partners)
        let body =
            #"{"action":"opened","sender":{"id":6},"writeKey":"K-51xQ","write_key":"K-51xQ"}"#
        let code = HMAC.sha256(key: Array("g".utf8), message: Array(body.utf8))
        var event = ProxyEvent("/webhook/v1/octo-token-12", body)
        event.headers = [
            ("X-GitHub-Event", "issues"),
            ("X-Hub-Signature-256", "sha256=\(Hex.encode(code.span))"),
        ]
        #expect(try harness.send(event).status == 200)
        let message = try #require(harness.messages.first)
        #expect(!message.text.contains("51xQ"))
        #expect(message.text.contains("opened"))
    }

    @Test("a form that is too large for a call is refused before it is read")
    func largeForm() throws {
        let harness = try Harness(partners: partners)
        let form = "a=&" + String(repeating: "a&", count: 400_000)
        let reply = try harness.send(ProxyEvent("/webhook/v1/\(token)", form))
        #expect(reply.status == 413)
        #expect(harness.rejects.count == 1)
    }
}

@Suite("What Segment has signed and is no JSON")
struct SignedNonsenseTests {
    private func send(_ body: String, signedBy secret: String?) throws -> (Harness, Harness.Reply) {
        let harness = try Harness(partners: partners)
        var event = ProxyEvent("/webhook/segment/segment-token-9", body)
        if let secret {
            let code = HMAC.sha1(key: Array(secret.utf8), message: Array(body.utf8))
            event.headers = [("X-Signature", Hex.encode(code.span))]
        }
        return (harness, try harness.send(event))
    }

    @Test("is kept as a reject", arguments: [#"{"type":"track","event":"#, "[]", "nonsense"])
    func signed(body: String) throws {
        let (harness, reply) = try send(body, signedBy: "s")
        #expect(reply.status == 400)
        #expect(harness.rejects.count == 1)
    }

    @Test("is not authentic without a signature, or with another's", arguments: [nil, "other"])
    func unsigned(secret: String?) throws {
        let (harness, reply) = try send("{", signedBy: secret)
        #expect(reply.status == 401)
        #expect(harness.rejects.isEmpty)
    }
}
