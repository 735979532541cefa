internal import Formats
internal import Partners
internal import Tracking

/// Reads calls of Segment's tracking API that count as a partner's.
struct SegmentCalls {
    static let maximumItems = 2500

    let partner: Partner
    let receivedAt: Timestamp
    let sourceIP: String?
    let randomID: () -> UUID
    var time = ReadingTime.unlimited

    /// Reads one call; `index` is its place in a batch.
    ///
    /// Without a type it must name its own.
    func single(_ json: JSONValue, type: CallType?, index: Int? = nil) -> Intake {
        var intake = Intake(partner: partner, within: time)
        let normaliser = normaliser
        intake.add(json, index: index) { () throws(CallError) in
            try normaliser.message(json, type: type, index: index, origin: origin)
        }
        return intake
    }

    func batch(_ json: JSONValue) -> Intake {
        var intake = Intake(partner: partner, within: time)
        var normaliser = normaliser
        let origin = origin
        do throws(BatchProblem) {
            let items = try Self.items(of: json, &normaliser)
            intake.warn(normaliser.warnings, index: nil)
            for (index, item) in items.enumerated() {
                intake.add(item, index: index) { () throws(CallError) in
                    try normaliser.message(item, index: index, origin: origin)
                }
            }
        } catch {
            intake.rejects = [error.reject(withoutWriteKeys(json))]
        }
        return intake
    }

    private var normaliser: Normaliser {
        Normaliser(
            times: .client(receivedAt: receivedAt), types: CallType.ofClients,
            maximumCall: CallLimits.call, partnerID: partner.id, sourceIP: sourceIP,
            randomID: randomID)
    }

    private var origin: Origin {
        Origin(
            partner: partner.name, partnerID: partner.id, sender: SegmentAPIContract.name,
            authentication: .key)
    }

    /// Why a batch as a whole holds no messages.
    private enum BatchProblem: Error {
        case notBatch
        case empty
        case tooManyItems
        case shared(CallError)

        func reject(_ input: [UInt8]) -> Reject {
            switch self {
            case .notBatch:
                Reject(
                    .invalid, code: "bad_request", message: "A batch needs an array in batch.",
                    input: input)
            case .empty:
                Reject(
                    .invalid, code: "empty_batch", message: "The batch has no items.", input: input)
            case .tooManyItems:
                Reject(
                    .tooLarge, code: "too_many_items",
                    message: "The batch has more than \(SegmentCalls.maximumItems) items.",
                    input: input)
            case .shared(let error):
                Reject(error.outcome, code: error.code, message: error.message, input: input)
            }
        }
    }

    private static func items(
        of json: JSONValue, _ normaliser: inout Normaliser
    ) throws(BatchProblem) -> [JSONValue] {
        guard let batch = json["batch"], batch.kind == .array else { throw .notBatch }
        let items = Array(batch.elements.prefix(maximumItems + 1))
        guard !items.isEmpty else { throw .empty }
        guard items.count <= maximumItems else { throw .tooManyItems }
        do throws(CallError) {
            try normaliser.adopt(batch: json)
            // Every item is given the batch's context: a large one would multiply.
            guard normaliser.sharedBytes * items.count <= CallLimits.sharedGrowth else {
                throw .tooLarge(limit: CallLimits.sharedGrowth)
            }
        } catch {
            throw .shared(error)
        }
        return items
    }
}
