/// What the migrator is doing, for the log line of an event that runs out of time.
package enum MigratorActivity: Int, CaseIterable, Sendable {
    case handling, secret, database, answering

    package var name: String {
        switch self {
        case .handling: "the handler"
        case .secret: "the database's URI"
        case .database: "the database"
        case .answering: "CloudFormation"
        }
    }
}
