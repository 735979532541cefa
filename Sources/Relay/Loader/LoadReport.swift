internal import Formats
internal import LambdaRuntime
internal import Platform
internal import WarehouseStore

/// What an operator sees of one event: a log line, and the metrics that CloudWatch takes from it.
///
/// It holds counts, codes and times; never a value of a message.
struct LoadReport {
    let warehouse: String
    let outcome: LoadOutcome
    /// Records of the event.
    let received: Int
    /// Records that must come again, those that only follow others in their group too.
    let failed: Int
    /// Bytes of the event.
    let bytes: Int
    /// Making rows of the messages.
    let mapTime: Duration
    /// Waiting for the warehouse.
    let loadTime: Duration

    var level: LogLevel { failed > 0 ? .error : outcome.rejected > 0 ? .warn : .info }

    /// The fields of the line, those of ``metrics`` among them.
    var fields: [LogField] {
        var fields: [LogField] = [LogField("warehouse", .text(warehouse))]
        if let failure = outcome.failure {
            fields.append(LogField("reason", .text(failure.reason)))
            if let code = failure.code { fields.append(LogField("code", .text(code))) }
        }
        fields += [
            LogField("received", .number(received)), LogField("stored", .number(outcome.stored)),
            LogField("repeated", .number(outcome.repeated)),
            LogField("discarded", .number(outcome.discarded)),
            LogField("rejected", .number(outcome.rejected)), LogField("failed", .number(failed)),
            LogField("chunks", .number(outcome.chunks)), LogField("bytes", .number(bytes)),
        ]
        for (table, count) in outcome.rows.sorted(by: { $0.key < $1.key }) where count > 0 {
            fields.append(LogField("rows.\(table)", .number(count)))
        }
        return fields + [
            LogField("mapMs", .duration(mapTime)), LogField("loadMs", .duration(loadTime)),
        ]
    }

    static let metrics = EmbeddedMetrics(
        [
            EmbeddedMetrics.Metric("received", .count), EmbeddedMetrics.Metric("stored", .count),
            EmbeddedMetrics.Metric("repeated", .count),
            EmbeddedMetrics.Metric("discarded", .count),
            EmbeddedMetrics.Metric("rejected", .count), EmbeddedMetrics.Metric("failed", .count),
            EmbeddedMetrics.Metric("loadMs", .milliseconds),
        ], by: [[]])
}
