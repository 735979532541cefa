internal import AWS
internal import Platform
internal import Signing
internal import Transport

/// A destination at SNS.
protocol TopicDestination: Destination {
    /// Items of one request have the same.
    func topic(of item: Int) -> Topic
}

/// The signed requests of one event; they share credentials.
struct TopicRequests: RequestSource {
    let publisher: TopicPublisher
    let target: any TopicDestination
    /// For loading credentials.
    let budget: TimeBudget
    let traceID: String?
    var credentials: Credentials

    func request(for items: [Int], body: [UInt8]) -> HTTPRequest {
        publisher.request(
            to: publisher.endpoint(of: target.topic(of: items[0])), body: body,
            credentials: credentials, traceID: traceID)
    }

    mutating func mend(_ remedy: Remedy, after response: HTTPResponse?) {
        switch remedy {
        case .reloadCredentials:
            // Credentials that cannot be loaded now are tried as they are: AWS then tells.
            credentials = publisher.freshCredentials(within: budget) ?? credentials
        case .correctClock:
            if let response { publisher.correctClock(by: response) }
        }
    }
}
