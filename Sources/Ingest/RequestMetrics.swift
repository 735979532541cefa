internal import LambdaRuntime
internal import Senders
internal import Tracking

/// What CloudWatch counts of the lines of requests: names, and by what they are sorted.
///
/// Every set of dimensions begins with stage and function. Partners are no dimension, because
/// their number has no bound and each would cost; Logs Insights counts by partner.
enum RequestMetrics {
    /// Requests that were answered with 4xx.
    static let refused = "refused"
    /// Requests that were answered with 401.
    static let unauthorized = "unauthorized"
    /// Requests behind which their sender holds back all others: see ``Senders/Sender``.
    static let stall = "stall"
    /// Requests that could not be read, and are kept nowhere because their sender is not known.
    static let discarded = "discarded"
    static let unreadableTime = CallWarning.Code.unreadableTime.rawValue

    /// The sets of a line with this code, and with these fields that not every line has.
    static func sets(code: String?, occasions: [String]) -> [EmbeddedMetrics] {
        var sets = [totals, bySender, byOutcome]
        if let code, codes.contains(code) { sets.append(byCode) }
        if !occasions.isEmpty {
            sets.append(
                EmbeddedMetrics(
                    occasions.map { EmbeddedMetrics.Metric($0, .count) }, by: [[], ["sender"]]))
        }
        return sets
    }

    /// The sets of a line about a request without a sender.
    static func sets(occasions: [String]) -> [EmbeddedMetrics] {
        [
            EmbeddedMetrics(
                (["requests"] + occasions).map { EmbeddedMetrics.Metric($0, .count) }, by: [[]])
        ]
    }

    private static let totals = EmbeddedMetrics(
        [
            EmbeddedMetrics.Metric("attempts", .count), EmbeddedMetrics.Metric("throttled", .count),
        ], by: [[]])

    private static let bySender = EmbeddedMetrics(
        ["requests", "received", "published", "rejected", "failed"].map {
            EmbeddedMetrics.Metric($0, .count)
        }
            + ["publishMs", "totalMs"].map { EmbeddedMetrics.Metric($0, .milliseconds) },
        by: [[], ["sender"]])

    private static let byOutcome = EmbeddedMetrics(
        [EmbeddedMetrics.Metric("requests", .count)], by: [["sender", "outcome"]])

    private static let byCode = EmbeddedMetrics(
        [EmbeddedMetrics.Metric("requests", .count)], by: [["code"]])

    /// The codes that have a metric of their own: all that replies and rejects have.
    ///
    /// A code that is not here is in the line alone.
    static let codes: Set<String> = [
        "bad_request", "body_too_large", "category_not_string", "context_not_object", "empty_batch",
        "empty_batch_result", "event_id_missing", "event_not_defined", "event_not_string",
        "group_id_not_string", "group_id_required", "id_not_string", "integrations_not_object",
        "invalid_signature", "ip_not_allowed", "message_id_not_string", "message_id_too_long",
        "message_too_large", "missing", "name_not_string", "no_user_anon_id", "not_a_string",
        "not_accepted", "not_allowed", "not_an_id", "not_an_object", "not_publishable",
        "partner_inactive", "partner_removed", "partner_suspended", "previous_id_not_string",
        "previous_id_required", "properties_not_object", "signing_not_configured",
        "source_disabled", "too_long", "too_many_items", "too_slow", "traits_not_object",
        "type_not_defined", "unauthorized", "unknown_source", "unknown_token", "unsupported_type",
        "user_id_required", "validation_failed",
    ]
}
