package import AWS
internal import Formats
package import Platform
internal import Signing
internal import Transport

/// Publishes to SNS by signed HTTP: everything of one event at once, on one thread.
///
/// A publication that may have arrived without a word of it is sent again, so it can arrive twice.
package final class TopicPublisher {
    /// Requests in flight at once, and connections kept.
    package static let maximumInFlight = 64
    /// For one attempt: SNS answers in milliseconds, and a second attempt must fit in the budget.
    package static let attemptTimeout = Duration.seconds(2)
    /// Replies name ten entries at most.
    private static let maximumReply = 256 << 10

    private let settings: AWSSettings
    private let credentials: CredentialChain
    private let policy: RetryPolicy
    private let attemptTimeout: Duration
    private let fanOut: HTTPFanOut
    /// One for each region.
    private var endpoints: [Endpoint] = []
    private var signer = RequestSigner()

    /// Resolves the endpoint of each topic's region, and makes no connection yet.
    package init(
        topics: [Topic], settings: AWSSettings, credentials: CredentialChain,
        attemptTimeout: Duration = TopicPublisher.attemptTimeout
    ) throws(AWSError) {
        self.attemptTimeout = attemptTimeout
        self.settings = settings
        self.credentials = credentials
        policy = .delivery(maximumAttempts: try settings.retryPolicy().maximumAttempts)
        for topic in topics where !endpoints.contains(where: { $0.region == topic.region }) {
            endpoints.append(try settings.endpoint(of: .sns, region: topic.region))
        }
        do throws(TransportError) {
            fanOut = try HTTPFanOut(maximumInFlight: Self.maximumInFlight)
        } catch {
            throw .failed(AWSFailure(error))
        }
    }

    /// Publishes and waits, until every publication has its verdict or the budget is spent.
    ///
    /// `traceID` goes with the requests, unsigned.
    package func publish(
        _ publications: [Publication], within budget: TimeBudget, traceID: String?
    ) -> DeliveryReport {
        deliver(to: Publications(items: publications), within: budget, traceID: traceID)
    }

    func deliver(
        to target: any TopicDestination, within budget: TimeBudget, traceID: String?
    ) -> DeliveryReport {
        var run = DeliveryRun(to: target, policy: policy)
        guard run.hasRequests else { return run.report }
        let current: Credentials
        do throws(AWSError) {
            current = try credentials.credentials(within: budget)
        } catch {
            run.abandon(reason: error.reason)
            return run.report
        }
        var requests = TopicRequests(
            publisher: self, target: target, budget: budget, traceID: traceID,
            credentials: current)
        run.perform(
            over: fanOut, from: &requests,
            within: DeliveryLimits(
                deadline: budget.deadline, attempt: attemptTimeout, maximumReply: Self.maximumReply),
            system: settings.system)
        return run.report
    }

    /// Where a topic is reached, which must be one that init was given.
    func endpoint(of topic: Topic) -> Endpoint {
        guard let endpoint = endpoints.first(where: { $0.region == topic.region }) else {
            preconditionFailure("a topic that init was not given")
        }
        return endpoint
    }

    /// A signed request with a form for SNS; `traceID` goes with it, unsigned.
    func request(
        to endpoint: Endpoint, body: [UInt8], credentials: Credentials, traceID: String?
    ) -> HTTPRequest {
        signer.request(
            to: endpoint,
            headers: [
                HTTPField("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            ],
            unsigned: traceID.map { [HTTPField("X-Amzn-Trace-Id", $0)] } ?? [], body: body,
            credentials: credentials, at: settings.system.now())
    }

    /// Credentials in the place of those that AWS calls expired; nil when none can be loaded.
    func freshCredentials(within budget: TimeBudget) -> Credentials? {
        credentials.invalidate()
        return try? credentials.credentials(within: budget)
    }

    func correctClock(by response: HTTPResponse) {
        signer.correctClock(by: response, at: settings.system.now())
    }
}
