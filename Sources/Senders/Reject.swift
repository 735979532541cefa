internal import Tracking

/// A part of an authenticated request that is not a valid message.
package struct Reject: Sendable {
    /// The outcome to answer with if nothing else of the request is valid.
    package let outcome: Outcome
    package let code: String
    package let message: String
    /// The place in the batch; nil for a request that is not one, or as a whole.
    package let index: Int?
    package let messageID: String?
    /// Each field that breaks a rule of the partner's.
    package let failures: [RuleFailure]
    /// True for a message that its topic will not take.
    package let isMessage: Bool
    /// What was sent, or what may be kept of it.
    package let input: [UInt8]
    /// Bytes that were sent.
    package let inputLength: Int

    /// `inputLength` is given if `input` is not all that was sent.
    package init(
        _ outcome: Outcome, code: String, message: String, index: Int? = nil,
        messageID: String? = nil, failures: [RuleFailure] = [], isMessage: Bool = false,
        input: [UInt8], inputLength: Int? = nil
    ) {
        self.outcome = outcome
        self.code = code
        self.message = message
        self.index = index
        self.messageID = messageID
        self.failures = failures
        self.isMessage = isMessage
        self.input = input
        self.inputLength = inputLength ?? input.count
    }

    init(
        _ error: CallError, index: Int? = nil, messageID: String? = nil, input: [UInt8]
    ) {
        self.init(
            error.outcome, code: error.code, message: error.message, index: index,
            messageID: messageID, input: input)
    }

    /// The same with other bytes for what was sent.
    func keeping(_ input: [UInt8], length: Int? = nil) -> Reject {
        Reject(
            outcome, code: code, message: message, index: index, messageID: messageID,
            failures: failures, isMessage: isMessage, input: input, inputLength: length)
    }
}

extension CallError {
    fileprivate var outcome: Outcome {
        switch self {
        case .typeUnsupported: .unsupportedType
        case .tooLarge: .tooLarge
        default: .invalid
        }
    }
}
