import Formats
import Foundation
import Partners
import Samples
import Secrets
import TestSupport
import Testing

/// A partner for each scheme by which requests are signed, and requests of theirs.
enum SignedPartners {
    /// One way to sign.
    struct Case: Sendable, CustomTestStringConvertible {
        /// The partner's name.
        let name: String
        let sender: SenderName
        /// The rule's members beside the scheme's name and the secrets.
        var more = ""
        var scheme = ""
        var secret = "s-e-c-r-e-t-of-the-schemes"
        var family = SampleRequest.Signature.Family.webhook
        /// The header of the signature, and where the time and the id are.
        let header: String
        var time: String?
        var id: String?
        var isBase64 = false

        var token: String { "token-of-\(name)" }
        var testDescription: String { name }

        fileprivate var record: String {
            #"{"name":"\#(name)","webhook_token":"\#(token)","validation_config":{"#
                + #""senders":["\#(sender.rawValue)"],"signing":{"#
                + #""scheme":"\#(scheme.isEmpty ? name : scheme)","secrets":["\#(secret)"]\#(more)}}}"#
        }
    }

    static let cases: [Case] = [
        Case(name: "segment", sender: .segmentDestination, header: "x-signature"),
        Case(
            name: "customerio", sender: .customerIO, header: "x-cio-signature",
            time: "x-cio-timestamp"),
        Case(
            name: "standard-webhooks", sender: .partner, secret: standard,
            header: "webhook-signature", time: "webhook-timestamp", id: "webhook-id", isBase64: true
        ),
        Case(
            name: "svix", sender: .partner, scheme: "standard-webhooks", secret: standard,
            family: .svix, header: "svix-signature", time: "svix-timestamp", id: "svix-id",
            isBase64: true),
        Case(name: "github", sender: .partner, header: "x-hub-signature-256"),
        Case(
            name: "stripe", sender: .partner, header: "stripe-signature", time: "stripe-signature"),
        Case(name: "shopify", sender: .partner, header: "x-shopify-hmac-sha256", isBase64: true),
        Case(
            name: "slack", sender: .partner, header: "x-slack-signature",
            time: "x-slack-request-timestamp"),
        Case(
            name: "custom-plain", sender: .partner, more: #","header":"X-Sig""#, scheme: "custom",
            header: "x-sig"),
        Case(
            name: "custom-timed", sender: .partner,
            more: #","header":"X-Sig","id_header":"X-Id","timestamp_header":"X-Time","#
                + #""template":"{id}|{timestamp}|{body}""#,
            scheme: "custom", header: "x-sig", time: "x-time", id: "x-id"),
    ]

    private static let standard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// All of them as `INLET_PARTNERS` has them.
    static var registry: String { "[\(cases.map(\.record).joined(separator: ","))]" }
}

extension SignedPartners.Case {
    /// The rule by which the partner's requests are checked.
    func partner() throws -> Partner {
        try Registry(json: Array("[\(record)]".utf8)).partners[0]
    }

    /// A payload that passes the partner's rules.
    var body: String {
        switch sender {
        case .customerIO:
            #"{"event_id":"e-1","object_type":"email","metric":"delivered","timestamp":1767607200,"#
                + #""data":{"customer_id":"u-42","subject":"Grüße/7","share":1.5}}"#
        case .segmentDestination, .segmentAPI:
            #"{"type":"track","event":"Paid","userId":"u-42","properties":{"name":"Grüße/7","share":1.5}}"#
        case .partner:
            #"{"event_type":"paid","event_id":"e-1","data":{"user_id":"u-42","name":"Grüße/7","share":1.5}}"#
        }
    }

    /// A request with this body, signed with a key of the partner's, or with another one.
    func request(
        _ body: [UInt8], key other: [UInt8]? = nil, at now: Timestamp
    ) throws -> SampleRequest {
        let rule = try #require(try partner().signing)
        let signature = try SampleRequest.Signature(
            by: rule, as: sender, family, key: try other ?? key(), id: "msg_1", at: now)
        return try SampleRequest(
            body, headers: name == "github" ? [HTTPField("x-github-event", "push")] : [],
            as: sender, token: token, signature)
    }

    /// The headers that show this text to be signed with the partner's key.
    func headers(signing text: [UInt8], at now: Timestamp) throws -> [HTTPField] {
        let rule = try #require(try partner().signing)
        let recipe = family == .svix ? SignatureRecipe.svix : rule.recipe
        return recipe.headers(signing: text[...], key: try key(), id: "msg_1", at: now)
    }

    /// The key of the partner's secret.
    func key() throws -> [UInt8] {
        guard case .plain(let key)? = try partner().signing?.secrets.first else { throw NoKey() }
        return key
    }

    private struct NoKey: Error {}
}
