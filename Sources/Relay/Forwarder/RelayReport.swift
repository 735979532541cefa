internal import Formats
internal import LambdaRuntime
internal import Platform

/// What an operator sees of one event: a log line, and the metrics that CloudWatch takes from it.
///
/// It holds counts, codes and times; never a payload or a key.
struct RelayReport {
    let source: String
    let received: Int
    let forwarded: Int
    let dropped: Int
    let rejected: Int
    let failed: Int
    /// Bytes of the event.
    let bytes: Int
    /// Reading the event.
    let readTime: Duration
    /// Waiting for Segment and for the rejected topic.
    let sendTime: Duration
    /// Why something failed; a phrase without payload.
    let reason: String?

    var level: LogLevel { failed > 0 ? .error : rejected > 0 ? .warn : .info }

    /// The fields of the line, those of ``metrics`` among them.
    var fields: [LogField] {
        var fields: [LogField] = [
            LogField("destination", .text("segment")), LogField("source", .text(source)),
        ]
        if let reason { fields.append(LogField("reason", .text(reason))) }
        fields += [
            LogField("received", .number(received)), LogField("forwarded", .number(forwarded)),
            LogField("dropped", .number(dropped)), LogField("rejected", .number(rejected)),
            LogField("failed", .number(failed)), LogField("bytes", .number(bytes)),
            LogField("readMs", .duration(readTime)), LogField("sendMs", .duration(sendTime)),
        ]
        return fields
    }

    static let metrics = EmbeddedMetrics(
        [
            EmbeddedMetrics.Metric("received", .count), EmbeddedMetrics.Metric("forwarded", .count),
            EmbeddedMetrics.Metric("dropped", .count),
            EmbeddedMetrics.Metric("rejected", .count), EmbeddedMetrics.Metric("failed", .count),
            EmbeddedMetrics.Metric("sendMs", .milliseconds),
        ], by: [[]])
}
