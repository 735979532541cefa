package import AWS
internal import Formats
package import Platform
internal import Signing
internal import Transport

/// Publishes by signed HTTP: everything of one event at once, on one thread.
///
/// A publication that may have arrived, although no answer says so, is sent again: it can arrive
/// twice.
package final class SinkPublisher {
    /// Requests in flight at once, and connections kept.
    package static let maximumInFlight = 64
    /// For one attempt: sinks answer in milliseconds, and a second attempt must fit in the budget.
    package static let attemptTimeout = Duration.seconds(2)
    /// A reply says something of 500 records at most, about 250 bytes of each.
    private static let maximumReply = 256 << 10

    let settings: AWSSettings
    let credentials: CredentialChain
    private let policy: RetryPolicy
    private let attemptTimeout: Duration
    private let fanOut: HTTPFanOut
    let endpoints: SinkEndpoints
    /// Kept from event to event, with its key and what it knows of AWS's clock.
    var signer = RequestSigner()

    /// Resolves the endpoint of each sink, and makes no connection yet.
    package init(
        sinks: [Sink], settings: AWSSettings, credentials: CredentialChain,
        attemptTimeout: Duration = SinkPublisher.attemptTimeout
    ) throws(AWSError) {
        self.attemptTimeout = attemptTimeout
        self.settings = settings
        self.credentials = credentials
        policy = .delivery(maximumAttempts: try settings.retryPolicy().maximumAttempts)
        endpoints = try SinkEndpoints(of: sinks, settings)
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
        deliver(
            to: Publications(items: publications, endpoints: endpoints), within: budget,
            traceID: traceID)
    }

    /// Sends to `target` what it has, by requests that ``SinkRequests`` signs.
    func deliver(
        to target: any SinkDestination, within budget: TimeBudget, traceID: String?
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
        var requests = SinkRequests(
            publisher: self, target: target, budget: budget, traceID: traceID,
            credentials: current)
        run.perform(
            over: fanOut, from: &requests,
            within: DeliveryLimits(
                deadline: budget.deadline, attempt: attemptTimeout, maximumReply: Self.maximumReply),
            system: settings.system)
        return run.report
    }
}
