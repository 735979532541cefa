import Formats
import Partners
import Secrets
import Testing
import Tracking

@Suite("Rules for partners' own webhooks")
struct ValidationConfigTests {
    private func validation(_ rules: String) throws -> ValidationConfig {
        let json = #"[{"name":"a","webhook_token":"t","validation_config":\#(rules)}]"#
        return try #require(try Registry(json: Array(json.utf8)).partners.first).validation
    }

    @Test("without a word everything is allowed, and the standard mapping counts")
    func defaults() throws {
        for rules in [
            "{}", "null", #"{"senders":["partner"],"mapping":{}}"#,
            #"{"senders":["partner"],"mapping":{"event":null}}"#,
        ] {
            let config = try validation(rules)
            #expect(config.requiredFields.isEmpty)
            #expect(config.eventTypes == nil)
            #expect(config.maximumBytes == 5 << 20)
            #expect(config.mapping[.type].isEmpty)
            #expect(
                config.mapping[.event].map(Self.text) == ["event_type", "event", "type"])
        }
    }

    private static func text(_ source: WebhookMapping.Source) -> String {
        switch source {
        case .path(let path): path.text
        case .header(let name): "header " + name
        case .constant(let value): "const " + String(decoding: value.raw, as: UTF8.self)
        }
    }

    @Test("everything said is read, and fields that are not mapped keep their standard source")
    func full() throws {
        let config = try validation(
            #"""
            {"senders":["partner"],"required_fields":["data.email","/data/a~1b"],"event_types":["a","b"],"max_bytes":1000,
             "mapping":{"type":{"const":"identify"},"event":"/kind",
                        "userId":["/who/id","who.uid",{"const":"nobody"}],
                        "context":{"const":{"n":1.10}},"messageId":{"const":null}}}
            """#)
        #expect(config.requiredFields.map(\.text) == ["data.email", "/data/a~1b"])
        #expect(
            config.requiredFields.map(\.pointer.tokens) == [["data", "email"], ["data", "a/b"]])
        #expect(config.eventTypes == ["a", "b"])
        #expect(config.maximumBytes == 1000)
        let mapping = config.mapping
        #expect(mapping[.type].map(Self.text) == [#"const "identify""#])
        #expect(mapping[.event].map(Self.text) == ["/kind"])
        #expect(
            mapping[.userID].map(Self.text) == ["/who/id", "who.uid", #"const "nobody""#])
        #expect(mapping[.context].map(Self.text) == [#"const {"n":1.10}"#])
        #expect(mapping[.messageID].map(Self.text) == ["const null"])
        #expect(mapping[.properties].map(Self.text) == ["data", "properties"])
    }

    @Test(
        "a header that holds a secret is no source",
        arguments: [
            "Authorization", "Proxy-Authorization", "Cookie", "X-Hub-Signature-256",
            "X-Shopify-Hmac-Sha256", "Stripe-Signature", "X-Gitlab-Token", "X-Api-Key", "X-APIKEY",
            "X_Api_Key", "X-Access-Key", "X-Functions-Key",
            "X-Session-Id",
            "X-Amz-Security-Token", "X-Client-Secret", "X-Password",
        ])
    func secretHeaders(name: String) {
        #expect(throws: PartnerError.self) {
            try validation(#"{"senders":["partner"],"mapping":{"event":{"header":"\#(name)"}}}"#)
        }
    }

    @Test("nor is the header that a recipe of one's own has the signature in")
    func signatureHeader() {
        #expect(throws: PartnerError.self) {
            try validation(
                #"""
                {"senders":["partner"],"mapping":{"event":["a",{"header":"x-proof"}]},
                 "signing":{"scheme":"custom","secrets":["s"],"header":"X-Proof"}}
                """#)
        }
    }

    @Test("what a mapping leaves out is where the scheme's provider has it")
    func presets() throws {
        let config = try validation(
            #"""
            {"senders":["partner"],"signing":{"scheme":"github","secrets":["s"]},
             "mapping":{"userId":{"header":"X-Who"}}}
            """#)
        #expect(config.mapping[.event].map(Self.text) == ["header x-github-event"])
        #expect(config.mapping[.userID].map(Self.text) == ["header x-who"])
        #expect(config.mapping.subject.isEmpty)
        // For what that provider has not sent, it is where the standard has it.
        #expect(
            config.mapping(nil)[.event].map(Self.text) == ["event_type", "event", "type"])
    }

    @Test(
        "the senders are those that are named, or the tracking API alone",
        arguments: [
            ("null", [.segmentAPI]), ("{}", [.segmentAPI]), (#"{"senders":null}"#, [.segmentAPI]),
            (#"{"allowed_ips":["203.0.113.0/24"]}"#, [.segmentAPI]),
            (#"{"signing":null,"mapping":null}"#, [.segmentAPI]),
            (#"{"senders":["customerio"]}"#, [.customerIO]),
            (
                #"{"senders":["partner","segment-api","segment-destination","customerio"]}"#,
                [.partner, .segmentAPI, .segmentDestination, .customerIO]
            ),
            (#"{"senders":["partner"],"max_bytes":1}"#, [.partner]),
        ] as [(String, [SenderName])])
    func senders(rules: String, expected: [SenderName]) throws {
        #expect(try validation(rules).senders == expected)
    }

    /// Rules with senders, which they ask for.
    private static func naming(_ rules: String) -> String {
        guard rules.hasPrefix("{\""), !rules.contains("\"senders\"") else { return rules }
        return #"{"senders":["partner"],"# + rules.dropFirst()
    }

    private static let known = "segment-api, segment-destination, customerio, partner"

    @Test(
        "senders that are none are refused with those that are known",
        arguments: [
            (#"{"senders":"partner"}"#, ".senders: not an array"),
            (#"{"senders":[]}"#, ".senders: empty; leave it out instead"),
            (#"{"senders":["fax"]}"#, ".senders[0]: not one of \(known)"),
            (#"{"senders":["partner","Partner"]}"#, ".senders[1]: not one of \(known)"),
            (#"{"senders":["partner",1]}"#, ".senders[1]: not a string"),
            (#"{"senders":["partner","partner"]}"#, ".senders[1]: given twice"),
        ])
    func brokenSenders(rules: String, reason: String) {
        brokenRules(rules: rules, reason: reason)
    }

    @Test(
        "a rule without senders is refused: another route would pass it by",
        arguments: [
            #""signing":{"scheme":"github","secrets":["s"]}"#, #""naming":"legacy""#,
            #""required_fields":["a"]"#, #""event_types":["a"]"#, #""max_bytes":1"#,
            #""mapping":{}"#,
        ])
    func rulesWithoutSenders(rule: String) throws {
        let key = rule.dropFirst().prefix { $0 != "\"" }
        brokenRules(
            rules: #"{"senders":null,\#(rule)}"#,
            reason: ": \(key) asks for senders, which say whose routes the token opens; known are "
                + Self.known)
        #expect(throws: PartnerError.self) { try validation("{\(rule)}") }
        for sender in SenderName.allCases {
            let config = try validation(#"{"senders":["\#(sender.rawValue)"],\#(rule)}"#)
            #expect(config.senders == [sender])
        }
    }

    @Test("all that is wrong is told at once, each with its place")
    func allMistakes() {
        let rules =
            #"{"ips":[],"senders":["fax","partner","mail"],"allowed_ips":["x","::1","y"],"max_bytes":0,"#
            + #""required_fields":["a..b","","c"],"event_types":[""],"naming":"2015","#
            + #""signing":{"scheme":"github","secrets":["",1,"ssm:"],"tolerance_seconds":-1,"x":1},"#
            + #""mapping":{"event":"a..b","userId":[],"kind":"k"}}"#
        let places = [
            "", ".allowed_ips[0]", ".allowed_ips[2]", ".signing", ".signing.secrets[1]",
            ".signing.tolerance_seconds", ".naming", ".required_fields[0]", ".required_fields[1]",
            ".event_types[0]", ".max_bytes", ".mapping", ".mapping.event", ".mapping.userId",
            ".senders[0]", ".senders[2]",
        ]
        #expect {
            try validation(rules)
        } throws: { error in
            let mistakes = (error as? PartnerError)?.mistakes.map(\.place) ?? []
            return mistakes == places.map { "partners[0].validation_config" + $0 }
        }
    }

    @Test("the mistakes of all partners are told at once, and a phrase names twenty of them")
    func allPartners() {
        let records = (0..<30).map { #"{"name":"p\#($0)","webhook_token":"t\#($0)","x":1}"# }
        #expect {
            try Registry(json: Array("[\(records.joined(separator: ","))]".utf8))
        } throws: { error in
            guard let error = error as? PartnerError else { return false }
            return error.mistakes.count == 30 && error.reason.hasSuffix("; and 10 more")
                && error.reason.contains("partners[19]: unknown key")
                && !error.reason.contains("partners[20]")
        }
    }

    private static let long = String(repeating: "x", count: 257)
    private static let deep = String(repeating: "/a", count: 17)

    @Test(
        "a broken rule is refused, naming the place",
        arguments: [
            (#"{"required_fields":"a"}"#, ".required_fields: not an array"),
            (#"{"required_fields":[]}"#, ".required_fields: empty; leave it out instead"),
            (#"{"required_fields":["a",1]}"#, ".required_fields[1]: not a string"),
            (#"{"required_fields":[""]}"#, ".required_fields[0]: empty"),
            (#"{"required_fields":["a.b","/a/b"]}"#, ".required_fields[1]: given twice"),
            (
                #"{"required_fields":["a..b"]}"#,
                ".required_fields[0]: a dotted path with an empty name"
            ),
            (
                #"{"required_fields":[".a"]}"#,
                ".required_fields[0]: a dotted path with an empty name"
            ),
            (
                #"{"required_fields":["/a~2"]}"#,
                ".required_fields[0]: not a JSON Pointer: after ~ only 0 or 1 may come"
            ),
            (#"{"required_fields":["\#(long)"]}"#, ".required_fields[0]: longer than 256 bytes"),
            (#"{"required_fields":["\#(deep)"]}"#, ".required_fields[0]: deeper than 16 levels"),
            (
                #"{"required_fields":[\#((0..<65).map { "\"f\($0)\"" }.joined(separator: ","))]}"#,
                ".required_fields: more than 64 elements"
            ),
            (#"{"event_types":"a"}"#, ".event_types: not an array"),
            (#"{"event_types":[]}"#, ".event_types: empty; leave it out instead"),
            (#"{"event_types":["a",""]}"#, ".event_types[1]: empty"),
            (#"{"event_types":["\#(long)"]}"#, ".event_types[0]: longer than 256 bytes"),
            (#"{"max_bytes":0}"#, ".max_bytes: not a whole number from 1 to 5242880"),
            (#"{"max_bytes":5242881}"#, ".max_bytes: not a whole number from 1 to 5242880"),
            (#"{"max_bytes":"1"}"#, ".max_bytes: not a whole number from 1 to 5242880"),
            (#"{"max_bytes":1.5}"#, ".max_bytes: not a whole number from 1 to 5242880"),
            (#"{"mapping":[]}"#, ".mapping: not an object"),
            (
                #"{"mapping":{"event":7}}"#,
                #".mapping.event: neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
            ),
            (
                #"{"mapping":{"event":[["a"]]}}"#,
                #".mapping.event[0]: neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
            ),
            (
                #"{"mapping":{"event":[]}}"#,
                #".mapping.event: empty; {"const": null} takes the field from nowhere"#
            ),
            (
                #"{"mapping":{"event":{}}}"#,
                #".mapping.event: neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
            ),
            (
                #"{"mapping":{"event":{"header":"X-Event","const":"a"}}}"#,
                #".mapping.event: neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
            ),
            (#"{"mapping":{"event":{"header":7}}}"#, ".mapping.event.header: not a header's name"),
            (
                #"{"mapping":{"event":{"header":"X Event"}}}"#,
                ".mapping.event.header: not a header's name"
            ),
            (#"{"mapping":{"event":{"header":""}}}"#, ".mapping.event.header: not a header's name"),
            (
                #"{"mapping":{"event":{"header":"\#(String(repeating: "x", count: 129))"}}}"#,
                ".mapping.event.header: not a header's name"
            ),
            (
                #"{"mapping":{"userId":["a",{"header":"Authorization"}]}}"#,
                ".mapping.userId[1].header: what such a header holds is not published"
            ),
            (
                #"{"mapping":{"properties":{"header":"X-Data"}}}"#,
                ".mapping.properties.header: a header is no object"
            ),
            (
                #"{"mapping":{"event":{"const":"a","or":"b"}}}"#,
                #".mapping.event: neither a path, nor {"header": name}, nor {"const": value}, nor an array of them"#
            ),
            (
                #"{"mapping":{"event":["a",{"const":"x"},"b"]}}"#,
                ".mapping.event[2]: never tried: a constant comes before it"
            ),
            (
                #"{"mapping":{"event":["a","b","c","d","e","f","g","h","i"]}}"#,
                ".mapping.event[8]: more than 8 sources"
            ),
            (
                #"{"mapping":{"event":"$.data.kind"}}"#,
                ".mapping.event: neither a JSON Pointer such as /data/user_id nor a dotted path "
                    + "such as data.user_id"
            ),
            (
                #"{"mapping":{"event":"items[0]"}}"#,
                ".mapping.event: neither a JSON Pointer such as /data/user_id nor a dotted path "
                    + "such as data.user_id"
            ),
            (
                #"{"mapping":{"type":{"const":"delete"}}}"#,
                ".mapping.type.const: not one of identify, track, page, screen, group, alias"
            ),
            (
                #"{"mapping":{"type":{"const":1}}}"#,
                ".mapping.type.const: not one of identify, track, page, screen, group, alias"
            ),
            (
                #"{"mapping":{"messageId":{"const":"1"}}}"#,
                ".mapping.messageId.const: one messageId for all would make all one message"
            ),
            (
                #"{"mapping":{"timestamp":["at",{"const":"2026-01-05T10:00:00Z"}]}}"#,
                ".mapping.timestamp[1].const: one time for all; leave it out for the arrival's"
            ),
            (
                #"{"mapping":{"userId":{"const":""}}}"#,
                ".mapping.userId.const: not a string with at least one character"
            ),
            (
                #"{"mapping":{"properties":{"const":[]}}}"#,
                ".mapping.properties.const: not an object"
            ),
            (
                #"{"mapping":{"event":{"const":"\#(String(repeating: "x", count: 4096))"}}}"#,
                ".mapping.event.const: longer than 4096 bytes"
            ),
        ])
    func brokenRules(rules: String, reason: String) {
        let rules = Self.naming(rules)
        #expect {
            try validation(rules)
        } throws: {
            ($0 as? PartnerError)?.reason == "partners[0].validation_config" + reason
        }
    }

    @Test("an unknown field of a call is refused with those that are known")
    func unknownField() {
        #expect {
            try validation(#"{"mapping":{"user_id":"/x"}}"#)
        } throws: {
            ($0 as? PartnerError)?.reason.hasPrefix(
                #"partners[0].validation_config.mapping: unknown key "user_id"; known are "#)
                == true
        }
    }
}
