internal import Delivery
internal import Partners
internal import Queues
internal import Tracking

/// The records of one event, as they were read.
struct RelayBatch {
    /// What is to be done for a record.
    private enum Reading {
        /// Send this call to Segment.
        case call(SegmentItem)
        /// Nothing: what becomes of the record is known.
        case fate(RelayFate)
    }

    let records: [QueueRecord]
    private let readings: [Reading]

    init(_ records: [QueueRecord]) {
        self.records = records
        readings = records.map(Self.read)
    }

    /// The calls that are to be sent, in order.
    var items: [SegmentItem] {
        readings.compactMap { if case .call(let item) = $0 { item } else { nil } }
    }

    /// What becomes of each record, with the verdicts on all ``items``.
    func outcome(_ verdicts: [Verdict]) -> RelayOutcome {
        var outcome = RelayOutcome(records)
        var verdicts = verdicts.makeIterator()
        for reading in readings {
            switch reading {
            case .fate(let fate): outcome.add(fate)
            case .call:
                outcome.add(verdicts.next() ?? .notAccepted(reason: "there is no verdict"))
            }
        }
        outcome.holdBackFollowers()
        return outcome
    }

    private static func read(_ record: QueueRecord) -> Reading {
        // What Segment has sent to Inlet would come back to it.
        if record["sender"] == SenderName.segmentDestination.rawValue { return .fate(.dropped) }
        do throws(CallError) {
            let call = try OutboundCall(published: record.body, messageID: record.id)
            guard call.isMeantForSegment else { return .fate(.dropped) }
            return .call(SegmentItem(json: call.json, group: record.group))
        } catch {
            return .fate(.rejected(code: RelayFate.ownCode(error.code), message: error.message))
        }
    }
}

/// What becomes of one record.
enum RelayFate: Equatable {
    case forwarded
    /// Not for Segment: nothing has to be done.
    case dropped
    case rejected(code: String, message: String)
    case failed

    var isRejected: Bool { if case .rejected = self { true } else { false } }

    /// A code that tells the relay's rejects from those of requests.
    static func ownCode(_ code: String) -> String { "relay_" + code }
}
