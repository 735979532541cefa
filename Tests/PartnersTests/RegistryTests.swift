import Formats
import Partners
import Secrets
import Signing
import Testing

@Suite("Partner records")
struct RegistryTests {
    private func registry(_ json: String) throws -> Registry {
        try Registry(json: Array(json.utf8))
    }

    private static let full = """
        [{"id": "0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa", "name": "web-app",
          "description": "Marketing site", "webhook_token": "wk_live_51xQ", "status": "ACTIVE",
          "validation_config": {"allowed_ips": ["203.0.113.0/24", "2001:db8::/32"],
            "senders": ["segment-destination"],
            "signing": {"scheme": "segment", "secrets": ["s1", "ssm:/s2"], "tolerance_seconds": 60}},
          "created_at": "2026-01-05T10:00:00.000Z", "modified_at": "2026-01-05T10:00:00.000Z",
          "deleted_at": null}]
        """

    @Test("a full record is read")
    func full() throws {
        let partner = try #require(try registry(Self.full).partners.first)
        #expect(partner.id == "0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa")
        #expect(partner.name == "web-app")
        #expect(partner.description == "Marketing site")
        #expect(partner.standing == .active)
        #expect(partner.allows(IPAddress("203.0.113.9")))
        #expect(partner.allows(IPAddress("2001:db8::1")))
        #expect(!partner.allows(IPAddress("203.0.114.9")))
        #expect(!partner.allows(nil))
        let signing = try #require(partner.signing)
        #expect(signing.scheme == .segment)
        #expect(signing.secrets.count == 2)
        #expect(signing.tolerance == .seconds(60))
    }

    @Test("name and token are enough")
    func least() throws {
        let registry = try registry(#"[{"name":"a","webhook_token":"t"}]"#)
        let partner = try #require(registry.partner(token: "t".utf8))
        #expect(partner.id == "a")
        #expect(partner.standing == .active)
        #expect(partner.signing == nil)
        #expect(partner.allows(nil))
        #expect(registry.partner(id: "a")?.name == "a")
        #expect(registry.partner(name: "a")?.id == "a")
        #expect(try self.registry(" [ ] ").partners.isEmpty)
    }

    @Test("tokens are found by any of their forms, and only whole")
    func tokens() throws {
        let hash = SHA256.digest(Array("three".utf8))
        let hex = Hex.encode(hash.indices.map { hash[$0] })
        let registry = try registry(
            #"[{"name":"a","webhook_token":["one","two","sha256:\#(hex.uppercased())"]},"#
                + #"{"name":"b","webhook_token":"four"}]"#)
        for token in ["one", "two", "three"] {
            #expect(registry.partner(token: token.utf8)?.name == "a")
        }
        #expect(registry.partner(token: "four".utf8)?.name == "b")
        for token in ["", "on", "ones", "One", "sha256:\(hex)", hex] {
            #expect(registry.partner(token: token.utf8) == nil)
        }
    }

    @Test("a partner that may not send is found with its standing")
    func standings() throws {
        let registry = try registry(
            """
            [{"name":"a","webhook_token":"a","status":"INACTIVE"},
             {"name":"b","webhook_token":"b","status":"SUSPENDED"},
             {"name":"c","webhook_token":"c","deleted_at":"2026-01-05T10:00:00.000Z"}]
            """)
        #expect(registry.partner(token: "a".utf8)?.standing == .inactive)
        #expect(registry.partner(token: "b".utf8)?.standing == .suspended)
        #expect(registry.partner(token: "c".utf8)?.standing == .deleted)
    }

    @Test(
        "a broken record is refused, naming the place",
        arguments: [
            (#"{}"#, "partners: not an array"),
            (#"[1]"#, "partners[0]: not an object"),
            (#"[{"webhook_token":"t"}]"#, "partners[0]: name is missing"),
            (#"[{"name":"a"}]"#, "partners[0]: webhook_token is missing"),
            (#"[{"name":null,"webhook_token":"t"}]"#, "partners[0]: name is missing"),
            (#"[{"name":"","webhook_token":"t"}]"#, "partners[0].name: empty"),
            (
                #"[{"name":"a\u0001","webhook_token":"t"}]"#,
                "partners[0].name: holds a line break, another control character, or one beyond U+FFFD, "
                    + "which SNS does not deliver as an attribute"
            ),
            (
                #"[{"name":"\ud83e\udd9c","webhook_token":"t"}]"#,
                "partners[0].name: holds a line break, another control character, or one beyond U+FFFD, "
                    + "which SNS does not deliver as an attribute"
            ),
            (#"[{"name":1,"webhook_token":"t"}]"#, "partners[0].name: not a string"),
            (#"[{"name":"a","webhook_token":""}]"#, "partners[0].webhook_token: empty"),
            (
                #"[{"name":"a","webhook_token":1}]"#,
                "partners[0].webhook_token: neither a string nor an array of strings"
            ),
            (
                #"[{"name":"a","webhook_token":[]}]"#,
                "partners[0].webhook_token: empty; leave it out instead"
            ),
            (
                #"[{"name":"a","webhook_token":["t",2]}]"#,
                "partners[0].webhook_token[1]: not a string"
            ),
            (
                #"[{"name":"a","webhook_token":["t","sha256:12"]}]"#,
                "partners[0].webhook_token[1]: not sha256: and 64 hex digits"
            ),
            (
                #"[{"name":"a","webhook_token":"t","status":"active"}]"#,
                "partners[0].status: not one of ACTIVE, INACTIVE, SUSPENDED"
            ),
            (
                #"[{"name":"a","webhook_token":"t","deleted_at":"now"}]"#,
                "partners[0].deleted_at: not a time such as 2026-01-05T10:00:00.000Z"
            ),
            (
                #"[{"name":"a","name":"b","webhook_token":"t"}]"#,
                "partners[0]: name is given twice"
            ),
            (
                #"[{"name":"a","webhook_token":"t"},{"name":"b","webhook_token":"t"}]"#,
                "partners[1].webhook_token: already given at partners[0]"
            ),
            (
                #"[{"name":"a","webhook_token":"t"},{"name":"a","id":"x","webhook_token":"u"}]"#,
                "partners[1].name: already that of partners[0]"
            ),
            (
                #"[{"name":"a","webhook_token":"t"},{"name":"b","id":"a","webhook_token":"u"}]"#,
                "partners[1].id: already that of partners[0]"
            ),
            ("[{\"name\":", "the partners are not JSON: it ends early, at byte 9"),
            ("", "the partners are not JSON: it is empty"),
        ])
    func refused(json: String, reason: String) {
        #expect {
            try registry(json)
        } throws: {
            ($0 as? PartnerError)?.reason == reason
        }
    }

    private static func signing(_ secret: String) -> String {
        var out: [UInt8] = []
        JSONString.append(secret.utf8.span, to: &out)
        return
            #"[{"name":"a","webhook_token":"t","validation_config":{"senders":["partner"],"signing":{"scheme":"github","#
            + #""secrets":["ssm:/good",\#(String(decoding: out, as: UTF8.self))]}}}]"#
    }

    @Test(
        "a secret that is a reference with a mistake in it is refused, and not taken for a key",
        arguments: [
            "ssm:", "ssm", "SSM:/a", " ssm:/x", "\tSsm:/x", "\u{FEFF}ssm:/x", "\u{A0}ssm:/x",
            "ssm :/x", "ssm:/x ", "ssm:/x\n", "ssm:/a b", "ssm:/\u{E9}", "secretsmanager",
            "secretsmanager:", "SecretsManager:x", "secretsmanager: x", "secretsmanager:a\tb",
            "file:/etc/passwd", "FILE:/x", "file:", "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            " ARN:aws:ssm:eu-west-1:1:parameter/x",
        ])
    func brokenReference(secret: String) {
        #expect {
            try registry(Self.signing(secret))
        } throws: { error in
            let reason = (error as? PartnerError)?.reason ?? ""
            let place = "partners[0].validation_config.signing.secrets[1]: "
            return reason.hasPrefix(place) && reason.contains("reference")
        }
    }

    @Test(
        "references, and secrets that only remind of them, are read",
        arguments: [
            ("ssm:/inlet/a", true), ("ssm:/inlet/a:3", true), ("secretsmanager:prod/x", true),
            ("secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf", true),
            ("ssm/x", false), ("ssmx:/a", false), ("my ssm:/a", false), ("files:x", false),
            ("arnold", false), ("a secret with spaces", false), (":ssm", false), (" ", false),
        ])
    func reference(secret: String, isReference: Bool) throws {
        let partner = try #require(try registry(Self.signing(secret)).partners.first)
        switch try #require(partner.signing?.secrets.last) {
        case .kept(let reference):
            #expect(isReference)
            #expect(reference.description == secret)
        case .plain(let bytes):
            #expect(!isReference)
            #expect(bytes == Array(secret.utf8))
        }
    }

    @Test("unknown keys are refused everywhere, with those that are known")
    func unknownKeys() {
        let base = #"[{"name":"a","webhook_token":"t""#
        for (json, start) in [
            (base + #","token":"x"}]"#, #"partners[0]: unknown key "token"; known are created_at"#),
            (
                base + #","validation_config":{"ips":[]}}]"#,
                #"partners[0].validation_config: unknown key "ips"; known are allowed_ips, event_types"#
            ),
            (
                base + #","validation_config":{"signing":{"secret":"s"}}}]"#,
                #"partners[0].validation_config.signing: unknown key "secret"; known are scheme"#
            ),
        ] {
            #expect {
                try registry(json)
            } throws: {
                ($0 as? PartnerError)?.reason.hasPrefix(start) == true
            }
        }
    }

    @Test(
        "a broken rule is refused, naming the place",
        arguments: [
            (#"1"#, ": not an object"),
            (#"{"allowed_ips":"1.2.3.4"}"#, ".allowed_ips: not an array"),
            (#"{"allowed_ips":[]}"#, ".allowed_ips: empty; leave it out instead"),
            (#"{"allowed_ips":[4]}"#, ".allowed_ips[0]: not a string"),
            (
                #"{"allowed_ips":["::1","1.2.3.4/33"]}"#,
                ".allowed_ips[1]: not a network such as 203.0.113.0/24"
            ),
            (#"{"naming":"2015"}"#, ".naming: not one of standard, legacy"),
            (#"{"naming":true}"#, ".naming: not a string"),
            (#"{"signing":[]}"#, ".signing: not an object"),
            (
                #"{"signing":{"secrets":["s"]}}"#,
                ".signing: scheme is missing; known are segment, customerio, standard-webhooks, "
                    + "github, stripe, shopify, slack, custom"
            ),
            (
                #"{"signing":{"scheme":"Stripe","secrets":["s"]}}"#,
                ".signing.scheme: not one of segment, customerio, standard-webhooks, github, "
                    + "stripe, shopify, slack, custom"
            ),
            (#"{"signing":{"scheme":"segment"}}"#, ".signing: secrets are missing"),
            (
                #"{"signing":{"scheme":"segment","secrets":[]}}"#,
                ".signing.secrets: empty; leave it out instead"
            ),
            (
                #"{"signing":{"scheme":"segment","secrets":["a",""]}}"#,
                ".signing.secrets[1]: empty"
            ),
            (
                #"{"signing":{"scheme":"segment","secrets":["a"],"tolerance_seconds":-1}}"#,
                ".signing.tolerance_seconds: not a whole number from 0 to 86400"
            ),
            (
                #"{"signing":{"scheme":"segment","secrets":["a"],"tolerance_seconds":86401}}"#,
                ".signing.tolerance_seconds: not a whole number from 0 to 86400"
            ),
            (
                #"{"signing":{"scheme":"segment","secrets":["a"],"tolerance_seconds":1.5}}"#,
                ".signing.tolerance_seconds: not a whole number from 0 to 86400"
            ),
        ])
    func brokenRules(rules: String, reason: String) {
        // Rules ask for senders.
        let rules =
            rules.hasPrefix("{")
            ? rules.replacing("{", with: #"{"senders":["partner"],"#, maxReplacements: 1) : rules
        #expect {
            try registry(#"[{"name":"a","webhook_token":"t","validation_config":\#(rules)}]"#)
        } throws: {
            ($0 as? PartnerError)?.reason == "partners[0].validation_config" + reason
        }
    }

    @Test(
        "a name that a list or a shell would spoil is refused with the reason",
        arguments: [
            ("-x", "begins with -"), ("--all", "begins with -"), (" a", "white space"),
            ("a\u{A0}", "white space"), ("a\\tb", "control character"),
            ("a\\nb", "line break"), ("a\u{202E}b", "nobody sees"), ("\u{2028}", "line break"),
            ("\u{200B}a", "nobody sees"),
        ])
    func names(name: String, reason: String) throws {
        #expect {
            try registry(#"[{"name":"\#(name)","webhook_token":"t"}]"#)
        } throws: { error in
            let text = (error as? PartnerError)?.reason ?? ""
            return text.hasPrefix("partners[0].name: ") && text.contains(reason)
        }
        for name in ["a-b", "a b", "É ñ", "_x", "a–"] {
            #expect(
                try registry(#"[{"name":"\#(name)","webhook_token":"t"}]"#).partners.count == 1)
        }
    }

    @Test("events are named as today, where nothing else is said")
    func naming() throws {
        for (rules, naming) in [
            ("{}", Partner.Naming.standard), (#"{"naming":null}"#, .standard),
            (#"{"senders":["customerio"],"naming":"standard"}"#, .standard),
            (#"{"senders":["customerio"],"naming":"legacy"}"#, .legacy),
        ] {
            let registry = try registry(
                #"[{"name":"a","webhook_token":"t","validation_config":\#(rules)}]"#)
            #expect(registry.partners[0].naming == naming)
        }
    }

    @Test("nothing that is printed shows a token or a secret")
    func redaction() throws {
        let registry = try registry(
            #"[{"name":"a","webhook_token":"hunter2","validation_config":"#
                + #"{"senders":["partner"],"signing":{"scheme":"segment","secrets":["sesame"]}}}]"#)
        var dumped = ""
        dump(registry, to: &dumped)
        let shown = "\(registry) \(String(reflecting: registry.partners)) \(dumped)"
        #expect(!shown.contains("hunter2"))
        #expect(!shown.contains("sesame"))
        let bytes = "\(Array("sesame".utf8))".dropFirst().dropLast()
        #expect(!shown.contains(bytes))
    }
}
