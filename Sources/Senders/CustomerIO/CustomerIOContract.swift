package import Partners

/// Customer.io's reporting webhooks.
///
/// Nearly every answer but 2xx stops the whole stream of a webhook for an hour, and it is repeated
/// for seven days, with everything that happened since behind it. So only what another attempt can
/// mend is not answered with 200. Source: Customer.io, "Reporting webhooks".
package enum CustomerIOContract: SenderContract {
    package static let sender = SenderName.customerIO
    package static let deadline = Duration.seconds(4)
    /// Leaves the answer half a second inside of three, for a cold start that came before.
    package static let margin = Duration.milliseconds(1500)

    package static func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        // On the rejected topic: the same bytes would never become valid.
        case .invalid, .unsupportedType, .tooLarge: 200
        // Stalls the stream and loses nothing, until a secret or a partner's status is set right.
        case .notAuthentic, .forbidden, .notFound, .gone: 401
        // Not among the codes that wait an hour before the first retry.
        case .notAccepted: 503
        }
    }
}
