import Formats
import Partners
import Samples
import Secrets
import Senders
import TestSupport
import Testing

@Suite("Sample requests", .timeLimit(.minutes(60)))
struct SampleRequestTests {
    private static let now = Timestamp(milliseconds: 1_767_607_200_500)
    private static let id = "msg_7"

    private func partner(
        _ sender: String, _ scheme: String, _ secret: String = "s-e-c", _ more: String = "",
        rules: String = ""
    ) throws -> Partner {
        let signing = #""signing":{"scheme":"\#(scheme)","secrets":["\#(secret)"]\#(more)}"#
        return try Self.partner(#"{"senders":["\#(sender)"],\#(signing)\#(rules)}"#)
    }

    private static func partner(_ config: String) throws -> Partner {
        let record = #"[{"name":"shop","webhook_token":"t","validation_config":\#(config)}]"#
        return try Registry(json: Array(record.utf8)).partners[0]
    }

    private static func key(of rule: SigningRule) throws -> [UInt8] {
        guard case .plain(let key) = rule.secrets[0] else { throw Missing() }
        return key
    }

    private struct Missing: Error {}

    private func request(
        _ partner: Partner, _ body: String, _ family: SampleRequest.Signature.Family = .webhook
    ) throws -> SampleRequest {
        let sender = partner.validation.senders[0]
        let rule = try #require(partner.signing)
        let signature = try SampleRequest.Signature(
            by: rule, as: sender, family, key: try Self.key(of: rule), id: Self.id, at: Self.now)
        return try SampleRequest(
            Array(body.utf8), headers: [], as: sender, token: "a b", signature)
    }

    /// What another implementation makes of it.
    private func reference(
        _ scheme: String, _ secret: String, _ body: String
    ) throws -> [String: String] {
        let script = #filePath.replacing("SampleRequestTests.swift", with: "sign.py")
        let program = try Program(
            try PythonTools.program("python"),
            [script, scheme, secret, Self.id, "1767607200", body],
            environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
        guard try program.end() == .status(0) else { throw program.failure("failed") }
        let headers = try JSONText(Array(program.output.utf8)).root.members.map { member in
            (member.name.string ?? "", member.value.string ?? "")
        }
        return Dictionary(uniqueKeysWithValues: headers)
    }

    @Test(
        "are signed as other implementations of their scheme sign them",
        arguments: [
            ("segment-destination", "segment", "s-e-c", ""),
            ("customerio", "customerio", "s-e-c", ""),
            ("partner", "standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""),
            ("partner", "svix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""),
            ("partner", "github", "s-e-c", ""), ("partner", "stripe", "whsec_text", ""),
            ("partner", "shopify", "s-e-c", ""), ("partner", "slack", "s-e-c", ""),
            ("partner", "custom", "s-e-c", #","header":"X-Sig""#),
            (
                "partner", "custom-timed", "s-e-c",
                #","header":"X-Sig","algorithm":"sha512","encoding":"base64","prefix":"it's ","#
                    + #""id_header":"X-Id","timestamp_header":"X-Time","#
                    + #""template":"{id}|{timestamp}|{body}""#
            ),
        ])
    func signed(sender: String, scheme: String, secret: String, more: String) throws {
        let named = ["svix": "standard-webhooks", "custom-timed": "custom"][scheme] ?? scheme
        let partner = try partner(sender, named, secret, more)
        let body = #"{"type":"track","total":1.10,"name":"Jörg — €"}"#
        let request = try request(partner, body, scheme == "svix" ? .svix : .webhook)
        let expected = try reference(scheme, secret, body)
        #expect(!expected.isEmpty)
        var headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers.removeValue(forKey: "content-type") == "application/json")
        #expect(headers == expected)
        #expect(request.body == Array(body.utf8))
    }

    @Test("of an array, Segment's signature covers the first call")
    func firstCall() throws {
        let partner = try partner("segment-destination", "segment")
        let request = try request(partner, #"[ {"a":1} , {"b":2}]"#)
        let expected = try reference("segment", "s-e-c", #"{"a":1}"#)
        #expect(request.headers["x-signature"] == expected["x-signature"])
    }

    @Test(
        "go to the sender's route",
        arguments: [
            ("partner", "{}", "/webhook/v1/a%20b"),
            ("customerio", "{}", "/webhook/customerio/a%20b"),
            ("segment-destination", "[]", "/webhook/segment/a%20b"),
            ("segment-api", #"{"type":"identify"}"#, "/v1/identify"),
            ("segment-api", #"{"type":"delete"}"#, "/v1/track"),
            ("segment-api", #"{"batch":[]}"#, "/v1/batch"), ("segment-api", "no JSON", "/v1/track"),
        ])
    func path(sender: String, body: String, path: String) throws {
        let name = try #require(SenderName(rawValue: sender))
        let request = try SampleRequest(
            Array(body.utf8), headers: [HTTPField("Content-Type", "text/plain")], as: name,
            token: "a b", nil)
        #expect(request.path == path)
        #expect(request.headers.values("content-type") == ["text/plain"])
        #expect((request.headers["authorization"] == "Basic YSBiOg==") == (sender == "segment-api"))
    }

    @Test("need a token, unless a signature tells whose they are")
    func tokenless() throws {
        let tokenless = try SampleRequest([], headers: [], as: .customerIO, token: nil, nil)
        #expect(tokenless.path == "/webhook/customerio")
        for sender in [SenderName.segmentAPI, .segmentDestination, .partner] {
            #expect(throws: SampleError.tokenMissing(sender)) {
                try SampleRequest([], headers: [], as: sender, token: nil, nil)
            }
        }
    }

    @Test("are not signed by a scheme that their sender does not sign by")
    func otherScheme() throws {
        for (sender, scheme) in [
            ("segment-destination", "github"), ("customerio", "stripe"), ("segment-api", "github"),
        ] {
            let partner = try partner(sender, scheme)
            let name = try #require(SenderName(rawValue: sender))
            let rule = try #require(partner.signing)
            #expect(throws: SampleError.notSigned(name, by: rule.scheme)) {
                try self.request(partner, "{}")
            }
        }
        #expect(throws: SampleError.oneFamily(.github)) {
            try self.request(self.partner("partner", "github"), "{}", .svix)
        }
    }

    @Test(
        "are new each time, where an id or a time is asked for",
        arguments: [
            (#"{"senders":["segment-api"]}"#, "evt-1"),
            (#"{"senders":["segment-destination"]}"#, "evt-1"),
            (#"{"senders":["customerio"]}"#, "evt-1"), (#"{"senders":["partner"]}"#, "evt-1"),
            (
                #"{"senders":["partner"],"signing":{"scheme":"stripe","secrets":["s"]}}"#, "evt_1"
            ),
            (#"{"senders":["partner"],"signing":{"scheme":"slack","secrets":["s"]}}"#, "Ev1"),
            (
                #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["s"]}}"#,
                "72d3162e-cc78-11e3-81ab-4c9367dc0958"
            ),
            (
                #"{"senders":["partner"],"signing":{"scheme":"shopify","secrets":["s"]}}"#,
                "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
            ),
        ])
    func fresh(config: String, shown: String) throws {
        let partner = try Self.partner(config)
        let sender = RouteTable.sender(partner.validation.senders[0])
        func texts(_ values: SampleValues) throws -> String {
            let sample = try #require(Sample(for: partner, of: sender, values))
            return sample.text + sample.headers.map(\.value).joined()
        }
        #expect(try texts(.shown).contains(shown))
        let fresh = try texts(SampleValues(id: "new-id", at: Self.now))
        #expect(fresh.contains("new-id") && !fresh.contains(shown))
        #expect(!fresh.contains("10:00:00.000Z"))
    }
}
