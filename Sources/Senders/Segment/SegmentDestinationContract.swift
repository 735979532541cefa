package import Partners

/// Segment's servers: direct destinations and webhook destinations.
///
/// Source: Twilio Segment, "Build a direct destination", "Webhooks", "Integration error codes".
package enum SegmentDestinationContract: SenderContract {
    package static let sender = SenderName.segmentDestination
    /// The delivery system gives up an attempt after this, and tries again for four hours.
    package static let deadline = Duration.seconds(5)
    package static let margin = Duration.milliseconds(500)

    package static func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        // Discarded, and shown to the customer with our message.
        case .invalid: 400
        // Segment's documented answer to a type that a destination does not take.
        case .unsupportedType: 501
        case .tooLarge: 413
        case .notAuthentic, .notFound, .gone: 401
        case .forbidden: 403
        // Tried again, as every 5xx is.
        case .notAccepted: 503
        }
    }
}
