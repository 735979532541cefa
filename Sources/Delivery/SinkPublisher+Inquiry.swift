package import Platform

extension SinkPublisher {
    /// Asks about a sink, which publishes nothing: it shows that the service can be reached, takes
    /// these credentials, and has the sink.
    ///
    /// The role needs `sns:GetTopicAttributes`, `sqs:GetQueueAttributes`,
    /// `kinesis:DescribeStreamSummary` or `firehose:DescribeDeliveryStream`. `sink` must be one that
    /// init was given.
    ///
    /// - Returns: why the service has not said so within the budget, a phrase for a log line; nil
    ///   when it has.
    package func inquire(
        about sink: Sink, within budget: TimeBudget, traceID: String?
    ) -> String? {
        let report = deliver(
            to: SinkInquiry(sink: sink, endpoints: endpoints), within: budget, traceID: traceID)
        return switch report.verdicts[0] {
        case .accepted: nil
        case .refused(let refusal): refusal.code
        case .notAccepted(let reason): reason
        }
    }
}
