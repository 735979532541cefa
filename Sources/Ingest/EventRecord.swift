internal import Formats
internal import LambdaRuntime
internal import Senders
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
    /// Bytes of the event.
    var bytes = 0
    /// Decoding, authenticating and normalising.
    var readTime = Duration.zero
    /// Waiting for SNS.
    var publishTime = Duration.zero
    /// Why something failed; a phrase without payload.
    var reason: String?

    var level: LogLevel {
        switch outcome {
        case .published: reason == nil ? .info : .error
        case .notAccepted: .error
        case .invalid, .unsupportedType, .tooLarge, .notAuthentic, .forbidden: .warn
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
            (
                "_aws",
                .json(
                    EmbeddedMetrics.json(
                        dimensions: ["sender", "outcome"], metrics: Self.metrics, at: now))
            ),
        ]
        return fields
    }

    private static let metrics: [(name: String, unit: EmbeddedMetrics.Unit)] = [
        ("received", .count), ("published", .count), ("rejected", .count), ("failed", .count),
        ("publishMs", .milliseconds),
    ]
}
