internal import Transport

/// Requests of one event that go one after the other: at most one of them is in flight.
///
/// In an ordered lane nothing overtakes: what follows an item that was not taken is not sent,
/// unless that item itself is at fault and will never be taken.
struct Lane {
    /// The items of the request that is in flight or comes next; none when the lane has ended.
    private(set) var current: [Int]
    /// Those of the requests after it, the next one last.
    private var later: [[Int]]
    let isOrdered: Bool
    /// Attempts that the current request has had.
    private var retries: RetryState

    /// A lane for the items of one request, which may overtake and be overtaken.
    init(unordered batch: [Int], policy: RetryPolicy) {
        (current, later) = (batch, [])
        isOrdered = false
        retries = RetryState(policy: policy)
    }

    /// A lane for requests in this order, by the items of each.
    init(ordered batches: [[Int]], policy: RetryPolicy) {
        later = batches.reversed()
        current = later.popLast() ?? []
        isOrdered = true
        retries = RetryState(policy: policy)
    }

    /// True while items wait for an answer.
    var isOpen: Bool { !current.isEmpty }

    /// Goes on to the next request, which has all its attempts.
    mutating func next() {
        current = later.popLast() ?? []
        retries = RetryState(policy: retries.policy)
    }

    /// Sends only these items of the current request again.
    mutating func keep(_ items: [Int]) { current = items }

    /// Puts several requests in the place of the current one.
    mutating func replace(with batches: [[Int]]) {
        later.append(contentsOf: batches.reversed())
        next()
    }

    /// Counts a failed attempt at the current request, and decides about these items of it.
    mutating func again(
        _ items: [Int], after failure: DeliveryFailure, left: Duration, random: Double
    ) -> DeliveryStep {
        let step = retries.step(
            after: failure.kind, asked: failure.retryAfter ?? .zero, left: left, random: random)
        switch step {
        case .giveUp: return .stop
        case .again(let wait): return .again(items, after: wait)
        case .mend(let remedy): return .mend(items, remedy)
        }
    }

    /// Ends the lane; what was still to be sent is not.
    mutating func stop() { (current, later) = ([], []) }
}
