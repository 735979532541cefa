internal import Formats
package import Partners
package import Tracking

/// A part of an authenticated request that is not a valid message.
package struct Reject: Sendable {
    /// How the sender is told, if nothing else of the request is valid.
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
    package let input: [UInt8]

    package init(
        _ outcome: Outcome, code: String, message: String, index: Int? = nil,
        messageID: String? = nil, failures: [RuleFailure] = [], isMessage: Bool = false,
        input: [UInt8]
    ) {
        self.outcome = outcome
        self.code = code
        self.message = message
        self.index = index
        self.messageID = messageID
        self.failures = failures
        self.isMessage = isMessage
        self.input = input
    }
}

extension Reject {
    /// The same with other bytes for what was sent.
    func keeping(_ input: [UInt8]) -> Reject {
        Reject(
            outcome, code: code, message: message, index: index, messageID: messageID,
            failures: failures, isMessage: isMessage, input: input)
    }
}

/// What an authenticated request holds.
package struct Intake: Sendable {
    package let partner: Partner
    /// In the order of the request.
    package var messages: [Message] = []
    /// The place of each message in its batch; empty for a request that is not one.
    package var indices: [Int] = []
    package var rejects: [Reject] = []
    package private(set) var warnings: [Warning] = []
    /// What the sender is to be told, where it has only asked whether somebody is here.
    package var challenge: String?
    /// Calls that there was no time to read; they are among the rejects.
    package private(set) var unread = 0
    private let time: ReadingTime

    package init(partner: Partner, within time: ReadingTime = .unlimited) {
        self.partner = partner
        self.time = time
    }

    /// Takes a call in, as a message or as a reject.
    ///
    /// `input` is what the sender wrote, where the call has been made of that. Once the time is over
    /// nothing is made any more.
    mutating func add(
        _ call: JSONValue, index: Int?, input: JSONValue? = nil,
        _ make: () throws(CallError) -> Message
    ) {
        guard !isOutOfTime(call, index: index) else { return }
        do throws(CallError) {
            let message = try make()
            messages.append(message)
            if let index { indices.append(index) }
            warn(message.warnings, index: index)
        } catch {
            rejects.append(
                Reject(
                    error.outcome, code: error.code, message: error.message, index: index,
                    messageID: Self.messageID(of: call), input: withoutWriteKeys(input ?? call)))
        }
    }
}

extension Intake {
    mutating func warn(_ warnings: [CallWarning], index: Int?) {
        for warning in warnings { self.warnings.append(Warning(index: index, call: warning)) }
    }

    /// Takes a call in as one that there is no time to read, where that is so.
    mutating func isOutOfTime(_ call: JSONValue, index: Int?) -> Bool {
        isOutOfTime(withoutWriteKeys(call), index: index)
    }

    /// The same of a text that holds no write key.
    mutating func isOutOfTime(_ input: @autoclosure () -> [UInt8], index: Int?) -> Bool {
        guard time.isOver else { return false }
        unread += 1
        rejects.append(
            Reject(
                .tooLarge, code: "too_slow",
                message: "It takes longer to read than there is time for a request.",
                index: index, input: input()))
        return true
    }

    /// The intake, where what is not read has had its time.
    ///
    /// - Throws: ``Refusal/notRead`` where it has not, and would be read another time.
    package func timely() throws(Refusal) -> Intake {
        guard unread == 0 || time.isFair else { throw .notRead }
        return self
    }
}

extension Intake {
    /// What the sender may know the call by: an id that is valid, because it goes into the reply.
    private static func messageID(of call: JSONValue) -> String? {
        guard let id = call["messageId"]?.string,
            id.unicodeScalars.count <= CallLimits.messageIDCharacters
        else { return nil }
        return id
    }
}

/// Why a request was not taken in, before anything in it counted as its sender's.
package struct Refusal: Error, Sendable, Equatable {
    package let outcome: Outcome
    package let code: String
    /// A sentence for the sender; it never tells which part of the credentials was wrong.
    package let message: String
    /// What was wrong, for a log line; it holds nothing of the request.
    package let reason: String?
    /// Whose credentials were expected, where only one partner's were.
    package let partner: String?

    package init(
        _ outcome: Outcome, code: String, message: String, reason: String? = nil,
        partner: String? = nil
    ) {
        self.outcome = outcome
        self.code = code
        self.message = message
        self.reason = reason
        self.partner = partner
    }
}

extension Refusal {
    /// True if it is what was sent that is refused, rather than who sent it.
    package var isOfContent: Bool {
        switch outcome {
        case .invalid, .unsupportedType, .tooLarge: true
        case .published, .notAuthentic, .forbidden, .notFound, .gone, .notAccepted: false
        }
    }

    /// Nothing can be told about the sender, which says nothing about its credentials.
    package static let notChecked = Refusal(
        .notAccepted, code: "not_accepted",
        message: "The sender could not be checked now: send it again.")

    /// What came before took the time that reading needs.
    package static let notRead = Refusal(
        .notAccepted, code: "not_accepted",
        message: "It could not be read in time: send it again.",
        reason: "no time was left to read it")

    /// None of the partners that were tried signed it, and there are more.
    package static let notAllTried = Refusal(
        notChecked.outcome, code: notChecked.code, message: notChecked.message,
        reason: "more than \(PartnerLookup.maximumSigners) partners sign by this scheme: "
            + "name them by token")

    /// The same for the sender, with a reason and a partner's name for the log line.
    fileprivate func logged(_ reason: String, partner: String) -> Refusal {
        Refusal(outcome, code: code, message: message, reason: reason, partner: partner)
    }

    /// None of the secrets that were tried signed it, and more would cost too much for its size.
    package static let tooCostly = Refusal(
        notChecked.outcome, code: notChecked.code, message: notChecked.message,
        reason: "too large to be tried with every partner's secret, more than "
            + "\(SignerSearch.maximumHashed) bytes to hash: name them by token")

    /// Looks partners up; where they cannot be reached the request must be sent again.
    package static func whereUnreachable<Found>(
        _ lookUp: () throws(LookupFailure) -> Found
    ) throws(Refusal) -> Found {
        do throws(LookupFailure) {
            return try lookUp()
        } catch {
            throw notChecked
        }
    }
}

extension PartnerLookup.Finding {
    /// The partner that was found, or else the refusal that `unknown` is.
    ///
    /// A partner that does not send so is told nothing else: only the log line says whose token it was.
    package func partner(orElse unknown: Refusal) throws(Refusal) -> Partner {
        switch self {
        case .partner(let partner): return partner
        case .otherSender(let name):
            throw unknown.logged("its senders do not open this route", partner: name)
        case .nobody: throw unknown
        }
    }
}

extension CallError {
    var outcome: Outcome {
        switch self {
        case .typeUnsupported: .unsupportedType
        case .tooLarge: .tooLarge
        default: .invalid
        }
    }
}
