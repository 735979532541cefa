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

    /// The fields of the line, metrics last.
    func fields(at now: Timestamp) -> [(name: String, value: LogValue)] {
        var fields: [(name: String, value: LogValue)] = [
            ("destination", .text("segment")), ("source", .text(source)),
        ]
        if let reason { fields.append(("reason", .text(reason))) }
        fields += [
            ("received", .number(received)), ("forwarded", .number(forwarded)),
            ("dropped", .number(dropped)), ("rejected", .number(rejected)),
            ("failed", .number(failed)), ("bytes", .number(bytes)),
            ("readMs", .duration(readTime)), ("sendMs", .duration(sendTime)),
            ("_aws", .metrics([Self.metrics], at: now)),
        ]
        return fields
    }

    private static let metrics = EmbeddedMetrics(
        [
            ("received", .count), ("forwarded", .count), ("dropped", .count),
            ("rejected", .count), ("failed", .count), ("sendMs", .milliseconds),
        ], by: ["destination"])
}
