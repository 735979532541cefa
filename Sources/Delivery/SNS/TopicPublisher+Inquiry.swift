internal import AWS
package import Platform
internal import Signing
internal import Transport

extension TopicPublisher {
    /// Asks SNS about a topic, which publishes nothing: it shows that SNS can be reached, takes these
    /// credentials, and has the topic.
    ///
    /// The role needs `sns:GetTopicAttributes`. `topic` must be one that init was given.
    ///
    /// - Returns: why SNS has not said so by the deadline, a phrase for a log line; nil when it has.
    package func inquire(
        about topic: Topic, until deadline: Instant, traceID: String?
    ) -> String? {
        let system = settings.system
        guard let endpoint = endpoints.first(where: { $0.region == topic.region }) else {
            preconditionFailure("a topic that init was not given")
        }
        var current: Credentials
        do throws(AWSError) {
            current = try credentials.credentials(at: system.now(), until: deadline)
        } catch {
            return error.reason
        }
        var problem: String? = "no answer in time"
        var retries = RetryState(policy: policy)
        fanOut.run(
            [HTTPFanOut.Attempt(id: 0)],
            within: HTTPFanOut.Limits(
                deadline: deadline, attempt: attemptTimeout, maximumBody: Self.maximumReply),
            request: { _ in
                request(
                    to: endpoint, body: PublishBody.inquiry(about: topic), credentials: current,
                    traceID: traceID)
            },
            outcome: { _, outcome in
                let failure: AWSFailure
                switch outcome {
                case .success(let response) where response.status == 200:
                    problem = nil
                    return []
                case .success(let response):
                    failure = AWSFailure(query: response, at: system.now())
                case .failure(let error): failure = AWSFailure(error)
                }
                problem = failure.reason
                let step = retries.step(
                    after: failure.kind, left: deadline - .now, random: system.random())
                switch step {
                case .giveUp: return []
                case .again(let wait):
                    return [HTTPFanOut.Attempt(id: 0, delay: wait, needsNewConnection: true)]
                case .mend(.reloadCredentials): reload(&current, until: deadline)
                case .mend(.correctClock):
                    if case .success(let response) = outcome { correctClock(by: response) }
                }
                return [HTTPFanOut.Attempt(id: 0)]
            })
        return problem
    }
}
