internal import AWS
internal import Formats
internal import Transport

/// What Query Service's errors mean.
///
/// Source: Teradata Query Service Installation, Configuration, and Usage Guide, "HTTP status codes";
/// Teradata Call-Level Interface reference, "Responding to Error and Failure Parcels".
enum TeradataFault {
    /// Query Service's own status for an error of the database.
    private static let databaseError = 420

    /// Numbers of the database's errors that are no failure in some place.
    static let tableExists = "3803"
    static let duplicateKey = "2801"

    static func fault(_ response: HTTPResponse, at now: Timestamp) -> ServiceFault {
        guard response.status != databaseError else { return fault(number: number(response)) }
        switch response.status {
        case 401:
            return ServiceFault(
                .permanent,
                WarehouseError(.denied, "HTTP 401: the user or the password is wrong"))
        // A session was busy, or no thread free: both pass.
        case 412:
            return ServiceFault(
                .throttling, WarehouseError(.busy, "HTTP 412"),
                asked: response.retryAfter(at: now) ?? .zero)
        default: return ServiceFault(response, at: now)
        }
    }

    /// The error's number; some versions write it as a number, others as a text.
    private static func number(_ response: HTTPResponse) -> String? {
        guard let error = try? JSONText(response.body).root["error"], error.kind != .null else {
            return nil
        }
        return String(decoding: error.content, as: UTF8.self).asCode
    }

    /// An error of the database; its words are never used, because they may repeat values.
    private static func fault(number: String?) -> ServiceFault {
        guard let number, let meaning = meanings[number] else {
            return ServiceFault(
                .permanent, WarehouseError(.busy, code: number, "the database refused a request"))
        }
        switch meaning {
        case .notMigrated: return ServiceFault(.permanent, .notMigrated)
        case .mayPass(let kind, let reason):
            return ServiceFault(.transient, WarehouseError(kind, code: number, reason))
        case .stays(let kind, let reason):
            return ServiceFault(.permanent, WarehouseError(kind, code: number, reason))
        }
    }

    /// True for a number that this program knows.
    static func knows(_ number: String) -> Bool { meanings[number] != nil }

    private enum Meaning {
        /// The same request may succeed.
        case mayPass(WarehouseError.Kind, String)
        case stays(WarehouseError.Kind, String)
        case notMigrated
    }

    private static let meanings: [String: Meaning] = [
        "2631": .mayPass(.conflict, "a deadlock"),
        // Another writer was first with this key: the next attempt finds its row.
        duplicateKey: .mayPass(.conflict, "another writer has stored the same row"),
        "2639": .mayPass(.busy, "too many transactions"),
        "2641": .mayPass(.busy, "the table was restructured"),
        "2825": .mayPass(.busy, "the database was restarted"),
        "2826": .mayPass(.busy, "the database was restarted"),
        "2828": .mayPass(.busy, "the request was rolled back"),
        "2835": .mayPass(.busy, "the request was rolled back"),
        "3111": .mayPass(.busy, "the database took too long"),
        "2644": .stays(.unavailable, "the database has no room"),
        "2646": .stays(.unavailable, "there is no spool space"),
        "3802": .stays(.denied, "there is no such database; an administrator makes it"),
        tableExists: .stays(.denied, "the table is there already"),
        "3807": .notMigrated, "3810": .notMigrated, "5628": .notMigrated,
        "3523": .stays(.denied, "the user lacks a right"),
        "3524": .stays(.denied, "the user lacks a right"),
        "5315": .stays(.denied, "the user lacks a right"),
        "8017": .stays(.denied, "the user or the password is wrong"),
        "3577": .stays(.data, "a row is too long"),
        "3996": .stays(.data, "a text is too long"),
        "6705": .stays(.data, "a character cannot be stored"),
        "6706": .stays(.data, "a character cannot be stored"),
        "2665": .stays(.data, "a time cannot be stored"),
        "6760": .stays(.data, "a time cannot be stored"),
    ]
}
