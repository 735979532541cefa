package import Partners

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

/// What a sender expects of a receiver: one type per sender, with the reasons beside the rules.
package protocol SenderContract: Sendable {
    static var sender: SenderName { get }
    /// How long the sender waits for an answer.
    static var deadline: Duration { get }
    /// What of the deadline is left for the way back.
    static var margin: Duration { get }

    static func status(for outcome: Outcome) -> Int
}

extension SenderContract {
    /// The name in messages, logs and metrics.
    package static var name: String { sender.rawValue }
}
