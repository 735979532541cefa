internal import Formats
internal import Partners
internal import Tracking

/// Reads calls of Segment's tracking API that count as a partner's.
struct SegmentCalls {
    static let maximumItems = 2500

    private let context: BodyContext

    init(_ context: BodyContext) { self.context = context }

    /// Reads one call; `index` is its place in a batch.
    ///
    /// Without a type it must name its own.
    func read(
        _ json: JSONValue, type: CallType?, index: Int? = nil, into intake: inout Intake
    ) {
        let normaliser = normaliser(for: intake)
        intake.add(json, index: index) { origin throws(CallError) in
            try normaliser.message(json, type: type, index: index, origin: origin)
        }
    }

    func readBatch(_ json: JSONValue, into intake: inout Intake) {
        var normaliser = normaliser(for: intake)
        do throws(BatchProblem) {
            let items = try Self.items(of: json, &normaliser)
            intake.warn(normaliser.warnings, index: nil)
            for (index, item) in items.enumerated() {
                intake.add(item, index: index) { origin throws(CallError) in
                    try normaliser.message(item, index: index, origin: origin)
                }
            }
        } catch {
            intake.rejects = [error.reject(Array(json.raw))]
        }
    }

    private func normaliser(for intake: Intake) -> Normaliser {
        Normaliser(
            times: .client(receivedAt: context.receivedAt), types: CallType.ofClients,
            maximumCall: CallLimits.call, partnerID: intake.partner.id,
            sourceIP: context.sourceIP, randomID: context.randomID)
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
                Reject(error, input: input)
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
