import AWS
import Formats
import Platform
import TestSupport
import Testing
import Transport

@testable import Delivery
@testable import Tracking

let arn = "arn:aws:sns:eu-west-1:123456789012:messages"

func topic(_ arn: String = arn) throws -> Sink { try #require(Sink(arn: arn)) }

/// A text as a sender writes it between quotes.
func written(_ text: String) -> CallText {
    guard let value = try? JSONText(Array("\"\(text)\"".utf8)).root, let text = CallText(value)
    else { preconditionFailure("a text that is no JSON") }
    return text
}

func message(
    _ text: String, id: String = "m", user: String? = "u", anonymous: String? = nil,
    name: String? = "Order Shipped", partnerID: String = "p-1"
) -> Message {
    Message(
        type: .track, messageID: written(id), userID: user.map(written),
        anonymousID: anonymous.map(written), name: name.map(written),
        origin: Origin(
            partner: "web-app", partnerID: partnerID, sender: "segment-api", authentication: .key),
        json: Array(text.utf8))
}

extension Publication {
    init(_ message: Message, to topic: Sink) {
        self.init(message, to: topic, requestID: "r-1")
    }
}

func publications(_ count: Int, size: Int = 20, to topic: Sink) -> [Publication] {
    (0..<count).map { number in
        let text = "\"\(number) " + String(repeating: "x", count: size) + "\""
        return Publication(message(text, id: "m-\(number)"), to: topic)
    }
}

/// Publishes through a publisher of its own, with waits that cost no time worth mentioning.
func publish(
    _ publications: [Publication], to sns: SNSStandIn, topics: [Sink]? = nil,
    budget: Duration = .seconds(600), random: Double = 0.01, environment: [String: String] = [:],
    traceID: String? = nil
) throws -> [Verdict] {
    let publisher = try publisher(
        to: sns, for: topics ?? publications.prefix(1).map(\.sink), random: random,
        environment: environment)
    return publisher.publish(
        publications, within: TimeBudget(now: System.wallClock(), deadline: .now + budget),
        traceID: traceID
    ).verdicts
}

/// A publisher with waits that cost no time worth mentioning.
func publisher(
    to sns: SNSStandIn, for sinks: [Sink], random: Double = 0.01,
    environment: [String: String] = [:]
) throws -> SinkPublisher {
    var variables = [
        "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "aws-secret-of-the-tests",
        "AWS_ENDPOINT_URL": sns.url, "HOME": "/nonexistent",
    ]
    variables.merge(environment) { _, new in new }
    let settings = AWSSettings(
        System(environment: { [variables] in variables[$0] }, random: { random }))
    return try SinkPublisher(
        sinks: sinks, settings: settings,
        credentials: CredentialChain(settings), attemptTimeout: .seconds(600))
}
