package import Partners

/// Segment's tracking API, as its SDKs use it.
///
/// Source: Twilio Segment, "HTTP API", and the SDKs' own code for what they do with each status.
package enum SegmentAPIContract: SenderContract {
    package static let sender = SenderName.segmentAPI
    /// SDKs wait for 10 to 60 seconds; people wait less.
    package static let deadline = Duration.seconds(5)
    package static let margin = Duration.milliseconds(500)

    package static func status(for outcome: Outcome) -> Int {
        switch outcome {
        // Exactly: the Python SDK takes 201, 202 and 204 for failures and sends again.
        case .published: 200
        case .invalid, .unsupportedType: 400
        // Segment's own answer. SDKs drop it as they drop 413, but some send 413 again.
        case .tooLarge: 400
        // No SDK sends again after 401, provided the body has a code and a message.
        case .notAuthentic, .notFound, .gone: 401
        case .forbidden: 403
        // Every SDK sends again after 503; browsers and Node drop 501 and 505.
        case .notAccepted: 503
        }
    }
}
