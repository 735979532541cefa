internal import Delivery
internal import Formats
internal import Queues
internal import Tracking

/// What becomes of each record of an event, from reading it to the answer.
struct Relaying {
    enum Fate: Equatable {
        /// On its way; what is left on its way in the end has failed.
        case pending
        case forwarded
        /// Not for Segment: nothing has to be done.
        case dropped
        case rejected(code: String, message: String)
        case failed
    }

    let records: [QueueRecord]
    private(set) var fates: [Fate]
    /// Of the records that are to be sent, in order.
    private(set) var calls: [(record: Int, item: SegmentItem)] = []
    /// Why something failed; a phrase for a log line.
    private(set) var failure: String?

    /// Reads all records.
    init(_ records: [QueueRecord]) {
        self.records = records
        fates = []
        for (index, record) in records.enumerated() {
            let (fate, item) = Self.read(record)
            fates.append(fate)
            if let item { calls.append((index, item)) }
        }
    }

    /// Takes the verdicts on all ``calls``.
    mutating func take(_ verdicts: [Verdict]) {
        for (call, verdict) in zip(calls, verdicts) {
            switch verdict {
            case .accepted:
                fates[call.record] = .forwarded
            case .refused(let code):
                fates[call.record] = .rejected(
                    code: code == Self.refusedBySegment ? code : Self.own(code),
                    message: Self.refusals(code))
            case .notAccepted(let reason):
                fates[call.record] = .failed
                failure = failure ?? reason
            }
        }
        holdBackFollowers()
    }

    /// What the rejected topic is to take, with the records' places.
    ///
    /// `requestID` is the relay's own, for a message that does not say which request has brought it.
    func rejections(
        requestID: String, at now: Timestamp
    ) -> [(record: Int, rejection: Rejection)] {
        fates.indices.compactMap { index in
            guard case .rejected(let code, let message) = fates[index] else { return nil }
            let record = records[index]
            return (
                index,
                Rejection(
                    code: code, message: message, index: nil,
                    sender: record["sender"] ?? Self.unknown,
                    partner: record["partner"] ?? Self.unknown, partnerID: nil, receivedAt: now,
                    requestID: record["requestId"] ?? requestID, destination: .segment,
                    input: record.body)
            )
        }
    }

    /// Takes back a reject that its topic did not take.
    mutating func fail(_ record: Int, reason: String) {
        fates[record] = .failed
        failure = failure ?? reason
        holdBackFollowers()
    }

    /// Of a FIFO queue's group nothing may leave the queue before what came earlier.
    private mutating func holdBackFollowers() {
        var held: [String] = []
        for (index, record) in records.enumerated() {
            guard let group = record.group else { continue }
            if held.contains(group) {
                fates[index] = .failed
            } else if fates[index] == .failed {
                held.append(group)
            }
        }
    }

    private static func read(_ record: QueueRecord) -> (Fate, SegmentItem?) {
        // What Segment has sent to Inlet would come back to it.
        if record["sender"] == fromSegment { return (.dropped, nil) }
        do throws(CallError) {
            let call = try OutboundCall(published: record.body, messageID: record.id)
            guard call.isMeantForSegment else { return (.dropped, nil) }
            return (.pending, SegmentItem(json: call.json, group: record.group))
        } catch {
            return (.rejected(code: Self.own(error.code), message: error.message), nil)
        }
    }

    /// Segment's own verdict, which the sender of a request never hears.
    private static let refusedBySegment = "refused_by_segment"

    /// A code that tells the relay's rejects from those of requests.
    private static func own(_ code: String) -> String { "relay_" + code }

    private static let fromSegment = "segment-destination"
    /// An attribute of the rejected topic must have a value.
    private static let unknown = "unknown"

    private static func refusals(_ code: String) -> String {
        code == "message_too_large"
            ? "The message is larger than \(CallLimits.call) bytes."
            : "Segment refused the message."
    }

    func count(where matches: (Fate) -> Bool) -> Int { fates.count(where: matches) }
}
