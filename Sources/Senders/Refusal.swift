internal import Partners

/// Why a request was not taken in, before anything in it counted as its sender's.
package struct Refusal: Error, Sendable, Equatable {
    package let outcome: Outcome
    package let code: String
    /// A sentence for the sender; it never tells which part of the credentials was wrong.
    package let message: String
    /// What was wrong, for a log line; it holds nothing of the request.
    package let reason: String?
    /// Whose credentials were expected, if only one partner's were.
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

    /// The same answer, with a reason and perhaps a partner's name for the log line.
    fileprivate func logged(_ reason: String, partner: String? = nil) -> Refusal {
        Refusal(outcome, code: code, message: message, reason: reason, partner: partner)
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

    /// A body that cannot be decoded; what that comes to depends on its sender.
    package static func unreadableBody(_ sender: any Sender) -> Refusal {
        Refusal(
            sender.unreadableBody, code: "bad_request", message: "The body cannot be read.",
            reason: "the body is not the Base64 that it is said to be")
    }

    /// A signature that is missing, or that no secret of the partner made.
    static func invalidSignature(reason: String? = nil, partner: String? = nil) -> Refusal {
        Refusal(
            .notAuthentic, code: "invalid_signature",
            message: "The signature is missing or does not match the body.", reason: reason,
            partner: partner)
    }

    /// Nobody who may have signed has a secret to check that with.
    static func signingNotConfigured(partner: String?) -> Refusal {
        Refusal(
            .notAccepted, code: "signing_not_configured",
            message: "There is no signing secret to check this with: send it again.",
            partner: partner)
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
    static let notAllTried = notChecked.logged(
        "more than \(PartnerLookup.maximumSigners) partners sign by this scheme: "
            + "name them by token")

    /// None of the secrets that were tried signed it, and more would cost too much for its size.
    static let tooCostly = notChecked.logged(
        "too large to be tried with every partner's secret, more than "
            + "\(SignerSearch.maximumHashed) bytes to hash: name them by token")

    /// Looks partners up; if they cannot be reached the request must be sent again.
    static func notCheckedIfUnreachable<Found>(
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
    func partner(orElse unknown: Refusal) throws(Refusal) -> Partner {
        switch self {
        case .partner(let partner): return partner
        case .otherSender(let name):
            throw unknown.logged("its senders do not open this route", partner: name)
        case .nobody: throw unknown
        }
    }
}
