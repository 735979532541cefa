import Formats
import Samples
import Secrets
import Senders
import TestSupport
import Testing

@testable import Partners

@Suite("Reviews of signatures", .timeLimit(.minutes(60)))
struct SignatureReviewTests {
    private static let now = Timestamp(milliseconds: 1_767_607_200_500)
    private static let body = #"{"a":"é/x","n":1.50,"list":[],"o":{"b":[1,true,null]}}"#

    private func rule(_ scheme: String, _ secret: String, _ sender: String) throws -> SigningRule {
        let record =
            #"[{"name":"a","webhook_token":"t","validation_config":{"senders":["\#(sender)"],"#
            + #""signing":{"scheme":"\#(scheme)","secrets":["\#(secret)"]}}}]"#
        return try #require(try Registry(json: Array(record.utf8)).partners[0].signing)
    }

    private func key(of rule: SigningRule) throws -> [UInt8] {
        guard case .plain(let key) = rule.secrets[0] else { throw NoKey() }
        return key
    }

    private struct NoKey: Error {}

    /// The review of a request with this body whose signature is of another text, or by another key.
    private func review(
        _ scheme: String, secret: String = "s-e-c", sender: SenderName = .partner,
        body: [UInt8] = Array(Self.body.utf8), signed: [UInt8]? = nil, key: [UInt8]? = nil,
        more: [HTTPField] = []
    ) throws -> SignatureReview {
        let rule = try rule(scheme, secret, sender.rawValue)
        let own = try self.key(of: rule)
        let headers =
            rule.recipe.headers(
                signing: (signed ?? body)[...], key: key ?? own, id: "msg_1", at: Self.now) + more
        let content = try #require(sender.signedContent(of: body, headers: headers, by: rule))
        return SignatureReview(
            content, rule, headers: headers, body: body, keys: [.success(own)], at: Self.now)
    }

    @Test(
        "JSON that was written otherwise is recognised, whichever library wrote it",
        arguments: [
            #"{"a": "é/x", "n": 1.50, "list": [], "o": {"b": [1, true, null]}}"#,
            #"{"a": "\u00e9/x", "n": 1.5, "list": [], "o": {"b": [1, true, null]}}"#,
            #"{"a":"\u00e9\/x","n":1.50,"list":[],"o":{"b":[1,true,null]}}"#,
            "{\n  \"a\": \"é/x\",\n  \"n\": 1.50,\n  \"list\": [],\n  \"o\": {\n    \"b\": [\n"
                + "      1,\n      true,\n      null\n    ]\n  }\n}",
            "{\n\t\"a\": \"é/x\",\n\t\"n\": 1.5,\n\t\"list\": [],\n\t\"o\": {\n\t\t\"b\": [\n"
                + "\t\t\t1,\n\t\t\ttrue,\n\t\t\tnull\n\t\t]\n\t}\n}",
        ])
    func rewritten(signed: String) throws {
        let review = try review("github", signed: Array(signed.utf8))
        #expect(!review.isPassed && review.causes.count == 1)
        #expect(review.causes[0].hasPrefix("The same JSON was signed in other bytes"))
    }

    @Test("another text is recognised")
    func texts() throws {
        let body = Array(Self.body.utf8)
        func cause(_ review: SignatureReview) -> String { review.causes.first ?? "" }
        #expect(
            try cause(review("github", signed: body + [0x0A])).contains("A line break was signed"))
        #expect(
            try cause(review("github", body: body + [0x0A], signed: body))
                .contains("A line break was added"))
        #expect(try cause(review("github", signed: [])).contains("An empty text was signed"))
        let gzip = StoredGzip.encode(body)
        let plain = try review("customerio", sender: .customerIO, body: gzip, signed: body)
        #expect(cause(plain).contains("What is compressed was signed"))
        let whole = Array("[\(Self.body),{}]".utf8)
        let array = try review("segment", sender: .segmentDestination, body: whole, signed: whole)
        #expect(cause(array).contains("The whole array was signed"))
        // A webhook of a partner's own may be signed before it is compressed, and after.
        #expect(try review("github", body: gzip, signed: body).isPassed)
        #expect(try review("github", body: gzip, signed: gzip).isPassed)
    }

    @Test("the right secret in another form is recognised")
    func keys() throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for text in [secret, String(secret.dropFirst(6))] {
            let review = try review("standard-webhooks", secret: secret, key: Array(text.utf8))
            #expect(review.causes.first?.contains("as text") == true, "\(review.causes)")
        }
        let broken = try review("github", key: Array("s-e-c\n".utf8))
        #expect(broken.causes.first?.contains("line break at its end") == true)
        let decoded = try review("github", secret: "00ff", key: [0x00, 0xFF])
        #expect(decoded.causes.first?.contains("hexadecimal digits") == true)
    }

    @Test("a body that was signed without its time is recognised")
    func bodyAlone() throws {
        let rule = try rule("slack", "s-e-c", "partner")
        let body = Array(Self.body.utf8)
        let headers = rule.recipe.signingBodyAlone.headers(
            signing: body[...], key: Array("s-e-c".utf8), id: "", at: Self.now)
        let content = try #require(
            SenderName.partner.signedContent(of: body, headers: headers, by: rule))
        let review = SignatureReview(
            content, rule, headers: headers, body: body,
            keys: [.success(Array("s-e-c".utf8))], at: Self.now)
        #expect(review.causes == ["The body alone was signed: sign v0:{timestamp}:{body}."])
    }

    @Test("a secret that cannot be read may be the one, and that is said")
    func unread() throws {
        let rule = try rule("github", "s-e-c", "partner")
        let body = Array(Self.body.utf8)
        let headers = rule.recipe.headers(
            signing: body[...], key: Array("other".utf8), id: "", at: Self.now)
        let content = try #require(
            SenderName.partner.signedContent(of: body, headers: headers, by: rule))
        let failure = SigningKeyError(reason: "it is away")
        let review = SignatureReview(
            content, rule, headers: headers, body: body,
            keys: [.success(Array("s-e-c".utf8)), .failure(failure)], at: Self.now)
        #expect(review.causes.first?.contains("Secret 2 could not be read") == true)
        let known = SignatureReview(
            content, rule, headers: headers, body: body,
            keys: [.failure(failure), .success(Array("other".utf8))], at: Self.now)
        #expect(known.isPassed)
        #expect(known.findings.last?.text == "secret 2 of 2 made the signature")
    }
}
