internal import Delivery
internal import Formats
internal import Queues
internal import Tracking

/// What became of each record of an event.
struct RelayOutcome {
    /// A record that the rejected topic is to take.
    struct Reject {
        /// The record's place.
        let record: Int
        let rejection: Rejection
    }

    let records: [QueueRecord]
    /// In the order of the records.
    private(set) var fates: [RelayFate] = []
    /// Why something failed; a phrase for a log line.
    private(set) var failure: String?

    /// The outcome of these records before the first is known.
    init(_ records: [QueueRecord]) { self.records = records }

    /// Adds the fate of the next record.
    mutating func add(_ fate: RelayFate) { fates.append(fate) }

    /// Adds the next record by what Segment says of its call.
    mutating func add(_ verdict: Verdict) {
        switch verdict {
        case .accepted: add(.forwarded)
        case .refused(.tooLarge):
            add(
                .rejected(
                    code: RelayFate.ownCode(Verdict.Refusal.tooLarge.code),
                    message: "The message is larger than \(CallLimits.call) bytes."))
        // Segment's own verdict, which the sender of a request never hears.
        case .refused(.other(let code)):
            add(.rejected(code: code, message: "Segment refused the message."))
        case .notAccepted(let reason):
            add(.failed)
            failure = failure ?? reason
        }
    }

    /// What the rejected topic is to take.
    ///
    /// `requestID` is the relay's own, for a message that does not say which request has brought it.
    func rejects(requestID: String, at now: Timestamp) -> [Reject] {
        fates.indices.compactMap { index in
            guard case .rejected(let code, let message) = fates[index] else { return nil }
            let record = records[index]
            return Reject(
                record: index,
                rejection: Rejection(
                    code: code, message: message, index: nil,
                    sender: record["sender"] ?? Self.unknown,
                    partner: record["partner"] ?? Self.unknown, partnerID: nil, receivedAt: now,
                    requestID: record["requestId"] ?? requestID, destination: .segment,
                    authentication: record["auth"].flatMap(Origin.Authentication.init(rawValue:)),
                    input: record.body))
        }
    }

    /// An attribute of the rejected topic must have a value.
    private static let unknown = "unknown"

    func id(of reject: Reject) -> String { records[reject.record].id }

    /// Takes back a reject that its topic did not take.
    mutating func take(_ verdict: Verdict, on reject: Reject) {
        switch verdict {
        case .accepted: return
        case .refused(let refusal):
            fail(reject.record, reason: "the rejected topic refused: \(refusal.code)")
        case .notAccepted(let reason): fail(reject.record, reason: reason)
        }
    }

    mutating func fail(_ record: Int, reason: String) {
        fates[record] = .failed
        failure = failure ?? reason
        holdBackFollowers()
    }

    /// Fails what follows a failed record in its group.
    mutating func holdBackFollowers() {
        let failed = Set(fates.indices.filter { fates[$0] == .failed })
        for place in records.addingFollowers(of: failed) { fates[place] = .failed }
    }

    /// The ids of the records that must come again.
    var failed: [String] { zip(records, fates).filter { $0.1 == .failed }.map(\.0.id) }

    func count(where matches: (RelayFate) -> Bool) -> Int { fates.count(where: matches) }
}
