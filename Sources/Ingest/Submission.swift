internal import Delivery
internal import Formats
internal import Partners
internal import Platform
internal import Senders
internal import Tracking

/// One request's messages and rejects on their way to the topics, and their verdicts.
///
/// The collector publishes what is ``pending``, hands the report to ``take(_:)``, and begins again
/// until nothing is pending.
struct Submission {
    let intake: Intake
    /// When reading was done.
    let start = Instant.now
    private(set) var rejects: [Reject]
    private(set) var accepted = 0
    /// Messages that SNS did not take, and may take later.
    private var unpublished = 0
    /// Rejects that their topic did not take, and may take later.
    private var unkept = 0
    /// What SNS was asked.
    private(set) var effort = DeliveryEffort()
    /// Why something was not accepted; a phrase for a log line.
    private(set) var failure: String?

    private let sender: any Sender
    private let topic: Sink
    private let rejectedTopic: Sink?
    private let receivedAt: Timestamp
    private let requestID: String
    /// The first round publishes messages and rejects; the second publishes, as rejects, the
    /// messages that SNS refused.
    private var round = 0
    private var refused: [Reject] = []
    private var lostReject: LostReject?

    /// Why a reject is not on its topic.
    private enum LostReject {
        /// The topic will never take it.
        case refused
        /// The topic may take it when it is sent again.
        case notAccepted
    }

    init(
        _ intake: Intake, from sender: any Sender, topic: Sink, rejectedTopic: Sink?,
        receivedAt: Timestamp, requestID: String
    ) {
        self.intake = intake
        self.sender = sender
        self.topic = topic
        self.rejectedTopic = rejectedTopic
        self.receivedAt = receivedAt
        self.requestID = requestID
        rejects = intake.rejects
    }

    /// What to publish now; nil when all is done, after two rounds at most.
    var pending: [Publication]? {
        switch round {
        case 0: publications(of: intake.messages) + publications(of: rejects)
        case 1 where !refused.isEmpty && rejectedTopic != nil: publications(of: refused)
        default: nil
        }
    }

    /// Takes what became of what was ``pending``, in the same order, and ends the round.
    mutating func take(_ report: DeliveryReport) {
        effort += report.effort
        // In the first round the messages come first, and then the rejects.
        let messageCount = round == 0 ? intake.messages.count : 0
        for (place, verdict) in report.verdicts.enumerated() {
            let isMessage = place < messageCount
            switch verdict {
            case .accepted:
                if isMessage { accepted += 1 }
            case .refused(let refusal) where isMessage:
                refuse(place, refusal)
            case .refused(let refusal):
                lostReject = lostReject ?? .refused
                failure = failure ?? "the rejected topic refused: \(refusal.code)"
            case .notAccepted(let reason):
                if isMessage {
                    unpublished += 1
                } else {
                    unkept += 1
                    lostReject = .notAccepted
                }
                failure = failure ?? reason
            }
        }
        round += 1
    }

    var partner: Partner { intake.partner }

    /// The id of the message that a request with one call has become; nil for a batch.
    var onlyMessageID: String? {
        guard intake.indices.isEmpty, intake.messages.count == 1, accepted == 1 else { return nil }
        return intake.messages[0].messageID.text
    }

    /// Calls that the sender must send again.
    var failed: Int {
        // At least one: a reject that its topic refused is in neither count.
        outcome == .notAccepted ? max(unpublished + unkept, 1) : 0
    }

    /// The outcome that the sender is told.
    ///
    /// If the rejected topic did not take a reject, the sender must send again. If the topic will
    /// never take it, the sender must do so only if the outcome would otherwise mean success to it.
    var outcome: Outcome {
        if unpublished > 0 { return .notAccepted }
        guard accepted == 0, let first = rejects.first else {
            return lostReject == nil ? .published : .notAccepted
        }
        let outcome = rejects.allSatisfy { $0.outcome == first.outcome } ? first.outcome : .invalid
        return switch lostReject {
        case nil: outcome
        case .refused: sender.isToldWell(of: outcome) ? .notAccepted : outcome
        case .notAccepted: .notAccepted
        }
    }

    /// Makes a reject of a message that SNS will never take.
    private mutating func refuse(_ place: Int, _ refusal: Verdict.Refusal) {
        let message = intake.messages[place]
        let isTooLarge = refusal == .tooLarge
        let reject = Reject(
            isTooLarge ? .tooLarge : .invalid,
            code: isTooLarge ? refusal.code : "not_publishable",
            message: isTooLarge
                ? "The message is larger than \(Publication.maximumSize) bytes."
                : "\(topic.service.title) refused the message: \(refusal.code).",
            index: intake.indices.isEmpty ? nil : intake.indices[place],
            messageID: message.messageID.text, isMessage: true, input: message.json)
        refused.append(reject)
        rejects.append(reject)
    }

    private func publications(of messages: [Message]) -> [Publication] {
        guard let first = messages.first else { return [] }
        // Those of one request come from one partner by one sender.
        let header = PublicationHeader(messagesFrom: first.origin, to: topic, requestID: requestID)
        return messages.map { Publication($0, under: header) }
    }

    private func publications(of rejects: [Reject]) -> [Publication] {
        guard let rejectedTopic else { return [] }
        return rejects.map { reject in
            Publication(
                Rejection(
                    code: reject.code, message: reject.message, index: reject.index,
                    sender: sender.name.rawValue, partner: partner.name, partnerID: partner.id,
                    receivedAt: receivedAt, requestID: requestID,
                    destination: reject.isMessage ? .topic : nil,
                    authentication: intake.proof.authentication(at: reject.index),
                    input: reject.input, inputLength: reject.inputLength),
                to: rejectedTopic)
        }
    }
}
