import Formats
import Foundation
import Partners
import Senders
import Testing
import Tracking

/// A payload, the rules it is read by, and what becomes of it.
struct WebhookCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var rules = "{}"
    let payload: String
    /// The message, from its type to its times: without `receivedAt` and what fills a gap.
    var message = ""
    /// `path code` of each failure.
    var failures: [String] = []
}

@Suite("Partners' own webhooks")
struct PartnerWebhookTests {
    /// The present: 2026-01-05T10:00:00.500Z.
    private static let now = Timestamp(milliseconds: 1_767_607_200_500)

    private static func partner(_ rules: String, id: String = "p-1") throws -> Partner {
        let config =
            if rules.contains(#""senders""#) {
                rules
            } else if rules == "{}" {
                #"{"senders":["partner"]}"#
            } else {
                #"{"senders":["partner"],"# + rules.dropFirst()
            }
        let json =
            #"[{"name":"crm","id":"\#(id)","webhook_token":"t","validation_config":\#(config)}]"#
        return try #require(try Registry(json: Array(json.utf8)).partners.first)
    }

    private static func read(
        _ body: String, _ rules: String = "{}", id: String = "p-1"
    ) throws -> Intake {
        try read(Array(body.utf8), rules, id: id)
    }

    private static func read(_ body: [UInt8], _ rules: String, id: String = "p-1") throws -> Intake
    {
        PartnerWebhook().reread(
            KeptInput(body, from: try partner(rules, id: id), context: CustomerIOSample.context))
    }

    private static let arrival = #""timestamp":"2026-01-05T10:00:00.500Z""#
    private static let received = #""receivedAt":"2026-01-05T10:00:00.500Z""#

    private static let accepted = [
        WebhookCase(
            testDescription: "the standard mapping: a track call with data as properties",
            payload: #"""
                {"event_type":"order.shipped","timestamp":"2026-01-05T09:59:42.350Z","event_id":"evt-1",
                 "data":{"user_id":"u-42","total":12.50,"n":12345678901234567890,"é":"\u00e9"}}
                """#,
            message:
                #"{"type":"track","messageId":"evt-1","userId":"u-42","event":"order.shipped","#
                + #""properties":{"user_id":"u-42","total":12.50,"n":12345678901234567890,"é":"\u00e9"},"#
                + #""timestamp":"2026-01-05T09:59:42.350Z","originalTimestamp":"2026-01-05T09:59:42.350Z",\#(received)}"#
        ),
        WebhookCase(
            testDescription: "as Standard Webhooks recommends payloads to be",
            payload:
                #"{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","message_id":"m","data":{"userId":"1f81","type":"x"}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"1f81","event":"contact.created","#
                + #""properties":{"userId":"1f81","type":"x"},"timestamp":"2022-11-03T20:26:10.344Z","#
                + #""originalTimestamp":"2022-11-03T20:26:10.344522Z",\#(received)}"#
        ),
        WebhookCase(
            testDescription: "null and empty values are none, and the next source is tried",
            payload:
                #"{"event_type":null,"event":"e","message_id":"i","event_id":"","data":{"user_id":"","userId":null},"user_id":"u"}"#,
            message:
                #"{"type":"track","messageId":"i","userId":"u","event":"e","properties":{"user_id":"","userId":null},"#
                + #"\#(arrival),\#(received),"event_type":null,"event_id":""}"#
        ),
        WebhookCase(
            testDescription: "whole numbers are ids, digit by digit",
            payload:
                #"{"event_type":"e","event_id":90071992547409931234,"data":{"user_id":42,"anonymous_id":-7}}"#,
            message:
                #"{"type":"track","messageId":"90071992547409931234","userId":"42","anonymousId":"-7","event":"e","#
                + #""properties":{"user_id":42,"anonymous_id":-7},\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription:
                "what the mapping leaves alone is kept, and apart where a call's field has its name",
            payload:
                #"{"api_version":1.10,"event_type":"e","message_id":"m","data":{"user_id":"u"},"sentAt":"2020-01-01T00:00:00Z","#
                + #""write_key":"w","account":{"id":1},"event":"f","user_id":"v","name":null,"id":"o-1"}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e","properties":{"user_id":"u"},"#
                + #"\#(arrival),\#(received),"api_version":1.10,"account":{"id":1},"id":"o-1","#
                + #""payload":{"sentAt":"2020-01-01T00:00:00Z","event":"f","user_id":"v"}}"#
        ),
        WebhookCase(
            testDescription: "a payload in the spec's own words loses nothing",
            payload:
                #"{"event":"Order Paid","messageId":"m","userId":"u-1","properties":{"total":99},"traits":{"plan":"pro"},"#
                + #""context":{"ip":"::1","n":1.10},"integrations":{"All":false}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u-1","event":"Order Paid","properties":{"total":99},"#
                + #""context":{"ip":"::1","n":1.10},"integrations":{"All":false},\#(arrival),\#(received),"#
                + #""payload":{"traits":{"plan":"pro"}}}"#
        ),
        WebhookCase(
            testDescription: "of data and properties the first counts, and the other is kept",
            payload:
                #"{"event":"e","messageId":"m","data":{"userId":"u"},"properties":{"a":1},"Properties":{"b":2}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e","properties":{"userId":"u"},"#
                + #"\#(arrival),\#(received),"payload":{"properties":{"a":1},"Properties":{"b":2}}}"#
        ),
        WebhookCase(
            testDescription: "an identify call takes traits, and what is no field of it is kept",
            rules: #"{"mapping":{"type":{"const":"identify"}}}"#,
            payload:
                #"{"event":"e","messageId":"m","userId":"u","traits":{"plan":"pro"},"properties":{"a":1}}"#,
            message:
                #"{"type":"identify","messageId":"m","userId":"u","traits":{"plan":"pro"},"#
                + #"\#(arrival),\#(received),"payload":{"event":"e","properties":{"a":1}}}"#
        ),
        WebhookCase(
            testDescription: "what is kept apart has a name that the payload has not",
            payload:
                #"{"event":"e","messageId":"m","userId":"u","traits":{},"payload":1,"_payload":2}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e",\#(arrival),\#(received),"#
                + #""payload":1,"_payload":2,"__payload":{"traits":{}}}"#
        ),
        WebhookCase(
            testDescription: "what a mapping takes from nowhere is kept",
            rules: #"{"mapping":{"context":{"const":null}}}"#,
            payload: #"{"event":"e","messageId":"m","userId":"u","context":{"a":1}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e",\#(arrival),\#(received),"#
                + #""payload":{"context":{"a":1}}}"#
        ),
        WebhookCase(
            testDescription: "no data, no properties",
            payload: #"{"event_type":"e","message_id":"m","user_id":"u"}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e",\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription: "of a repeated name the last value counts",
            payload: #"{"event_type":"a","event_type":"b","message_id":"m","user_id":"u"}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"b",\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription: "pointers, constants, fallbacks, and the whole payload as properties",
            rules: #"""
                {"mapping":{"event":"/what/0/na~1me","userId":["/who/id",{"const":"nobody"}],"properties":"",
                            "messageId":"meta.uid","context":{"const":{"app":{"v":1.10}}},
                            "integrations":{"const":{"All":false}},"timestamp":"/what/1"}}
                """#,
            payload: #"{"what":[{"na/me":"opened"},1767607182.35],"who":{},"meta":{"uid":"x-1"}}"#,
            message:
                #"{"type":"track","messageId":"x-1","userId":"nobody","event":"opened","#
                + #""properties":{"what":[{"na/me":"opened"},1767607182.35],"who":{},"meta":{"uid":"x-1"}},"#
                + #""context":{"app":{"v":1.10}},"integrations":{"All":false},"timestamp":"2026-01-05T09:59:42.350Z","#
                + #""originalTimestamp":"2026-01-05T09:59:42.350Z",\#(received)}"#
        ),
        WebhookCase(
            testDescription: "identify: data becomes traits, and what names the event is kept",
            rules: #"{"mapping":{"type":{"const":"identify"}}}"#,
            payload:
                #"{"event_type":"user.updated","message_id":"m","data":{"user_id":"u","email":"a@b.c"}}"#,
            message:
                #"{"type":"identify","messageId":"m","userId":"u","traits":{"user_id":"u","email":"a@b.c"},"#
                + #"\#(arrival),\#(received),"event_type":"user.updated"}"#
        ),
        WebhookCase(
            testDescription: "group, by a type in the payload",
            rules: #"{"mapping":{"type":"/kind","groupId":"/org","traits":"/org_data"}}"#,
            payload:
                #"{"kind":"group","message_id":"m","org":77,"user_id":"u","org_data":{"employees":48}}"#,
            message:
                #"{"type":"group","messageId":"m","userId":"u","groupId":"77","traits":{"employees":48},\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription: "page",
            rules: #"{"mapping":{"type":{"const":"page"}}}"#,
            payload:
                #"{"message_id":"m","data":{"name":"Home","category":"Docs","anonymousId":"a"}}"#,
            message:
                #"{"type":"page","messageId":"m","anonymousId":"a","name":"Home","category":"Docs","#
                + #""properties":{"name":"Home","category":"Docs","anonymousId":"a"},\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription: "alias",
            rules: #"{"mapping":{"type":{"const":"alias"}}}"#,
            payload: #"{"message_id":"m","data":{"user_id":"new","previous_id":"old"}}"#,
            message:
                #"{"type":"alias","messageId":"m","userId":"new","previousId":"old",\#(arrival),\#(received)}"#
        ),
        WebhookCase(
            testDescription: "of an object that one field is taken from only its others are kept",
            rules: #"{"mapping":{"userId":"buyer.id","event":"/kind","messageId":"/meta/id"}}"#,
            payload:
                #"{"kind":"e","buyer":{"id":"u","email":"a@b.c"},"meta":{"id":"m"},"data":{"x":1.0}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e","properties":{"x":1.0},"#
                + #"\#(arrival),\#(received),"buyer":{"email":"a@b.c"}}"#
        ),
        WebhookCase(
            testDescription: "what an inner path has taken is not published twice, at any depth",
            rules:
                #"{"mapping":{"properties":"a.b.c","userId":"a.u","event":"a.b.e","messageId":"list.0.id"}}"#,
            payload:
                #"{"a":{"b":{"c":{"x":1},"e":"e","rest":[1.10]},"u":"u"},"list":[{"id":"m"}],"z":{}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e","properties":{"x":1},"#
                + #"\#(arrival),\#(received),"a":{"b":{"rest":[1.10]}},"list":[{"id":"m"}],"z":{}}"#
        ),
        WebhookCase(
            testDescription:
                "required fields that are there, false, zero and empty ones among them",
            rules:
                #"{"required_fields":["data.a","/data/b","data.c","data.d.0"],"event_types":["x","e"]}"#,
            payload:
                #"{"event_type":"e","message_id":"m","user_id":"u","data":{"a":false,"b":0,"c":"","d":[[]]}}"#,
            message:
                #"{"type":"track","messageId":"m","userId":"u","event":"e","properties":{"a":false,"b":0,"c":"","d":[[]]},"#
                + #"\#(arrival),\#(received)}"#
        ),
    ]

    @Test("becomes this message", arguments: accepted)
    func message(_ sample: WebhookCase) throws {
        let intake = try Self.read(sample.payload, sample.rules)
        #expect(intake.rejects.map(\.message).isEmpty)
        let message = try #require(intake.messages.first)
        #expect(String(decoding: message.json, as: UTF8.self) == sample.message)
        #expect(
            message.origin
                == Origin(
                    partner: "crm", partnerID: "p-1", sender: "partner", authentication: .key))
    }

    @Test("the README's example becomes the README's message")
    func documented() throws {
        let root = (0..<3).reduce(URL(filePath: #filePath)) { url, _ in
            url.deletingLastPathComponent()
        }
        let page = root.appending(path: "Sources/Senders/README.md")
        let readme = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(readme.components(separatedBy: "## Partners' own webhooks").last)
        let blocks = section.components(separatedBy: "```").filter { $0.hasPrefix("json\n") }
        let texts = blocks.map { $0.dropFirst("json\n".count) }
        try #require(texts.count > 2)
        let intake = try Self.read(String(texts[1]), String(texts[0]))
        #expect(intake.rejects.map(\.message).isEmpty)
        let message = try #require(intake.messages.first)
        let expected = texts[2].split(separator: "\n").joined().replacing(", \"", with: ",\"")
        #expect(String(decoding: message.json, as: UTF8.self) == expected)
    }

    private static let refused = [
        WebhookCase(
            testDescription: "all that is wrong is told at once",
            rules: #"{"required_fields":["data.email","/data/plan/id"],"event_types":["a"]}"#,
            payload: #"{"event_type":"b","timestamp":"yesterday","data":{"email":null,"plan":[]}}"#,
            failures: [
                "data.email missing", "/data/plan/id missing", "event_type not_allowed",
                "data.user_id missing", "data.anonymous_id missing",
            ]),
        WebhookCase(
            testDescription: "an empty object", payload: "{}",
            failures: [
                "data.user_id missing", "data.anonymous_id missing", "event_type missing",
            ]),
        WebhookCase(
            testDescription: "ids that are none",
            payload:
                #"{"event_type":"e","event_id":1.5,"data":{"user_id":{"id":1},"anonymous_id":1e3}}"#,
            failures: [
                "event_id not_an_id", "data.user_id not_an_id", "data.anonymous_id not_an_id",
            ]),
        WebhookCase(
            testDescription: "an id that is too long",
            payload:
                #"{"event_type":"e","user_id":"u","event_id":"\#(String(repeating: "é", count: 101))"}"#,
            failures: ["event_id too_long"]),
        WebhookCase(
            testDescription: "an event that is not text, and data that is no object",
            payload: #"{"event_type":7,"user_id":"u","data":[1]}"#,
            failures: ["event_type not_a_string", "data not_an_object"]),
        WebhookCase(
            testDescription: "a context and integrations that are no objects",
            payload: #"{"event_type":"e","user_id":"u","context":"c","integrations":[0]}"#,
            failures: ["context not_an_object", "integrations not_an_object"]),
        WebhookCase(
            testDescription: "a type that no partner may send",
            rules: #"{"mapping":{"type":"kind"}}"#,
            payload: #"{"kind":"delete","event_type":"e","user_id":"u"}"#,
            failures: ["kind unsupported_type"]),
        WebhookCase(
            testDescription: "a type in another case",
            rules: #"{"mapping":{"type":"kind"}}"#,
            payload: #"{"kind":"Track","event_type":"e","user_id":"u"}"#,
            failures: ["kind unsupported_type"]),
        WebhookCase(
            testDescription: "no type where the mapping wants one",
            rules: #"{"mapping":{"type":["kind","sort"]},"required_fields":["x"]}"#,
            payload: #"{"event_type":"e","user_id":"u"}"#, failures: ["x missing", "kind missing"]),
        WebhookCase(
            testDescription: "an alias needs both ids",
            rules: #"{"mapping":{"type":{"const":"alias"}}}"#, payload: #"{"anonymous_id":"a"}"#,
            failures: ["data.user_id missing", "data.previous_id missing"]),
        WebhookCase(
            testDescription: "a group needs its id",
            rules: #"{"mapping":{"type":{"const":"group"},"groupId":"/org/id"}}"#,
            payload: #"{"user_id":"u","org":"x"}"#, failures: ["/org/id missing"]),
        WebhookCase(
            testDescription: "the events allowed count for every call, and by each letter",
            rules: #"{"mapping":{"type":{"const":"identify"}},"event_types":["user.updated"]}"#,
            payload: #"{"event_type":"User.updated","user_id":"u"}"#,
            failures: ["event_type not_allowed"]),
        WebhookCase(
            testDescription: "an event is missing where only some are allowed",
            rules: #"{"mapping":{"type":{"const":"identify"}},"event_types":["user.updated"]}"#,
            payload: #"{"user_id":"u"}"#, failures: ["event_type missing"]),
        WebhookCase(
            testDescription: "a field that is taken from nowhere has its own name",
            rules: #"{"mapping":{"userId":{"const":null},"anonymousId":{"const":null}}}"#,
            payload: #"{"event_type":"e","user_id":"u"}"#,
            failures: ["userId missing", "anonymousId missing"]),
    ]

    @Test("breaks these rules", arguments: refused)
    func failures(_ sample: WebhookCase) throws {
        let intake = try Self.read(sample.payload, sample.rules)
        #expect(intake.messages.isEmpty)
        let reject = try #require(intake.rejects.first)
        #expect(reject.failures.map { "\($0.path) \($0.code)" } == sample.failures)
        #expect(reject.code == "validation_failed")
        #expect(reject.outcome == .invalid)
        #expect(reject.input == Array(sample.payload.utf8))
        for failure in reject.failures { #expect(reject.message.contains(failure.path)) }
    }

    @Test("a failure's sentence has every place that was looked at, and nothing of the payload")
    func sentences() throws {
        let intake = try Self.read(
            #"{"event_type":"sesame","data":{}}"#,
            #"{"required_fields":["data.email"],"event_types":["a"]}"#)
        #expect(
            intake.rejects.first?.message
                == "data.email is required and is missing. event (event_type) is not one of the events "
                + "that this partner may send. userId (data.user_id, data.userId, user_id, userId) is "
                + "missing. anonymousId (data.anonymous_id, data.anonymousId, anonymous_id, anonymousId) "
                + "is missing.")
    }

    @Test("of many failures the sentence names the first, and the list has all")
    func manyFailures() throws {
        let fields = (0..<64).map { "\"f\($0)\"" }.joined(separator: ",")
        let intake = try Self.read(
            #"{"event_type":"e","user_id":"u"}"#, #"{"required_fields":[\#(fields)]}"#)
        let reject = try #require(intake.rejects.first)
        #expect(reject.failures.count == 64)
        #expect(reject.message.hasSuffix("f7 is required and is missing. And 56 more."))
    }

    @Test(
        "a time is any form that names a moment, and a number becomes text",
        arguments: [
            (#""2026-01-05T09:59:42.350Z""#, "2026-01-05T09:59:42.350Z", nil),
            (#""2026-01-05T15:29:42.35+0530""#, "2026-01-05T09:59:42.350Z", nil),
            (#""Mon, 05 Jan 2026 09:59:42 GMT""#, "2026-01-05T09:59:42.000Z", nil),
            ("1767607182", "2026-01-05T09:59:42.000Z", #""2026-01-05T09:59:42.000Z""#),
            ("1767607182.35", "2026-01-05T09:59:42.350Z", #""2026-01-05T09:59:42.350Z""#),
            ("1.76760718235E9", "2026-01-05T09:59:42.350Z", #""2026-01-05T09:59:42.350Z""#),
            ("1767607182350", "2026-01-05T09:59:42.350Z", #""2026-01-05T09:59:42.350Z""#),
            (#""1767607182350""#, "2026-01-05T09:59:42.350Z", nil),
        ] as [(String, String, String?)])
    func times(written: String, published: String, original: String?) throws {
        let intake = try Self.read(#"{"event_type":"e","user_id":"u","timestamp":\#(written)}"#)
        #expect(intake.warnings.isEmpty)
        let message = try #require(intake.messages.first)
        let json = try JSONText(message.json).root
        #expect(json["timestamp"]?.string == published)
        let kept = json["originalTimestamp"].map { String(decoding: $0.raw, as: UTF8.self) }
        #expect(kept == original ?? written)
        #expect(json["sentAt"] == nil)
    }

    @Test(
        "a payload is published with a time that cannot be read, which is said and kept",
        arguments: [
            #""yesterday""#, "-1", "0", "1e15", "1e999", "100000000000000", "true", "[]", "{}",
            #""1.2.3""#, #""-5""#, #""0x10""#, #""NaN""#, #"" 1767607182""#, #"".""#,
        ])
    func notTimes(written: String) throws {
        let intake = try Self.read(#"{"event_type":"e","user_id":"u","timestamp":\#(written)}"#)
        #expect(intake.rejects.isEmpty)
        #expect(intake.warnings.map(\.call.code) == [.unreadableTime])
        #expect(intake.warnings.map(\.call.field) == ["timestamp"])
        let json = try JSONText(try #require(intake.messages.first).json).root
        #expect(json["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        let kept = json["originalTimestamp"].map { String(decoding: $0.raw, as: UTF8.self) }
        #expect(kept == written)
    }

    @Test("a time that is null or empty is none", arguments: ["null", #""""#])
    func noTime(written: String) throws {
        let intake = try Self.read(#"{"event_type":"e","user_id":"u","timestamp":\#(written)}"#)
        #expect(intake.warnings.isEmpty)
        let json = try JSONText(try #require(intake.messages.first).json).root
        #expect(json["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(json["originalTimestamp"] == nil)
    }

    @Test("a payload with a time gets the same id again, and another for each byte and partner")
    func derivedIDs() throws {
        let timed = #"{"event_type":"e","user_id":"u","timestamp":1767607182,"note":"a"}"#
        func id(_ body: String, partner: String = "p-1") throws -> String {
            try #require(try Self.read(body, id: partner).messages.first).messageID.text
        }
        let first = try id(timed)
        #expect(try id(timed) == first)
        #expect(try id(timed, partner: "p-2") != first)
        // Not even what the mapping does not read may make two payloads one.
        #expect(
            try Self.read(
                #"{"event_type":"e","user_id":"u","timestamp":1767607182,"context":{"n":2}}"#
            ).messages.first?.messageID.text
                != Self.read(
                    #"{"event_type":"e","user_id":"u","timestamp":1767607182,"context":{"n":1}}"#
                ).messages.first?.messageID.text)
        let untimed = #"{"event_type":"e","user_id":"u"}"#
        let twice = try Self.read("[\(untimed),\(untimed)]").messages.map(\.messageID.text)
        #expect(twice.count == 2)
        #expect(Set(twice).count == 2)
    }

    @Test("two events of one order are two messages, though both have its id")
    func ordersID() throws {
        let ids = try ["paid", "refunded"].map { event in
            let body = #"{"id":"o-1","event":"\#(event)","userId":"u","timestamp":1767607182}"#
            return try #require(try Self.read(body).messages.first).messageID.text
        }
        #expect(ids[0] != ids[1] && !ids.contains("o-1"))
    }

    @Test("an array's items are judged one by one")
    func arrays() throws {
        let intake = try Self.read(
            #"[{"event_type":"e","user_id":"u"},{"event_type":"e"},7,[],{"event_type":"e","user_id":"v"}]"#
        )
        #expect(intake.messages.map(\.userID?.text) == ["u", "v"])
        #expect(intake.indices == [0, 4])
        #expect(intake.rejects.map(\.index) == [1, 2, 3])
        #expect(intake.rejects.map(\.code) == ["validation_failed", "bad_request", "bad_request"])
        #expect(
            intake.rejects.map { String(decoding: $0.input, as: UTF8.self) }
                == [#"{"event_type":"e"}"#, "7", "[]"])
    }

    @Test(
        "what is no payload at all",
        arguments: [
            ("", "bad_request", Outcome.invalid), ("{", "bad_request", .invalid),
            ("7", "bad_request", .invalid), ("null", "bad_request", .invalid),
            (#""{}""#, "bad_request", .invalid), ("[]", "empty_batch", .invalid),
            ("{} {}", "bad_request", .invalid),
        ])
    func notPayloads(body: String, code: String, outcome: Outcome) throws {
        let intake = try Self.read(body)
        #expect(intake.messages.isEmpty)
        #expect(intake.rejects.map(\.code) == [code])
        #expect(intake.rejects.map(\.outcome) == [outcome])
    }

    @Test("items and bytes are bounded, and the last that fits is taken")
    func bounds() throws {
        let item = #"{"event_type":"e","user_id":"u"}"#
        func array(_ count: Int) -> String {
            "[" + Array(repeating: item, count: count).joined(separator: ",") + "]"
        }
        #expect(try Self.read(array(2500)).messages.count == 2500)
        let tooMany = try Self.read(array(2501))
        #expect(tooMany.messages.isEmpty)
        #expect(tooMany.rejects.map(\.code) == ["too_many_items"])
        #expect(tooMany.rejects.map(\.outcome) == [.tooLarge])
        let exact = #"{"max_bytes":\#(item.utf8.count)}"#
        #expect(try Self.read(item, exact).messages.count == 1)
        let longer = try Self.read(item + " ", exact)
        #expect(longer.rejects.map(\.code) == ["body_too_large"])
        #expect(longer.rejects.map(\.outcome) == [.tooLarge])
        let large =
            #"{"event_type":"e","user_id":"u","data":{"x":"\#(String(repeating: "x", count: 262_144))"}}"#
        #expect(try Self.read(large).rejects.map(\.code) == ["message_too_large"])
    }

    @Test("a spare name is found among as many as there can be")
    func manySpareNames() throws {
        let names = (0..<600).map { #""\#(String(repeating: "_", count: $0))payload":0"# }
        let body =
            #"{"event":"e","userId":"u","messageId":"m","traits":{"a":1},"#
            + names.joined(separator: ",") + "}"
        let message = try #require(try Self.read(body).messages.first)
        let json = try JSONText(message.json).root
        #expect(json[String(repeating: "_", count: 600) + "payload"]?["traits"] != nil)
    }

    @Test("every required field is found among very many names, or told to be missing")
    func manyNames() throws {
        let names = (0..<25_000).map { #""\#($0)":0"# }.joined(separator: ",")
        func rules(from first: Int) -> String {
            let wanted = (first..<(first + 64)).map { #""/x/\#($0)""# }.joined(separator: ",")
            return #"{"senders":["partner"],"required_fields":[\#(wanted)]}"#
        }
        let body = #"{"event":"e","userId":"u","x":{\#(names)}}"#
        #expect(try Self.read(body, rules(from: 24_936)).messages.count == 1)
        let reject = try #require(try Self.read(body, rules(from: 25_000)).rejects.first)
        #expect(reject.failures.count == 64)
    }

    @Test("a payload that is too large is judged, and kept, as it was sent")
    func tooLarge() throws {
        let body =
            #"{"event":"e","userId":"u","extra":"\#(String(repeating: "y", count: 300_000))"}"#
        let reject = try #require(try Self.read(body).rejects.first)
        #expect(reject.code == "message_too_large")
        #expect(reject.outcome == .tooLarge)
        #expect(reject.input.starts(with: #"{"event":"e","userId":"u","extra":"yyy"#.utf8))
        // One that only the mapping makes too large.
        let fitting = body.replacing(
            String(repeating: "y", count: 37_897), with: "", maxReplacements: 1)
        #expect(fitting.utf8.count < 262_144)
        let second = try #require(try Self.read(fitting).rejects.first)
        #expect(second.code == "message_too_large")
        #expect(second.input.starts(with: #"{"event":"e","userId":"u""#.utf8))
    }

    @Test("nesting is taken as deep as JSON may go, and no deeper")
    func depth() throws {
        let whole = #"{"mapping":{"properties":""}}"#
        func payload(_ levels: Int) -> String {
            #"{"event_type":"e","user_id":"u","x":"#
                + String(repeating: "[", count: levels - 1)
                + String(repeating: "]", count: levels - 1) + "}"
        }
        #expect(try Self.read(payload(511), whole).messages.count == 1)
        #expect(try Self.read(payload(512)).messages.count == 1)
        let tooDeep = try Self.read(payload(512), whole)
        #expect(tooDeep.rejects.map(\.code) == ["bad_request"])
        #expect(tooDeep.rejects.first?.message == "It is nested more than 511 levels deep.")
        #expect(try Self.read(payload(513)).rejects.map(\.code) == ["bad_request"])
    }

    @Test("a constant may be every call that a partner can send", arguments: CallType.allCases)
    func constantType(_ type: CallType) {
        let config = #"{"senders":["partner"],"mapping":{"type":{"const":"\#(type.rawValue)"}}}"#
        let read = Result { try ValidationConfig(json: Array(config.utf8), at: "config") }
        #expect((try? read.get()) != nil || type == .delete)
        #expect((try? read.get()) == nil || type != .delete)
    }
}
