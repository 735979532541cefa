internal import Formats
internal import Gateway
internal import Senders

extension Replies {
    /// The reply to a request of which at least a part was published, or all was rejected.
    static func reply(to submission: Submission, of sender: any Sender) -> Response {
        let headers: [HTTPField]
        switch sender.replyForm {
        case .pixel: return pixel
        case .json: headers = []
        case .jsonForPages: headers = anyOrigin
        }
        if let challenge = submission.intake.challenge { return Self.challenge(challenge) }
        let outcome = submission.outcome
        let status = sender.status(for: outcome)
        if outcome == .notAccepted { return notAccepted(status, headers: headers) }
        // Customer.io is told that all is well, with what was rejected.
        if sender.isToldWell(of: outcome) {
            return success(
                status, accepted: submission.accepted, messageID: submission.onlyMessageID,
                rejected: submission.rejects, warnings: submission.intake.warnings, headers: headers
            )
        }
        let only = submission.rejects.count == 1 ? submission.rejects.first : nil
        return error(
            status, code: only?.code ?? "empty_batch_result",
            message: only?.message ?? "No item of the batch is valid.",
            details: only?.index == nil && only != nil ? [] : submission.rejects,
            failures: only?.failures ?? [], headers: headers)
    }

    /// The reply to a request that was refused.
    static func reply(to refusal: Refusal, of sender: any Sender) -> Response {
        let status = sender.status(for: refusal.outcome)
        switch sender.replyForm {
        case .pixel: return pixel
        case .json: return error(status, code: refusal.code, message: refusal.message)
        case .jsonForPages:
            return error(
                status, code: refusal.code, message: refusal.message, headers: anyOrigin)
        }
    }
}
