package import AWS
internal import Formats
package import Platform
internal import Signing
internal import Transport

/// Publishes to SNS by signed HTTP: everything of one event at once, on one thread.
///
/// A publication that may have arrived without a word of it is sent again, so it can arrive twice.
package final class TopicPublisher {
    /// Requests under way at once, and connections kept.
    package static let maximumInFlight = 64
    /// For one attempt: SNS answers in milliseconds, and a second attempt must fit in the budget.
    package static let attemptTimeout = Duration.seconds(2)
    /// Replies name ten entries at most.
    static let maximumReply = 256 << 10

    let settings: AWSSettings
    let credentials: CredentialChain
    let policy: RetryPolicy
    let attemptTimeout: Duration
    let fanOut: HTTPFanOut
    /// One for each region.
    private(set) var endpoints: [Endpoint] = []
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

    /// Publishes and waits, until every publication has its verdict or the deadline has come.
    ///
    /// Verdicts are in the order of the publications. `traceID` goes with the requests, unsigned.
    package func publish(
        _ publications: [Publication], until deadline: Instant, traceID: String?
    ) -> [Verdict] {
        var run = DeliveryRun(to: Publications(items: publications), policy: policy)
        guard run.hasRequests else { return run.verdicts }
        let system = settings.system
        var current: Credentials
        do throws(AWSError) {
            current = try credentials.credentials(at: system.now(), until: deadline)
        } catch {
            run.abandon(reason: error.reason)
            return run.verdicts
        }
        run.perform(
            over: fanOut,
            within: HTTPFanOut.Limits(
                deadline: deadline, attempt: attemptTimeout, maximumBody: Self.maximumReply),
            system: system,
            request: { items, body in
                let region = publications[items[0]].topic.region
                guard let endpoint = endpoints.first(where: { $0.region == region }) else {
                    preconditionFailure("a topic that init was not given")
                }
                return request(
                    to: endpoint, body: body, credentials: current, traceID: traceID)
            },
            mend: { remedy in
                switch remedy {
                case .reloadCredentials: reload(&current, until: deadline)
                case .correctClock(let response): correctClock(by: response)
                }
            })
        return run.verdicts
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

    /// Takes fresh credentials for those that have expired.
    func reload(_ current: inout Credentials, until deadline: Instant) {
        credentials.invalidate()
        // What was just loaded may be as old; the next attempt then tells.
        if let fresh = try? credentials.credentials(
            at: settings.system.now(), until: deadline)
        {
            current = fresh
        }
    }

    func correctClock(by response: HTTPResponse) {
        signer.correctClock(by: response, at: settings.system.now())
    }
}
