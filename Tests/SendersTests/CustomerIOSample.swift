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
        try partners(
            #"""
            [{"name":"cio","webhook_token":"t","validation_config":{"senders":["customerio"],"naming":"\#(naming)",
              "signing":{"scheme":"customerio","secrets":["old","\#(secret)"]}}}]
            """#)[0]
    }

    static func request(
        _ body: [UInt8], seconds: String = "1767607200", secret: String = secret
    ) throws -> Request {
        var event = ProxyEvent("/webhook/customerio", body: body)
        event.headers = CustomerIOWebhook.headers(body, secret: secret, seconds: seconds)
        event.isBase64 = true
        return try Request(event: event.rest)
    }

    /// Looks for a signer; no secret is kept elsewhere.
    static func search(until deadline: Instant = .now + .seconds(20)) -> SignerSearch {
        let settings = AWSSettings(System(environment: { _ in nil }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        return SignerSearch(
            SecretCache(ReferenceReader(client)),
            LookupContext(time: TimeBudget(now: now, deadline: deadline)))
    }

    static func read(_ body: String, naming: String = "standard") throws -> Intake {
        try read(Array(body.utf8), naming: naming)
    }

    static func read(_ body: [UInt8], naming: String = "standard") throws -> Intake {
        let partner = try partner(naming: naming)
        return try CustomerIO(
            receivedAt: now,
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            }
        ).read(
            request(body), from: { () throws(Refusal) in .owner(partner) }, search: search())
    }

    /// The one message that a body becomes.
    static func message(_ body: String, naming: String = "standard") throws -> JSONValue {
        let intake = try read(body, naming: naming)
        #expect(intake.rejects.isEmpty)
        return try JSONText(try #require(intake.messages.first).json).root
    }
}
