/// What is derived from the tables when it is asked for, so that late messages are always right.
package enum View: String, CaseIterable, Sendable {
    /// Each user with the newest value of each trait.
    case users
    /// Each group with the newest value of each trait.
    case accounts
    /// Every message of Customer.io.
    case webhookLanding = "webhook_landing"
}

/// Tables that the program keeps for itself.
package enum BookkeepingTable {
    /// Which versions of the schema were applied.
    package static let versions = "inlet_schema"
    /// What each column that was made for a property is for, where the database's types do not tell.
    package static let columns = "inlet_columns"
}

/// A view that joins all messages of one subject: of each column, the newest value counts.
struct LatestView {
    let view: View
    let table: Table
    /// The column by which the messages are of one subject.
    let subject: String
    /// The columns whose newest values are wanted.
    let columns: [Column]

    static let users = LatestView(
        view: .users, table: Schema.identifies, subject: "user_id",
        columns: traits(of: Schema.identifies))
    static let accounts = LatestView(
        view: .accounts, table: Schema.groups, subject: "group_id",
        columns: traits(of: Schema.groups))

    private static func traits(of table: Table) -> [Column] {
        table.columns.filter { column in
            switch column.source {
            case .payload, .payloadTime: true
            case .document(let name): name == "traits"
            default: false
            }
        }
    }
}

/// The view of Customer.io's messages: columns of `tracks`, and two properties.
enum LandingView {
    static let columns = [
        "id", "partner", "received_at", "timestamp", "event_text", "user_id", "anonymous_id",
        "properties", "context", "extra",
    ]
    static let properties = ["object_type", "metric"]
}
