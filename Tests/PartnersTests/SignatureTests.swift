import Formats
import Platform
import Secrets
import Testing

@testable import Partners

/// A signed request, and the time at which it came.
struct SignedRequest: Sendable, CustomTestStringConvertible {
    var testDescription: String { "\(signing.prefix(60))" }

    /// The partner's `signing`.
    var signing: String
    var body: String
    var headers: [(name: String, value: String)]
    /// What of the headers the secret made; `*` stands for it where they are written here.
    let signature: String
    var seconds: Int64

    init(
        signing: String, body: String, headers: [(name: String, value: String)],
        signature: String, seconds: Int64
    ) {
        self.signing = signing
        self.body = body
        self.headers = headers.map { ($0.name, $0.value.replacing("*", with: signature)) }
        self.signature = signature
        self.seconds = seconds
    }

    /// What is wrong with it; nil when it is right.
    func problem() throws -> SignatureProblem? {
        let json =
            #"[{"name":"p","webhook_token":"t","validation_config":{"senders":["partner"],"signing":\#(signing)}}]"#
        let partner = try #require(try Registry(json: Array(json.utf8)).partners.first)
        let rule = try #require(partner.signing)
        let keys: [[UInt8]] = rule.secrets.compactMap { secret in
            guard case .plain(let key) = secret else { return nil }
            return key
        }
        do throws(SignatureProblem) {
            let claim = try rule.claim(
                of: Array(body.utf8)[...],
                headers: headers.map { HTTPField($0.name, $0.value) },
                at: Timestamp(milliseconds: seconds * 1000 + 999))
            return keys.contains { claim.isMade(by: $0) } ? nil : .mismatch
        } catch {
            return error
        }
    }

    func with(_ change: (inout SignedRequest) -> Void) -> SignedRequest {
        var other = self
        change(&other)
        return other
    }
}

extension SignedRequest {
    private static let body = #"{"type":"invoice.paid","data":{"name":"Zoë","total":1.10}}"#
    private static let time: Int64 = 1_767_607_200

    static let customerioBody =
        #"{"event_id":"01KDVWE0R07Q4V8N2T5R9W3X6Y","object_type":"email","metric":"delivered","timestamp":1767225600,"data":{"customer_id":"cust-7781","identifiers":{"id":"cust-7781","email":"nia@example.org","cio_id":"a3f001000002"},"delivery_id":"dgSampleDeliveryId0001==","campaign_id":41,"action_id":903,"journey_id":"01KDVQ3M4ZJ0HRN3Y8B6T2E9CA","parent_action_id":900,"recipient":"nia@example.org","subject":"Your parcel — on its way"}}"#

    /// Made by Python's hmac; its string to sign is that of customerio-node's `lib/webhooks.ts`.
    static let customerio = SignedRequest(
        signing: #"{"scheme":"customerio","secrets":["cio-signing-key-for-tests"]}"#,
        body: customerioBody,
        headers: [
            ("x-cio-timestamp", "1767225607"),
            ("x-cio-signature", "*"),
        ], signature: "32cd52d114269445588297b9d1e679de77109bc111af1a309ac85dd8d97ca5bb",
        seconds: 1_767_225_607)

    /// Source: GitHub Docs, "Validating webhook deliveries", "Testing the webhook payload
    /// validation".
    static let github = SignedRequest(
        signing: #"{"scheme":"github","secrets":["It's a Secret to Everybody"]}"#,
        body: "Hello, World!",
        headers: [
            ("x-hub-signature-256", "sha256=*")
        ], signature: "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        seconds: time)

    /// Source: the tests of the Standard Webhooks libraries; made again by the Python package
    /// standardwebhooks 1.1.0.
    static let standardWebhooks = SignedRequest(
        signing:
            #"{"scheme":"standard-webhooks","secrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}"#,
        body: #"{"test": 2432232314}"#,
        headers: [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,*"),
        ], signature: "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        seconds: 1_614_265_330)

    /// Made by the Python package standardwebhooks 1.1.0, by two secrets in turn.
    static let standardWebhooksTwice = SignedRequest(
        signing:
            #"{"scheme":"standard-webhooks","secrets":["whsec_bmV3LXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGVzISE="]}"#,
        body: body,
        headers: [
            ("webhook-id", "msg_2b"), ("webhook-timestamp", "1767607200"),
            (
                "webhook-signature",
                "v1,TrIVbg9lHKrnHTfo9MTFfQvQu2VpILCAZCMfthKTU/Q= v1a,c29tZXRoaW5nIGVsc2U= "
                    + "v1,*"
            ),
        ], signature: "4fe9AKNfIOa4dumgh+lzBZSINtpqkXkT7r2wFEEr4q0=",
        seconds: time)

    /// Made by the Python package stripe 16.1.0; the element `v0` added, as in Stripe's test mode.
    static let stripe = SignedRequest(
        signing: #"{"scheme":"stripe","secrets":["whsec_stripe_test"]}"#, body: body,
        headers: [
            (
                "stripe-signature",
                "t=1767607200,v1=*,"
                    + "v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
            )
        ], signature: "85986db232f5de75822a2ad31bad7412ed378bafaa366e994a4fc7ac2f4d1dc3",
        seconds: time)

    /// Made by Python's hmac after Shopify's documentation, which has no vector.
    static let shopify = SignedRequest(
        signing: #"{"scheme":"shopify","secrets":["hush"]}"#, body: body,
        headers: [("x-shopify-hmac-sha256", "*")],
        signature: "MAPEzReROh8Kucze9TwoyMiVZix/Ik5mMns9Z7b+Olk=",
        seconds: time)

    /// Source: Slack, "Verifying requests from Slack"; made again by the Python package
    /// slack_sdk 3.47.0.
    static let slack = SignedRequest(
        signing: #"{"scheme":"slack","secrets":["8f742231b10e8888abcd99yyyzzz85a5"]}"#,
        body:
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        headers: [
            ("x-slack-request-timestamp", "1531420618"),
            ("x-slack-signature", "v0=*"),
        ], signature: "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        seconds: 1_531_420_618)

    /// Made by Python's hmac after Segment's documentation.
    static let segment = SignedRequest(
        signing: #"{"scheme":"segment","secrets":["segment-shared-secret"]}"#, body: #"{ "a": 1 }"#,
        headers: [("x-signature", "*")], signature: "a385d9a0c9b183e549a119ca1e89b8cde0358135",
        seconds: time)

    /// Made by Python's hmac: everything that a recipe of a partner's own can say.
    static let custom = SignedRequest(
        signing: #"""
            {"scheme":"custom","secrets":["key_00ff10"],"algorithm":"sha512","key":"hex",
             "key_prefix":"key_","header":"X-Acme-Signature","separator":";","element":"sig",
             "equals":":","prefix":"hmac/","encoding":"hex","template":"{id}|{timestamp}|{body}",
             "id_header":"X-Acme-Id","timestamp_element":"at","tolerance_seconds":60}
            """#, body: body,
        headers: [
            ("x-acme-id", "k-1"),
            ("x-acme-signature", "at:1767607200;sig:hmac/*"),
        ],
        signature: "2f69086de9616924827ab60343255fac1e86554ed56b66357c1a08a85c11bf4a"
            + "310d0f1e14d10cf10b58467de276e9ef5d3691e9ef0cb9f434ba34d4648b73e5",
        seconds: time)

    static let all = [
        customerio, github, standardWebhooks, standardWebhooksTwice, stripe, shopify, slack,
        segment, custom,
    ]

    static let timed = all.filter { request in
        ["github", "shopify", "segment"].allSatisfy { !request.signing.contains("\"\($0)\"") }
    }

    var signatureHeader: Int {
        headers.firstIndex { $0.name.contains("signature") || $0.name.contains("hmac") } ?? 0
    }
}

@Suite("Signature schemes")
struct SignatureTests {
    @Test("what each scheme's sender signed is taken", arguments: SignedRequest.all)
    func vectors(request: SignedRequest) throws {
        #expect(try request.problem() == nil)
    }

    @Test("a changed body, or another secret, is refused", arguments: SignedRequest.all)
    func changed(request: SignedRequest) throws {
        for body in [
            request.body + "\n", "\u{FEFF}" + request.body, String(request.body.dropLast()), "",
            request.body.replacing("1", with: "2").replacing("o", with: "0"),
        ] {
            #expect(try request.with { $0.body = body }.problem() == .mismatch)
        }
        let other = request.with {
            $0.signing = $0.signing.replacing("whsec_M", with: "whsec_N")
                .replacing("whsec_b", with: "whsec_c").replacing("_stripe", with: "_strip")
                .replacing(#"["hush"#, with: #"["hus"#).replacing("00ff10", with: "00ff11")
                .replacing("cio-signing", with: "cio_signing")
                .replacing("It's", with: "It is").replacing("8f74", with: "8f75")
                .replacing("segment-shared", with: "segment_shared")
        }
        #expect(other.signing != request.signing)
        #expect(try other.problem() == .mismatch)
    }

    @Test("each of several secrets may have signed", arguments: SignedRequest.all)
    func rotation(request: SignedRequest) throws {
        let isBase64 = request.signing.contains("standard-webhooks")
        let old = request.signing.contains("custom\"") ? "aa" : isBase64 ? "b2xk" : "old"
        for secrets in [
            request.signing.replacing(#""secrets":["#, with: #""secrets":["\#(old)","#),
            request.signing.replacing(#""]"#, with: #"","\#(old)"]"#),
        ] {
            #expect(secrets != request.signing)
            #expect(try request.with { $0.signing = secrets }.problem() == nil)
        }
    }

    @Test("a header that is missing, empty or repeated is refused", arguments: SignedRequest.all)
    func headers(request: SignedRequest) throws {
        for (index, header) in request.headers.enumerated() {
            #expect(
                try request.with { $0.headers.remove(at: index) }.problem()
                    == .headerMissing(header.name))
            #expect(
                try request.with { $0.headers[index].value = "" }.problem()
                    == .headerMissing(header.name))
            #expect(
                try request.with { $0.headers.append(header) }.problem()
                    == .headerRepeated(header.name))
        }
    }

    @Test("a signature of another length or spelling is refused", arguments: SignedRequest.all)
    func malformed(request: SignedRequest) throws {
        let at = request.signatureHeader
        let signature = request.signature
        for text in [
            "", "x", " ", "\(signature.dropLast(2))", "\(signature.dropLast(3))",
            "\(signature.dropLast(4))", "\(signature)00", "\(signature)0",
            "*\(signature.dropFirst())",
            "\(signature)\n", "\(signature)\(signature)",
        ] {
            let changed = request.with {
                $0.headers[at].value = $0.headers[at].value.replacing(signature, with: text)
            }
            #expect(changed.headers[at].value != request.headers[at].value)
            #expect(try changed.problem() != nil, "\(text)")
        }
    }

    @Test("hexadecimal digits count in either case, prefixes do not")
    func letterCase() throws {
        for request in [SignedRequest.customerio, .segment] {
            #expect(
                try request.with {
                    $0.headers[$0.signatureHeader].value =
                        $0.headers[$0.signatureHeader].value.uppercased()
                }.problem() == nil)
        }
        #expect(
            try SignedRequest.github.with {
                $0.headers[0].value = $0.headers[0].value.replacing("sha256", with: "SHA256")
            }.problem() == .malformed("x-hub-signature-256"))
    }

    @Test("a prefix is asked for where the scheme has one, and taken from Customer.io")
    func prefixes() throws {
        for (request, name) in [
            (SignedRequest.github, "x-hub-signature-256"), (.slack, "x-slack-signature"),
        ] {
            let at = request.signatureHeader
            #expect(
                try request.with {
                    $0.headers[at].value = String($0.headers[at].value.split(separator: "=")[1])
                }.problem() == .malformed(name))
        }
        #expect(
            try SignedRequest.customerio.with { $0.headers[1].value = "v0=" + $0.headers[1].value }
                .problem() == nil)
        #expect(
            try SignedRequest.customerio.with { $0.headers[1].value = "v1=" + $0.headers[1].value }
                .problem() == .malformed("x-cio-signature"))
    }

    @Test(
        "a signed time counts within the tolerance, before and after",
        arguments: SignedRequest.timed)
    func window(request: SignedRequest) throws {
        let tolerance: Int64 = request.signing.contains("60}") ? 60 : 300
        for distance in [-tolerance, -1, 0, 1, tolerance] {
            #expect(try request.with { $0.seconds += distance }.problem() == nil)
        }
        for distance in [-tolerance - 1, tolerance + 1, -1_000_000_000, 1_000_000_000_000] {
            #expect(try request.with { $0.seconds += distance }.problem() == .outsideWindow)
        }
        let open = request.with {
            $0.signing = $0.signing.replacing("]}", with: #"],"tolerance_seconds":0}"#)
                .replacing(#""tolerance_seconds":60"#, with: #""tolerance_seconds":0"#)
        }
        #expect(open.signing != request.signing)
        #expect(try open.with { $0.seconds += 1_000_000_000 }.problem() == nil)
    }

    @Test(
        "a time that is not decimal digits alone is refused, whatever the tolerance",
        arguments: [
            "+1767225607", " 1767225607", "1767225607 ", "17672256O7", "-1", "1767225607.0", "1e9",
            "17672256071767225607", "0x6955b447", "١٧٦٧٢٢٥٦٠٧", "1767225607,1767225607",
        ])
    func times(text: String) throws {
        let request = SignedRequest.customerio.with { $0.headers[0].value = text }
        #expect(try request.problem() == .timeMalformed)
        #expect(
            try request.with {
                $0.signing = $0.signing.replacing("]}", with: #"],"tolerance_seconds":0}"#)
            }.problem() == .timeMalformed)
    }

    @Test("Customer.io's other vectors")
    func customerio() throws {
        let short = SignedRequest(
            signing: #"{"scheme":"customerio","secrets":["k"]}"#, body: "{}",
            headers: [
                ("x-cio-timestamp", "1700000000"),
                ("x-cio-signature", "*"),
            ], signature: "4d1ef9dc58210a288bb6450caca892dd965babccd8da5c4357f3c01e8fe6ecad",
            seconds: 1_700_000_000)
        #expect(try short.problem() == nil)
        let empty = short.with {
            $0.body = ""
            $0.headers[1].value = "0ba814a0be90c962b2ca5941ab027f8e182ab953bc4e2cb499b12bf906a414c3"
        }
        #expect(try empty.problem() == nil)
        for wrong in [
            "5d462ca87eb51efceb1b0ab23553c1738e09139c2ef8fee8d671db5e6551e6e6",
            "9b3506657bef11b95387ec2cf4ec5b2558f50e0b7e781ee01c2b7451d0965747",
        ] {
            #expect(
                try SignedRequest.customerio.with { $0.headers[1].value = wrong }.problem()
                    == .mismatch)
        }
    }

    @Test("the time is part of what is signed")
    func signedTime() throws {
        #expect(
            try SignedRequest.customerio.with { $0.headers[0].value = "1767225608" }.problem()
                == .mismatch)
        #expect(
            try SignedRequest.stripe.with {
                $0.headers[0].value = $0.headers[0].value.replacing("7200", with: "7201")
            }.problem() == .mismatch)
    }

    @Test("of elements, one time counts and any signature, but not hundreds")
    func elements() throws {
        let value = SignedRequest.stripe.headers[0].value
        func problem(_ text: String) throws -> SignatureProblem? {
            try SignedRequest.stripe.with { $0.headers[0].value = text }.problem()
        }
        let wrong = "v1=" + String(repeating: "ab", count: 32)
        #expect(try problem("\(wrong),x,=,v1=zz,\(value)") == nil)
        #expect(try problem("t=1767607200,\(value)") == .headerRepeated("stripe-signature"))
        #expect(try problem("\(value),\(value)") == .headerRepeated("stripe-signature"))
        #expect(try problem(String(value.dropFirst(13))) == .malformed("stripe-signature"))
        #expect(try problem("t=1767607200") == .malformed("stripe-signature"))
        #expect(try problem("t=,\(value.dropFirst(13))") == .timeMalformed)
        let many = Array(repeating: wrong, count: 16).joined(separator: ",")
        let tooMany = try problem("\(value),\(many)")
        #expect(tooMany == .tooMany("stripe-signature", limit: 16))
        #expect(tooMany?.reason.contains("too many signatures") == true)
        #expect(try problem("\(value),\(many.dropFirst(wrong.utf8.count + 1))") == nil)
    }

    @Test("a list holds signatures without names")
    func list() throws {
        let request = SignedRequest(
            signing:
                #"{"scheme":"custom","secrets":["k"],"header":"x-sig","algorithm":"sha1","separator":" "}"#,
            body: "body",
            headers: [("x-sig", "0000000000000000000000000000000000000000 *")],
            // Computed with `openssl dgst -sha1 -hmac k`.
            signature: "a2282e7648e8caf7d224d6531dcd95c2808a5d89", seconds: 0)
        #expect(try request.problem() == nil)
        #expect(try request.with { $0.body = "bodY" }.problem() == .mismatch)
    }

    @Test("no key has signed anything")
    func noKeys() throws {
        let claim = try SignatureClaim(
            .github,
            headers: SignedRequest.github.headers.map { HTTPField($0.name, $0.value) },
            body: Array("Hello, World!".utf8)[...])
        #expect(!claim.isMade(by: []))
        #expect(claim.isMade(by: Array("It's a Secret to Everybody".utf8)))
    }
}
