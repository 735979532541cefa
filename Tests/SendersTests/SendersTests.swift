import Formats
import Partners
import Testing
import Tracking

@testable import Senders

@Suite("HTTP Basic")
struct BasicCredentialsTests {
    @Test(
        "the key is the user name, and there is no password",
        arguments: [
            ("Basic YWJjMTIzOg==", "abc123"), ("Basic d2tfbGl2ZV81MXhROg==", "wk_live_51xQ"),
            ("Basic aw==", "k"), ("Basic 0LrQu9GO0Yc6", "ключ"), ("basic YWJjMTIzOg==", "abc123"),
            ("BASIC  YWJjMTIzOg==", "abc123"), ("Basic YWJjMTIzOg", "abc123"),
        ])
    func keys(header: String, key: String) {
        #expect(BasicCredentials(header) == .key(Array(key.utf8)))
    }

    @Test(
        "anything else of the scheme is malformed",
        arguments: [
            "Basic azpw", "Basic", "Basic ", "Basic Og==", "Basic !!!", "Basic YWJj*", "Basic =",
        ])
    func malformed(header: String) {
        #expect(BasicCredentials(header) == .malformed)
    }

    @Test(
        "other schemes and no header say nothing", arguments: [nil, "", "Bearer x", "Basicx aw=="])
    func none(header: String?) {
        #expect(BasicCredentials(header) == .none)
    }
}

@Suite("Segment's signatures")
struct SegmentSignatureTests {
    private static let secret = Array("segment-shared-secret".utf8)
    private static let e1 =
        #"{"messageId":"msg-0001","type":"track","event":"Order Shipped","userId":"u-42","properties":{"url":"https://shop.example/o/9","total":12.5}}"#
    private static let e2 =
        #"{"messageId":"msg-0002","type":"identify","userId":"u-42","traits":{"name":"Zoë"}}"#
    private static let s1 = "c49c8c992521f86a521a1c7b822ff29494a8e3ed"
    private static let s2 = "2e40bccdd1c3a41ada36e914d683a736e76e4359"
    private static let whole = "8ea532c408cf1a2dcdeeeaa176e74f4c73c05541"

    private func verify(
        _ text: String, _ headers: [String: [String]], secrets: [[UInt8]] = [secret]
    ) throws -> Proof? {
        let calls = try SegmentDestination.calls(Array(text.utf8))
        let signed = SignedText(whole: calls.bytes[...], first: calls.firstElement)
        let fields = headers.flatMap { header in header.value.map { HTTPField(header.key, $0) } }
        return try SegmentSignature.verify(signed, fields) { claim in
            secrets.contains { claim.isMade(by: $0) }
        }
    }

    @Test("the vectors")
    func vectors() throws {
        #expect(Self.e1.utf8.count == 140)
        #expect(Self.e2.utf8.count == 83)
        let batch = "[\(Self.e1),\(Self.e2)]"
        #expect(try verify(Self.e1, ["x-signature": [Self.s1]]) == .all(.signed))
        #expect(try verify(Self.e2, ["x-signature": [Self.s2]]) == .all(.signed))
        #expect(try verify(batch, ["x-signature": [Self.s1]]) == .firstSigned)
        #expect(try verify(batch, ["x-segment-signature": [Self.whole]]) == .all(.signed))
        #expect(
            try verify(
                #"{ "a": 1 }"#, ["x-signature": ["a385d9a0c9b183e549a119ca1e89b8cde0358135"]])
                == .all(.signed))
    }

    @Test("white space around the first element is not signed, brackets in strings do not end it")
    func firstElement() throws {
        #expect(
            try verify(" [ \(Self.e1) , \(Self.e2) ] ", ["x-signature": [Self.s1]]) == .firstSigned
        )
        let odd = #"{"a":"]}\"[{","b":[[],{}]}"#
        let secret = Array("k".utf8)
        // Computed with `openssl dgst -sha1 -hmac k`.
        #expect(
            try verify(
                "[\(odd),1]", ["x-signature": [Vectors.oddElement]], secrets: [secret])
                == .firstSigned)
    }

    @Test("either case of hex counts, and either secret of several")
    func lenient() throws {
        #expect(try verify(Self.e1, ["x-signature": [Self.s1.uppercased()]]) == .all(.signed))
        #expect(
            try verify(
                Self.e1, ["x-signature": [Self.s1]], secrets: [Array("old".utf8), Self.secret])
                == .all(.signed))
    }

    @Test("everything else proves nothing")
    func refuses() throws {
        for values in [
            [], [""], ["x"], [String(Self.s1.dropLast())], [String(Self.s1.dropLast(2))],
            [Self.s1 + "00"],
            [Self.s2], ["sha1=" + Self.s1], [Self.s1, Self.s1], ["\(Self.s1),\(Self.s1)"],
            [" " + Self.s1],
        ] {
            #expect(try verify(Self.e1, ["x-signature": values]) == nil, "\(values)")
        }
        #expect(try verify(Self.e1, [:]) == nil)
        #expect(try verify(Self.e1 + " ", ["x-signature": [Self.s1]]) == nil)
        #expect(try verify(Self.e1, ["x-signature": [Self.s1]], secrets: []) == nil)
        #expect(
            try verify(
                Self.e1, ["x-signature": [Self.s1], "x-segment-signature": [Self.whole]]) == nil)
        #expect(try verify("[]", ["x-signature": [Self.s1]]) == nil)
    }
}

@Suite("Contracts")
struct ContractTests {
    @Test("the tracking API's statuses, each for its reason")
    func segmentAPI() {
        let statuses = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { ($0, SegmentAPI(.call).status(for: $0)) })
        #expect(
            statuses == [
                .published: 200, .invalid: 400, .unsupportedType: 400, .tooLarge: 400,
                .notAuthentic: 401, .notFound: 401, .gone: 401, .forbidden: 403,
                .notAccepted: 503,
            ])
        #expect(SegmentAPI(.call).deadline == .seconds(5))
    }

    @Test("Segment's servers' statuses")
    func segmentDestination() {
        let statuses = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, SegmentDestination().status(for: $0))
            })
        #expect(
            statuses == [
                .published: 200, .invalid: 400, .unsupportedType: 501, .tooLarge: 413,
                .notAuthentic: 401, .notFound: 401, .gone: 401, .forbidden: 403,
                .notAccepted: 503,
            ])
        #expect(SegmentDestination().deadline == .seconds(5))
    }

    @Test("partners' own webhooks' statuses")
    func partnerWebhook() {
        let statuses = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, PartnerWebhook().status(for: $0))
            })
        #expect(
            statuses == [
                .published: 200, .invalid: 400, .unsupportedType: 400, .tooLarge: 413,
                .notAuthentic: 401, .notFound: 404, .gone: 410, .forbidden: 403,
                .notAccepted: 503,
            ])
        #expect(PartnerWebhook().deadline == .seconds(5))
    }
}

@Suite("Pixel queries")
struct PixelQueryTests {
    private func call(_ query: [(name: String, value: String)]) -> String {
        String(
            decoding: PixelQuery.call(query.map { NamedValue($0.name, $0.value) }), as: UTF8.self)
    }

    @Test("data is Base64 in either alphabet, padded or not, or plain JSON")
    func data() {
        #expect(call([("data", "eyJhIjoiPz4_In0")]) == #"{"a":"?>?"}"#)
        #expect(call([("data", "eyJhIjoiPz4/In0=")]) == #"{"a":"?>?"}"#)
        #expect(call([("data", "eyJhIjoiPz4+In0=".replacing("+", with: " "))]) == #"{"a":"?>>"}"#)
        #expect(call([("data", #"{"a":1}"#)]) == #"{"a":1}"#)
    }

    @Test("dotted names become objects")
    func dotted() {
        #expect(
            call([
                ("userId", "u-9"), ("event", "Email Opened"), ("properties.subject", "Hi \"x\""),
                ("properties.a.b", "1"), ("writeKey", "k"),
            ])
                == #"{"userId":"u-9","event":"Email Opened","properties":{"subject":"Hi \"x\"","a":{"b":"1"}},"writeKey":"k"}"#
        )
        #expect(call([("a", "1"), ("a.b", "2"), ("a.c", "3")]) == #"{"a":{"b":"2","c":"3"}}"#)
        #expect(call([]) == "{}")
        let deep = String(repeating: "a.", count: 10_000) + "a"
        #expect(call([(deep, "x")]).utf8.count < 30_000)
    }
}

private enum Vectors {
    static let oddElement = "2ff238f4067f70ad8370ddfc7fc6d7e73924dba6"
}

@Suite("A body of one call or an array of calls")
struct CallListTests {
    private func read(_ body: String, maximumItems: Int = 3) throws -> [(JSONValue, Int?)] {
        let list = try CallList(
            Array(body.utf8), maximumItems: maximumItems, maximumCall: 100)
        var calls: [(JSONValue, Int?)] = []
        try list.forEach { calls.append(($0, $1)) }
        return calls
    }

    private func text(_ call: JSONValue) -> String { String(decoding: call.raw, as: UTF8.self) }

    @Test("hands over each call as it was written, with its place")
    func calls() throws {
        for body in [#" {"a":[[[[1]]]]} "#, "\u{FEFF}7", #""x""#] {
            let calls = try read(body)
            try #require(calls.count == 1)
            #expect(calls[0].1 == nil)
            #expect(text(calls[0].0) == body.trimmingPrefix("\u{FEFF}").trimmed)
        }
        let calls = try read(#" [ {"a":[[[[1]]]]} , [[2]],3 ] "#)
        #expect(calls.map { text($0.0) } == [#"{"a":[[[[1]]]]}"#, "[[2]]", "3"])
        #expect(calls.map(\.1) == [0, 1, 2])
        #expect(
            calls[0].0["a"]?.element(at: 0)?.element(at: 0)?.element(at: 0)?.raw == [
                0x5B, 0x31, 0x5D,
            ])
    }

    @Test("refuses an array without calls, and one of too many")
    func counts() throws {
        #expect(throws: RequestBody.Problem.noItems) { try read(" [ ] ") }
        #expect(throws: RequestBody.Problem.tooManyItems(limit: 3)) { try read("[1,2,3,4]") }
        #expect(try read("[1,2,3]").count == 3)
        #expect(throws: RequestBody.Problem.self) { try read("[1,2,3,4") }
    }

    @Test("of a call that is too large its beginning can be found, and all of it has its length")
    func largeCalls() throws {
        let large =
            #"{"batch":[{"writeKey":"k"}],"x":[\#(String(repeating: "1,", count: 200))1],"writeKey":"k"}"#
        for body in [large, "[\(large)]"] {
            let call = try #require(try read(body).first?.0)
            #expect(call.range.count == large.utf8.count)
            #expect(call["batch"]?.element(at: 0)?["writeKey"]?.string == "k")
            // What could not be found is not there.
            #expect(text(call).hasPrefix(String(large.prefix(100))))
            #expect(text(call).hasSuffix("     "))
            #expect(call["writeKey"] == nil)
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
