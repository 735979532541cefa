internal import Formats
internal import LambdaRuntime
internal import Platform
internal import Senders
internal import Tracking
internal import Transport

/// What an operator sees of one request: a log line, and the metrics that CloudWatch takes from it.
///
/// It holds counts, names, codes and times; never a payload, a token or a header's value.
struct EventRecord {
    let sender: String
    let outcome: Outcome
    let status: Int
    /// Nil where no partner could be told.
    var partner: String?
    /// The code of the error that the sender was told.
    var code: String?
    /// Calls in the request, as far as it could be read.
    var received = 0
    var published = 0
    var rejected = 0
    /// Messages that SNS did not take in time.
    var failed = 0
    /// Requests that could not be read, and are kept nowhere because nobody can be told to have
    /// sent them.
    var discarded = 0
    /// Times of calls that were published, in no form that is known.
    var unreadableTimes = 0
    /// Bytes of the request's body, as it was sent.
    var bytes = 0
    /// Decoding, authenticating and normalising.
    var readTime = Duration.zero
    /// Waiting for SNS.
    var publishTime = Duration.zero
    /// Why something failed; a phrase without payload.
    var reason: String?
    /// For lines of requests that were turned away.
    var trace: RequestTrace?

    var level: LogLevel {
        switch outcome {
        case .published: reason == nil ? .info : .error
        case .notAccepted: .error
        case .invalid, .unsupportedType, .tooLarge, .notAuthentic, .forbidden, .notFound, .gone:
            .warn
        }
    }

    /// The fields of the line, metrics last.
    func fields(at now: Timestamp) -> [(name: String, value: LogValue)] {
        var fields: [(name: String, value: LogValue)] = [("sender", .text(sender))]
        if let partner { fields.append(("partner", .text(partner))) }
        fields += [("outcome", .text(outcome.rawValue)), ("status", .number(status))]
        if let code { fields.append(("code", .text(code))) }
        if let reason { fields.append(("reason", .text(reason))) }
        fields += [
            ("received", .number(received)), ("published", .number(published)),
            ("rejected", .number(rejected)), ("failed", .number(failed)),
            ("bytes", .number(bytes)), ("readMs", .duration(readTime)),
            ("publishMs", .duration(publishTime)),
        ]
        if let trace { fields += trace.fields }
        for (metric, count) in occasional where count > 0 {
            fields.append((metric.name, .number(count)))
        }
        fields.append(("_aws", .metrics(metrics, at: now)))
        return fields
    }

    /// Which of the line's fields are metrics: most by sender and outcome.
    private var metrics: [EmbeddedMetrics] {
        var sets = [EmbeddedMetrics(Self.units, by: ["sender", "outcome"])]
        // By sender alone: an alarm needs one metric to watch.
        let counted = occasional.filter { $0.count > 0 }.map(\.metric)
        if !counted.isEmpty { sets.append(EmbeddedMetrics(counted, by: ["sender"])) }
        return sets
    }

    /// Metrics that only the lines have where there is something to count.
    ///
    /// `unauthorized` counts requests answered with 401: a secret that was rotated wrongly stalls
    /// Customer.io's stream.
    private var occasional: [(metric: EmbeddedMetrics.Metric, count: Int)] {
        [
            (("unauthorized", .count), status == 401 ? 1 : 0),
            (("discarded", .count), discarded),
            ((CallWarning.Code.unreadableTime.rawValue, .count), unreadableTimes),
        ]
    }

    private static let units: [EmbeddedMetrics.Metric] = [
        ("received", .count), ("published", .count), ("rejected", .count), ("failed", .count),
        ("publishMs", .milliseconds),
    ]
}
