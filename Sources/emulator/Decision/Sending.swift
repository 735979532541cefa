import Formats
import LocalServer
import Partners
import Senders
import Tracking

/// Who has sent a request on a sender's route, as its token says.
struct Sending {
    let record: RecordedRequest
    let partners: PartnerReading?
    let sender: any Sender
    let tokens: [SentToken]
    /// Whoever has, or had, the token; without one, the partner that the function has found.
    let partner: Partner?
    /// True if the registry could not be asked.
    private let isUnknown: Bool

    init(
        record: RecordedRequest, partners: PartnerReading?,
        destination: (sender: any Sender, word: String?)
    ) {
        self.record = record
        self.partners = partners
        sender = destination.sender
        tokens = SentToken.tokens(of: record.request, to: sender, destination.word)
        do throws(LookupFailure) {
            if let token = tokens.first {
                partner = try partners?.owner(of: token.token)
            } else {
                let signers = try partners?.signers(by: .customerio)
                partner = signers?.first { $0.name == record.facts.partner }
            }
            isUnknown = partners == nil
        } catch {
            partner = nil
            isUnknown = true
        }
    }

    /// The stages in the order of the sender.
    var stages: [DecisionStep.Stage] {
        let first: [DecisionStep.Stage] =
            record.route?.authorizer == nil ? [.route] : [.route, .authorizer]
        let own: [DecisionStep.Stage] =
            switch sender.name {
            case .segmentAPI: [.token, .status, .address]
            case .customerIO: [.token, .signature, .status, .address]
            case .segmentDestination, .partner: [.token, .status, .address, .signature]
            }
        return first + own + [.size, .json, .rules, .publish]
    }

    /// Bytes that a request may have.
    var maximumBody: Int {
        switch sender.name {
        case .segmentAPI: SegmentAPI.maximumBody
        case .partner: partner?.validation.maximumBytes ?? CallLimits.webhookBody
        case .segmentDestination, .customerIO: CallLimits.webhookBody
        }
    }

    func tokenFinding(isPassed: Bool) -> String {
        guard let token = tokens.first else {
            if isPassed { return "none in the path: the signature says who sends" }
            return sender.name == .segmentAPI
                ? "there is none, neither in Authorization: Basic nor as writeKey"
                : record.explanation
        }
        let its = "the token in \(token.place)"
        if Set(tokens.map(\.token)).count > 1 {
            return "\(tokens.map(\.place).joined(separator: " and ")) differ"
        }
        if !isPassed, record.facts.outcome == "not_accepted" {
            return "\(its) could not be looked up: \(record.lookupTrouble ?? record.explanation)"
        }
        if isPassed {
            let name = record.facts.partner ?? partner?.name
            return name.map { "\(its) is \($0)'s" } ?? "\(its) is known"
        }
        guard !isUnknown else { return record.explanation }
        guard let partner else { return "nobody has \(its)" }
        let isOwned = partner.owns(TokenHash(of: token.token), at: record.time)
        if partner.standing == .deleted { return "\(its) was \(partner.name)'s, who is removed" }
        if !isOwned { return "\(its) was \(partner.name)'s, and has expired" }
        if !partner.maySend(as: sender.name) {
            let senders = SenderName.list(partner.validation.senders)
            return "\(its) is \(partner.name)'s, whose senders do not open this route: \(senders)"
        }
        return record.explanation
    }

    /// Nil if the partner is not known.
    func addressFinding(isPassed: Bool) -> String? {
        guard let partner else { return nil }
        let address = record.request.peer
        guard let networks = partner.validation.allowedIPs else { return "any may send" }
        return isPassed
            ? "\(address) is in allowed_ips"
            : "\(address) is in none of the \(networks.count) networks of allowed_ips"
    }
}
