import AWS
import Formats
import Gateway
import Platform
import Secrets
import TestSupport
import Testing
import Tracking
import Transport

@testable import Partners
@testable import Senders

/// Customer.io as the sender sees it: requests signed with its documented recipe.
enum CustomerIOSample {
    static let secret = "cio-signing-key-for-tests"
    /// 2026-01-05T10:00:00.500Z.
    static let now = Timestamp(milliseconds: 1_767_607_200_500)

    static func partners(_ json: String) throws -> [Partner] {
        try Registry(json: Array(json.utf8)).partners
    }

    static func partner(naming: String = "standard") throws -> Partner {
        try partners(record(naming: naming))[0]
    }

    private static func record(naming: String) -> String {
        #"""
        [{"name":"cio","webhook_token":"t","validation_config":{"senders":["customerio"],"naming":"\#(naming)",
          "signing":{"scheme":"customerio","secrets":["old","\#(secret)"]}}}]
        """#
    }

    static func request(
        _ body: [UInt8], seconds: String = "1767607200", secret: String = secret
    ) throws -> Request {
        var event = ProxyEvent("/webhook/customerio", body: body)
        event.headers = CustomerIOWebhook.headers(body, secret: secret, seconds: seconds)
        event.isBase64 = true
        return try Request(event: event.rest)
    }

    static var context: BodyContext { BodyContext(receivedAt: now, randomID: randomID) }

    static func randomID() -> UUID {
        var generator = SystemRandomNumberGenerator()
        return UUID(random: &generator)
    }

    /// What the sender makes of a request, with these partners; no secret is kept elsewhere.
    static func receive(
        _ request: Request, token: String?, partners: String,
        until deadline: Instant = .now + .seconds(20)
    ) throws -> Intake {
        let settings = AWSSettings(System(environment: { _ in nil }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        let context = LookupContext(time: TimeBudget(now: now, deadline: deadline))
        let sender = CustomerIO()
        return try sender.receive(
            InboundRequest(request, pathWord: token, receivedAt: now, randomID: randomID),
            Access(
                to: sender, for: request,
                partners: PartnerLookup(try Registry(json: Array(partners.utf8)), context),
                search: SignerSearch(SecretCache(ReferenceReader(client)), context)))
    }

    static func read(_ body: String, naming: String = "standard") throws -> Intake {
        try read(Array(body.utf8), naming: naming)
    }

    static func read(_ body: [UInt8], naming: String = "standard") throws -> Intake {
        try receive(request(body), token: "t", partners: record(naming: naming))
    }

    /// The one message that a body becomes.
    static func message(_ body: String, naming: String = "standard") throws -> JSONValue {
        let intake = try read(body, naming: naming)
        #expect(intake.rejects.isEmpty)
        return try JSONText(try #require(intake.messages.first).json).root
    }
}
