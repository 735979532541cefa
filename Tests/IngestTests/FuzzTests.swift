import Formats
import LambdaRuntime
import Platform
import TestSupport
import Testing

/// SplitMix64: the same sequence for the same seed, everywhere.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Changes bytes as senders, gateways and attackers do.
private struct Mutator {
    var generator: SeededGenerator

    private static let fragments: [[UInt8]] =
        [
            "\"", "{", "}", "[", "]", ",", ":", "null", "true", "0", "-", "1e999", "\\", "\\u0000",
            "\\ud800",
            "{}", "[]", "\"\"", "\"a\":1,", "userId", "\"type\":\"track\"", "\u{0}", "\u{FEFF}",
            "é", "%", "+",
            "2026-01-05T10:00:00Z", "\"context\":{\"direct\":true}", "999999999999999999999999",
            "\n", "=", "&",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0x1F, 0x8B], [0x80, 0x80]]

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, at + Int.random(in: 1...12, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes.removeSubrange(at..<end)
            case 1: bytes.insert(contentsOf: fragment(), at: at)
            case 2: bytes.replaceSubrange(at..<end, with: fragment())
            case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 4: bytes.removeSubrange(at...)
            case 5 where at < bytes.count:
                bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            default:
                let from = Int.random(in: 0...bytes.count, using: &generator)
                let to = min(bytes.count, from + Int.random(in: 1...40, using: &generator))
                bytes.insert(contentsOf: Array(bytes[from..<to]), at: at)
            }
        }
        return bytes
    }

    private mutating func fragment() -> [UInt8] {
        Self.fragments.randomElement(using: &generator) ?? []
    }
}

@Suite("Fuzzing")
struct FuzzTests {
    /// Real requests, each with a key that lets it through.
    private static let requests: [ProxyEvent] = {
        let call =
            #"{"userId":"u-1","event":"Order Shipped","properties":{"total":12.50,"tags":["a",null,true],"n":{"é":"\u00e9"}},"#
            + #""context":{"ip":"1.2.3.4","direct":true},"timestamp":"2026-01-05T10:00:00.100Z","sentAt":"2026-01-05T10:00:01Z"}"#
        let item =
            #"{"type":"track","messageId":"m-1","anonymousId":"a","event":"e","context":{"app":{"v":1}}}"#
        let batch =
            #"{"batch":[\#(item),{"type":"identify","userId":"u","traits":{"email":"x@example.org"}},\#(item)],"#
            + #""context":{"library":{"name":"x"},"app":{"n":"y"}},"sentAt":"2026-01-05T10:00:01.5+05:30","writeKey":"wk_live_51xQ"}"#
        let payload =
            #"{"event_type":"order.shipped","event_id":"e-1","timestamp":1767607182.35,"kind":"identify","#
            + #""data":{"user_id":42,"total":12.50,"é":"\u00e9","n":[{"a":null}]},"x":[true]}"#
        let key = [Harness.basic("wk_live_51xQ")]
        var gzipped = ProxyEvent("/v1/t", body: StoredGzip.encode(Array(call.utf8)))
        gzipped.isBase64 = true
        gzipped.headers = key
        var pixel = ProxyEvent("/v1/pixel/track")
        pixel.method = "GET"
        pixel.query = [
            ("data", String(decoding: Base64.encode(Array(call.utf8)), as: UTF8.self)),
            ("writeKey", "wk_live_51xQ"),
        ]
        var guarded = ProxyEvent("/v1/segment", "[\(item),\(item)]")
        guarded.authorizer = [("principalId", "web-app"), ("partnerId", "p-1")]
        return [
            ProxyEvent("/v1/track", call, headers: key), ProxyEvent("/v1/batch", batch), gzipped,
            pixel,
            guarded, ProxyEvent("/webhook/segment/wk_live_51xQ", item),
            ProxyEvent("/webhook/v1/wk_live_51xQ", payload),
            ProxyEvent("/webhook/v1/mapped-token", "[\(payload),\(payload)]"),
        ]
    }()

    /// How many cases each of the four runs makes.
    private static let cases = 5500

    @Test("20 000 mutated events and bodies and more each get a defined answer", arguments: 0..<4)
    func mutated(run: Int) throws {
        var mutator = Mutator(generator: SeededGenerator(state: 0x1A1E7 + UInt64(run)))
        var harness = try Harness(watch: .blind)
        for number in 0..<Self.cases {
            // The stand-in's server keeps every request, so it is renewed now and then.
            if number.isMultiple(of: 500) { harness = try Harness(watch: .blind) }
            let event = Self.mutatedEvent(number, &mutator)
            let reply: Harness.Reply
            do {
                reply = try harness.send(event)
            } catch let failure as Failure {
                // No front makes such an event.
                #expect(failure.type == "Function.UnexpectedEvent", "run \(run), case \(number)")
                continue
            }
            #expect(
                [200, 204, 400, 401, 403, 404, 405, 413, 501].contains(reply.status),
                "run \(run), case \(number): \(reply.status) for \(String(decoding: event, as: UTF8.self))"
            )
            if reply.status >= 400 {
                #expect(reply.code != nil, "run \(run), case \(number)")
            }
            let published = harness.sns.takePublished().count { $0.topic == Harness.topic }
            // The pixel does not tell.
            guard !reply.isBase64 else { continue }
            #expect(
                published == reply.json?["accepted"]?.int ?? 0, "run \(run), case \(number)")
        }
    }

    @Test("whatever Customer.io signs is a message or a reject, and answered 200", arguments: 0..<2)
    func customerio(run: Int) throws {
        let bodies = [
            #"{"event_id":"e1","object_type":"email","metric":"clicked","timestamp":1767226011,"data":{"customer_id":"c","identifiers":{"id":"c","email":"e@x","cio_id":"k"},"delivery_id":"d==","campaign_id":41,"recipient":"r@x","subject":"\u00e9","href":"h","link_id":4,"machine":false}}"#,
            #"{"event_id":"e2","metric":"cio_subscription_preferences_changed","timestamp":"1767226011","data":{"email_address":null,"content":"{}"}}"#,
            #"{"event_type":"email_delivered","event_id":"e3","timestamp":1422300000,"data":{"customer_id":601,"email_id":"52"}}"#,
        ].map { Array($0.utf8) }
        let partners = ["standard", "legacy"].map { naming in
            #"{"name":"\#(naming)","webhook_token":"\#(naming)","validation_config":{"senders":["customerio"],"naming":"\#(naming)","signing":{"scheme":"customerio","secrets":["\#(naming)"]}}}"#
        }
        var mutator = Mutator(generator: SeededGenerator(state: 0xC10 + UInt64(run)))
        var harness = try Harness(partners: "[\(partners.joined(separator: ","))]", watch: .blind)
        let seconds = String(Harness.now.milliseconds / 1000)
        for number in 0..<2000 {
            if number.isMultiple(of: 500) {
                harness = try Harness(
                    partners: "[\(partners.joined(separator: ","))]", watch: .blind)
            }
            let body = mutator.mutate(bodies[number % bodies.count])
            var event = ProxyEvent("/webhook/customerio", body: body)
            event.headers = CustomerIOWebhook.headers(
                body, secret: number.isMultiple(of: 2) ? "standard" : "legacy", seconds: seconds)
            event.isBase64 = true
            let reply = try harness.send(event)
            let text = String(decoding: body, as: UTF8.self)
            #expect(reply.status == 200, "run \(run), case \(number): \(text)")
            let published = harness.sns.takePublished()
            #expect(published.count == 1, "run \(run), case \(number): \(text)")
            guard let message = published.first, message.topic == Harness.topic else { continue }
            let call = try JSONText(Array(message.text.utf8)).root
            #expect(call["messageId"]?.string?.hasPrefix("cio-") == true)
            #expect(call["event"]?.string?.isEmpty == false)
            #expect((call["userId"] ?? call["anonymousId"])?.string?.isEmpty == false)
            #expect(call["properties"]?.kind == .object)
            #expect(call["sentAt"] == nil)
        }
    }

    /// A mutated body in a sound event, or a mutated event, in one of the fronts' shapes.
    private static func mutatedEvent(_ number: Int, _ mutator: inout Mutator) -> [UInt8] {
        var request = requests[number % requests.count]
        let isBodyMutated = number % 3 != 0
        if isBodyMutated, let body = request.body {
            request.body = mutator.mutate(body)
            request.isBase64 = true
        } else if isBodyMutated {
            let value = mutator.mutate(Array(request.query[0].value.utf8))
            request.query[0].value = String(decoding: value, as: UTF8.self)
        }
        let event =
            switch number / requests.count % 4 {
            case 0, 1: request.rest
            case 2: request.version2()
            default: request.balancer
            }
        return isBodyMutated ? event : mutator.mutate(event)
    }
}
