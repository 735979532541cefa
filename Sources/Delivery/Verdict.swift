/// What became of one item.
package enum Verdict: Sendable, Equatable {
    /// Why a destination will never take an item.
    package enum Refusal: Sendable, Equatable {
        /// It is larger than the destination takes.
        case tooLarge
        /// The destination says so in a code, or by a status that stands for one.
        case other(code: String)

        /// For log lines and rejects.
        package var code: String {
            switch self {
            case .tooLarge: "message_too_large"
            case .other(let code): code
            }
        }
    }

    /// The destination holds it.
    case accepted
    /// The destination will never take it as it is.
    case refused(Refusal)
    /// The destination did not take it, and may take it later; the reason is for a log line.
    case notAccepted(reason: String)
}
