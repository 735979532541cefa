package import Partners

/// Partners' own webhooks, as the integration guide promises them.
///
/// No two partners wait equally long or send again in the same way. What can be promised to all is
/// what most webhook senders keep to. Source: Standard Webhooks 1.0, "Deliverability and reliability".
package enum PartnerWebhookContract: SenderContract {
    package static let sender = SenderName.partner
    /// Standard Webhooks asks senders for 15 to 30 seconds; many give 10 (GitHub), some 5 (Shopify).
    package static let deadline = Duration.seconds(5)
    package static let margin = Duration.milliseconds(500)

    package static func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        case .invalid, .unsupportedType: 400
        case .tooLarge: 413
        case .notAuthentic: 401
        case .forbidden: 403
        case .notFound: 404
        // Senders stop at once, and for good: Standard Webhooks has them disable the endpoint.
        case .gone: 410
        // Every sender tries again after a 5xx.
        case .notAccepted: 503
        }
    }
}
