package import Platform

extension TopicPublisher {
    /// Asks SNS about a topic, which publishes nothing: it shows that SNS can be reached, takes these
    /// credentials, and has the topic.
    ///
    /// The role needs `sns:GetTopicAttributes`. `topic` must be one that init was given.
    ///
    /// - Returns: why SNS has not said so within the budget, a phrase for a log line; nil when it has.
    package func inquire(
        about topic: Topic, within budget: TimeBudget, traceID: String?
    ) -> String? {
        let report = deliver(
            to: TopicInquiry(topic: topic), within: budget, traceID: traceID)
        return switch report.verdicts[0] {
        case .accepted: nil
        case .refused(let refusal): refusal.code
        case .notAccepted(let reason): reason
        }
    }
}
