import Formats
import Testing
@testable import Partners

@Suite("Signature recipes")
struct SignatureRecipeTests {
    private func rule(_ signing: String) throws -> SigningRule {
        let json =
            #"[{"name":"a","webhook_token":"t","validation_config":{"senders":["partner"],"signing":\#(signing)}}]"#
        return try #require(try Registry(json: Array(json.utf8)).partners[0].signing)
    }

    private func custom(_ members: String) throws -> SignatureRecipe {
        try rule(#"{"scheme":"custom","secrets":["00"],\#(members)}"#).recipe
    }

    @Test("every scheme with a name has its recipe")
    func presets() throws {
        for (name, recipe) in [
            ("segment", SignatureRecipe.segment), ("customerio", .customerio),
            ("standard-webhooks", .standardWebhooks), ("github", .github), ("stripe", .stripe),
            ("shopify", .shopify), ("slack", .slack),
        ] {
            let rule = try rule(#"{"scheme":"\#(name)","secrets":["c2VjcmV0"]}"#)
            #expect(rule.recipe == recipe)
            #expect(rule.tolerance == .seconds(300))
        }
    }

    @Test("a recipe of one's own needs a header alone")
    func defaults() throws {
        #expect(try custom(#""header":"X-Sig""#) == SignatureRecipe(header: "x-sig"))
    }

    @Test("a recipe can be spelled out, and is then the same as one with a name")
    func spelledOut() throws {
        #expect(
            try custom(
                #""header":"Stripe-Signature","element":"v1","timestamp_element":"t","template":"{timestamp}.{body}""#
            ) == .stripe)
        #expect(
            try custom(
                #"""
                "header":"webhook-signature","key":"base64","key_prefix":"whsec_","separator":" ",
                "equals":",","element":"v1","encoding":"base64","id_header":"webhook-id",
                "timestamp_header":"webhook-timestamp","template":"{id}.{timestamp}.{body}"
                """#) == .standardWebhooks)
        #expect(
            try custom(#""header":"X-Hub-Signature-256","prefix":"sha256=""#) == .github)
        #expect(
            try custom(
                #""header":"X-Slack-Signature","prefix":"v0=","template":"v0:{timestamp}:{body}","timestamp_header":"X-Slack-Request-Timestamp""#
            ) == .slack)
        #expect(
            try custom(#""header":"X-Signature","algorithm":"sha1""#) == .segment)
        #expect(
            try custom(#""header":"x","separator":",""#).layout == .list(separator: ","))
    }

    @Test("a tolerance of 0 lets any time in")
    func noWindow() throws {
        let rule = try rule(#"{"scheme":"slack","secrets":["s"],"tolerance_seconds":0}"#)
        #expect(rule.tolerance == .zero)
    }

    @Test(
        "a recipe that would check nothing, or cannot be meant, is refused with its place",
        arguments: [
            (#""algorithm":"sha256""#, ": header is missing"),
            (#""header":"""#, ".header: empty"),
            (#""header":7"#, ".header: not a string"),
            (#""header":"x sig""#, ".header: not a header's name"),
            (#""header":"x:sig""#, ".header: not a header's name"),
            (#""header":"x","algorithm":"md5""#, ".algorithm: not one of sha1, sha256, sha512"),
            (#""header":"x","encoding":"text""#, ".encoding: not one of hex, base64"),
            (#""header":"x","key":"utf8""#, ".key: not one of text, base64, hex"),
            (#""header":"x","separator":", ""#, ".separator: not one ASCII sign, such as a comma"),
            (#""header":"x","separator":"a""#, ".separator: not one ASCII sign, such as a comma"),
            (#""header":"x","separator":"é""#, ".separator: not one ASCII sign, such as a comma"),
            (#""header":"x","equals":":""#, ".equals: needs element"),
            (#""header":"x","element":"v1","equals":",""#, ".equals: the same as separator"),
            (
                #""header":"x","template":"{body}{time}""#,
                ".template: braces hold something else than {id}, {timestamp} or {body}"
            ),
            (
                #""header":"x","template":"{body""#,
                ".template: braces hold something else than {id}, {timestamp} or {body}"
            ),
            (#""header":"x","template":"v0:""#, ".template: needs {body}, once"),
            (#""header":"x","template":"{body}{body}""#, ".template: needs {body}, once"),
            (
                #""header":"x","template":"{timestamp}{body}""#,
                ".template: {timestamp} needs timestamp_header"
            ),
            (#""header":"x","template":"{id}{body}""#, ".template: {id} needs id_header"),
            (
                #""header":"x","timestamp_header":"y""#,
                ".template: does not hold {timestamp}, so that it would not be signed"
            ),
            (
                #""header":"x","id_header":"y""#,
                ".template: does not hold {id}, so that it would not be signed"
            ),
            (
                #""header":"x","timestamp_element":"t","template":"{timestamp}{body}""#,
                ".timestamp_element: needs element"
            ),
            (
                #""header":"x","element":"v","timestamp_element":"t","timestamp_header":"y","template":"{timestamp}{body}""#,
                ".timestamp_element: given beside timestamp_header"
            ),
            (#""header":"x","tolerance_seconds":60"#, ".tolerance_seconds: no timestamp is signed"),
            (
                #""header":"x","prefix":"\#(String(repeating: "p", count: 129))""#,
                ".prefix: longer than 128 bytes"
            ),
            (
                #""header":"x","tolerance_seconds":true"#,
                ".tolerance_seconds: no timestamp is signed"
            ),
        ])
    func refused(members: String, reason: String) {
        #expect {
            try custom(members)
        } throws: {
            ($0 as? PartnerError)?.reason == "partners[0].validation_config.signing" + reason
        }
    }

    @Test("a secret that is not of the scheme's form is refused, and not shown")
    func secretForms() throws {
        for signing in [
            #"{"scheme":"standard-webhooks","secrets":["whsec_b2xk","whsec_*hunter2*"]}"#,
            #"{"scheme":"standard-webhooks","secrets":["b2xk","whsec_"]}"#,
        ] {
            #expect {
                try rule(signing)
            } throws: {
                ($0 as? PartnerError)?.reason
                    == "partners[0].validation_config.signing.secrets[1]: not Base64"
            }
        }
        #expect {
            try rule(#"{"scheme":"custom","header":"x","key":"hex","secrets":["hunter2"]}"#)
        } throws: {
            ($0 as? PartnerError)?.reason
                == "partners[0].validation_config.signing.secrets[0]: not hexadecimal digits"
        }
    }

    @Test("a scheme with a name takes nothing of a recipe of one's own")
    func unknownKeys() {
        #expect {
            try rule(#"{"scheme":"github","secrets":["s"],"header":"x"}"#)
        } throws: {
            ($0 as? PartnerError)?.reason.contains(#"unknown key "header""#) == true
        }
    }
}
