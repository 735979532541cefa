internal import Synchronization

/// What a handler waits for, for the log line of an event that runs out of time.
package enum Wait: UInt8, CaseIterable, Sendable, AtomicRepresentable {
    /// For nothing outside of the process: the handler itself is at work.
    case handler
    case partners, signingSecret, sink
    case writeKey, segment
    case databaseURI, database, cloudFormation
    case warehouse

    package var phrase: String {
        switch self {
        case .handler: "the handler"
        case .partners: "the partners"
        case .signingSecret: "a signing secret"
        case .sink: "the sink"
        case .writeKey: "the write key"
        case .segment: "the Segment API"
        case .databaseURI: "the database's URI"
        case .database: "the database"
        case .cloudFormation: "CloudFormation"
        case .warehouse: "the warehouse"
        }
    }
}
