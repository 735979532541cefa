internal import Formats
internal import Transport

/// What the Statement Execution API's errors mean.
///
/// Source: Databricks REST API reference, "Statement Execution API", 2.0; Databricks documentation,
/// "SQLSTATE error codes" and "Error classes".
enum DatabricksFault {
    /// A statement that has failed, which is told with HTTP 200.
    static func fault(_ reply: DatabricksReply) -> ServiceFault {
        let code = reply.sqlState ?? reply.errorCode
        if reply.state == .canceled {
            return ServiceFault(
                .transient, WarehouseError(.busy, code: code, "the statement was cancelled"))
        }
        if reply.sqlState == "2D521" || isConflict(reply.errorClass) {
            return ServiceFault(
                .transient, WarehouseError(.conflict, code: code, "another writer was in the way"))
        }
        if let kind = passing(reply) {
            return ServiceFault(
                .transient, WarehouseError(kind, code: code, "the statement failed"))
        }
        return ServiceFault(.permanent, permanent(reply, code))
    }

    /// What the error means until it has passed; nil for one that stays.
    private static func passing(_ reply: DatabricksReply) -> WarehouseError.Kind? {
        if let kind = reply.errorCode.flatMap({ transient[$0] }) { return kind }
        guard let state = reply.sqlState, classes.contains(state.prefix(2)) else { return nil }
        return .busy
    }

    private static func permanent(_ reply: DatabricksReply, _ code: String?) -> WarehouseError {
        let state = reply.sqlState ?? ""
        switch state {
        case "42P01", "42703", "42704": return .notMigrated
        default: break
        }
        switch reply.errorClass {
        case "TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND": return .notMigrated
        default: break
        }
        switch state.prefix(2) {
        case "22", "23": return WarehouseError(.data, code: code, "a row was refused")
        case "54": return WarehouseError(.tooLarge, code: code, "the statement is too large")
        default: return WarehouseError(.denied, code: code, "the statement was refused")
        }
    }

    private static func isConflict(_ name: Substring?) -> Bool {
        guard let name else { return false }
        return name.hasPrefix("DELTA_CONCURRENT_") || name == "DELTA_METADATA_CHANGED"
            || name == "DELTA_PROTOCOL_CHANGED"
    }

    /// Errors after which the same statement may succeed.
    private static let transient: [String: WarehouseError.Kind] = [
        "TEMPORARILY_UNAVAILABLE": .unavailable, "WORKSPACE_TEMPORARILY_UNAVAILABLE": .unavailable,
        "SERVICE_UNDER_MAINTENANCE": .unavailable, "DEADLINE_EXCEEDED": .busy,
        "INTERNAL_ERROR": .busy, "IO_ERROR": .busy, "RESOURCE_EXHAUSTED": .busy, "ABORTED": .busy,
        "UNKNOWN": .busy,
    ]

    /// Classes of SQLSTATE after which the same statement may succeed: lost connections, resources,
    /// an operator's intervention, and errors of the system.
    private static let classes: Set<Substring> = ["08", "53", "57", "58", "HY", "KD", "XX"]

    /// A call that was refused before there was a statement.
    static func fault(
        _ response: HTTPResponse, isRenewable: Bool, at now: Timestamp
    ) -> ServiceFault {
        let root = try? JSONText(response.body).root
        let code = root?["error_code"]?.string?.asCode
        switch response.status {
        case 401:
            return ServiceFault(
                isRenewable ? .expiredCredentials : .permanent,
                WarehouseError(.denied, code: code, "HTTP 401: the token is not valid"))
        case 400 where root?["message"]?.string.map(saysTooLarge) == true:
            return ServiceFault(.permanent, WarehouseError(.tooLarge, code: code, "HTTP 400"))
        default: return ServiceFault(response, code: code, at: now)
        }
    }

    /// True for a message with words that the service has for what is larger than it takes.
    private static func saysTooLarge(_ message: String) -> Bool {
        let words = message.lowercased().split { !$0.isLetter }
        return zip(words, words.dropFirst()).contains { pair in
            pair == ("too", "large") || pair == ("size", "limit") || pair == ("maximum", "size")
        }
    }
}
