/// What became of one item.
package enum Verdict: Sendable, Equatable {
    /// The destination holds it.
    case accepted
    /// The destination will never take it as it is.
    case refused(code: String)
    /// The destination did not take it in time; the reason is for a log line.
    case notAccepted(reason: String)
}
