/// What the forwarder is doing, for the log line of an event that runs out of time.
package enum RelayActivity: Int, CaseIterable, Sendable {
    case handling, writeKey, sending, rejecting

    package var name: String {
        switch self {
        case .handling: "the handler"
        case .writeKey: "the write key"
        case .sending: "the Segment API"
        case .rejecting: "SNS"
        }
    }
}
