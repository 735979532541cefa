internal import AWS
internal import Formats
package import Platform
package import Transport

/// Sends calls to the Segment API: everything of one event at once, on one thread.
///
/// A call that may have arrived without a word of it is sent again; Segment knows it by its
/// `messageId`.
package final class SegmentPublisher {
    /// Requests in flight at once, and connections kept; each holds up to 500 KB.
    private static let maximumInFlight = 16
    /// For one attempt, if the budget allows several.
    private static let attemptTimeout = Duration.seconds(10)
    /// A server that does not answer leaves time for this many attempts.
    private static let attemptsInBudget = 3
    /// The deadline ends most retrying before this does.
    private static let policy = RetryPolicy.delivery(maximumAttempts: 10)
    /// Segment's answers hold a word.
    private static let maximumReply = 64 << 10

    private let endpoint: SegmentEndpoint
    private let system: System
    private let fanOut: HTTPFanOut

    /// Makes no connection yet.
    package init(
        _ endpoint: SegmentEndpoint, system: System
    ) throws(TransportError) {
        self.endpoint = endpoint
        self.system = system
        fanOut = try HTTPFanOut(maximumInFlight: Self.maximumInFlight)
    }

    /// True for what can be the user name of Basic authentication, and part of a header.
    package static func isWriteKey(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
    }

    /// Sends and waits, until every item has its verdict or the budget is spent.
    package func send(
        _ items: [SegmentItem], writeKey: [UInt8], within budget: TimeBudget
    ) -> DeliveryReport {
        var run = DeliveryRun(to: SegmentBatch(items: items), policy: Self.policy)
        guard run.hasRequests else { return run.report }
        let user = Base64.encode(writeKey + [UInt8(ascii: ":")])
        let headers = [
            HTTPField("Authorization", "Basic \(String(decoding: user, as: UTF8.self))"),
            HTTPField("Content-Type", "application/json"),
        ]
        var requests = SegmentRequests(url: endpoint.url, headers: headers)
        run.perform(
            over: fanOut, from: &requests,
            within: DeliveryLimits(
                deadline: budget.deadline,
                attempt: min(Self.attemptTimeout, budget.left / Self.attemptsInBudget),
                maximumReply: Self.maximumReply),
            system: system)
        return run.report
    }
}

/// Requests that only differ in their batch.
private struct SegmentRequests: RequestSource {
    let url: String
    let headers: [HTTPField]

    func request(for items: [Int], body: [UInt8]) -> HTTPRequest {
        HTTPRequest(method: "POST", url: url, headers: headers, body: body)
    }

    /// A write key does not expire, and nothing is signed.
    func mend(_ remedy: Remedy, after response: HTTPResponse?) {}
}
