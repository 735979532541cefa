/// What became of a request, as its sender must be told; the raw value is for logs and metrics.
package enum Outcome: String, Sendable, CaseIterable {
    /// At least one message, and SNS holds every one that is valid.
    case published
    /// Nothing in it is a valid message.
    case invalid
    /// It is a kind of call that this sender does not take.
    case unsupportedType = "unsupported_type"
    case tooLarge = "too_large"
    /// No credentials, or wrong ones.
    case notAuthentic = "not_authentic"
    /// Who it is, is known, but may not send now, or not from there.
    case forbidden
    /// The path names nobody.
    case notFound = "not_found"
    /// The path names somebody who has been removed.
    case gone
    /// SNS did not take all of it in time: the sender must send it again.
    case notAccepted = "not_accepted"
}
