/// How somebody sends: a sender, by the name that messages, log lines and records give it.
package enum SenderName: String, Sendable, CaseIterable {
    /// Segment's tracking API, which SDKs call.
    case segmentAPI = "segment-api"
    /// Segment's servers, which deliver to a destination.
    case segmentDestination = "segment-destination"
    /// Customer.io's reporting webhooks.
    case customerIO = "customerio"
    /// Partners' own webhooks.
    case partner

    /// All of them, for a sentence that lists them.
    package static var known: String { list(allCases) }

    /// Some of them, for a sentence that lists them.
    package static func list(_ senders: [SenderName]) -> String {
        senders.map(\.rawValue).joined(separator: ", ")
    }
}
