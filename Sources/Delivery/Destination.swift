internal import Formats
internal import Transport

/// Somewhere the items of one event are sent, many in a request.
///
/// Conformers do no I/O: they tell which items go together, write a request's body and read its
/// answer. An item is known by its place among those given.
protocol Destination {
    /// How many items there are.
    var count: Int { get }
    /// Bytes that one item may have; a larger one is refused unsent.
    var maximumItemSize: Int { get }
    func size(of item: Int) -> Int
    /// These items, sorted by what may share a request.
    func streams(of items: [Int]) -> [ItemStream]
    /// What one request takes of a stream, which has an item.
    func limits(of stream: ItemStream) -> RequestLimits
    func body(of items: [Int]) -> [UInt8]
    func answer(in response: HTTPResponse, to items: [Int], at now: Timestamp) -> DeliveryAnswer
}

/// What one request takes.
struct RequestLimits {
    let items: Int
    /// Bytes, by ``Destination/size(of:)``.
    let size: Int
}

/// Items that may share requests.
struct ItemStream {
    var items: [Int]
    /// In order nothing overtakes: see ``Lane``.
    let isOrdered: Bool

    /// How many requests of ordered items are in flight at once.
    private static let orderedStreams = 8

    /// Items in order, those of one group in one stream; `streams` may ask for fewer of these than
    /// may be in flight.
    static func ordered(
        _ items: [Int], streams wanted: Int? = nil, group: (Int) -> String
    ) -> [ItemStream] {
        let limit = min(wanted ?? orderedStreams, orderedStreams)
        var streams: [ItemStream] = []
        var streamOfGroup: [String: Int] = [:]
        for item in items {
            let group = group(item)
            let stream = streamOfGroup[group] ?? streamOfGroup.count % limit
            streamOfGroup[group] = stream
            if stream == streams.count { streams.append(ItemStream(items: [], isOrdered: true)) }
            streams[stream].items.append(item)
        }
        return streams
    }
}

/// What a response says of its request's items.
enum DeliveryAnswer: Equatable {
    /// All were taken but these.
    case taken(except: [DeliveryException])
    /// None was taken.
    case failed(DeliveryFailure)

    /// True when every item was taken.
    var isComplete: Bool {
        if case .taken(let exceptions) = self { exceptions.isEmpty } else { false }
    }
}

/// An item that was not taken with the others.
struct DeliveryException: Equatable {
    let item: Int
    let failure: DeliveryFailure
}

/// Why items were not taken.
struct DeliveryFailure: Equatable {
    /// What may help.
    let kind: FailureKind
    /// A phrase for a log line; it holds nothing of what was sent.
    let reason: String
    /// Set if the fault is in what was sent, and not in who sent it or where to.
    let refusal: Verdict.Refusal?
    /// How long the destination asks to be left alone.
    let retryAfter: Duration?

    init(
        _ kind: FailureKind, reason: String, refusal: Verdict.Refusal? = nil,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.reason = reason
        self.refusal = refusal
        self.retryAfter = retryAfter
    }

    init(_ error: TransportError) {
        self.init(error.kind, reason: error.reason)
    }

    /// What becomes of the item if nothing more is sent.
    var verdict: Verdict {
        refusal.map { .refused($0) } ?? .notAccepted(reason: reason)
    }
}
