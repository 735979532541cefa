internal import AWS
internal import Formats
internal import Platform
internal import Transport

/// The way of one event's items to a destination: what is under way, and what became of each.
///
/// Items travel in lanes. Of a lane one request is under way at a time, and its number is the
/// lane's; all lanes are under way together.
struct DeliveryRun<Target: Destination> {
    /// What a failed attempt needs mended before the next one.
    enum Remedy {
        case reloadCredentials
        case correctClock(by: HTTPResponse)
    }

    private let target: Target
    private let policy: RetryPolicy
    private(set) var verdicts: [Verdict]
    private var lanes: [Lane] = []

    /// Plans all requests; items that are too large have their verdict already.
    init(to target: Target, policy: RetryPolicy) {
        self.target = target
        self.policy = policy
        verdicts = Array(repeating: .notAccepted(reason: "not sent"), count: target.count)
        var items: [Int] = []
        items.reserveCapacity(target.count)
        for item in 0..<target.count {
            if target.size(of: item) <= target.maximumItemSize {
                items.append(item)
            } else {
                verdicts[item] = .refused(code: "message_too_large")
            }
        }
        for stream in target.streams(of: items) {
            let groups = split(stream.items)
            if stream.isOrdered {
                open(groups, isOrdered: true)
            } else {
                for group in groups { open([group], isOrdered: false) }
            }
        }
    }

    /// False when every item has its verdict before anything is sent.
    var hasRequests: Bool { !lanes.isEmpty }

    /// Gives everything without a final verdict this reason.
    mutating func abandon(reason: String) {
        for item in verdicts.indices {
            if case .notAccepted = verdicts[item] { verdicts[item] = .notAccepted(reason: reason) }
        }
    }

    /// Makes the requests, and again those that may succeed, until the deadline.
    ///
    /// `request` is called just before each attempt with the items and the body that it carries.
    mutating func perform(
        over fanOut: HTTPFanOut, within limits: HTTPFanOut.Limits, system: System,
        request: ([Int], [UInt8]) -> HTTPRequest, mend: (Remedy) -> Void
    ) {
        fanOut.run(
            lanes.indices.map { HTTPFanOut.Attempt(id: $0) }, within: limits,
            request: { lane in
                let items = lanes[lane].groups[0]
                return request(items, target.body(of: items))
            },
            outcome: { lane, outcome in
                let answer: DeliveryAnswer
                switch outcome {
                case .success(let response):
                    answer = target.answer(
                        in: response, to: lanes[lane].groups[0], at: system.now())
                case .failure(let error):
                    answer = .failed(DeliveryFailure(error))
                }
                return settle(
                    lane, answer, outcome, left: limits.deadline - .now,
                    random: system.random, mend: mend)
            })
    }

    // MARK: - After an attempt

    /// Gives items their verdicts, and plans what their lane does next.
    private mutating func settle(
        _ lane: Int, _ answer: DeliveryAnswer, _ outcome: HTTPFanOut.Outcome, left: Duration,
        random: () -> Double, mend: (Remedy) -> Void
    ) -> [HTTPFanOut.Attempt] {
        let items = lanes[lane].groups[0]
        var again: [Int] = []
        var failure: DeliveryFailure
        switch answer {
        case .failed(let common):
            (again, failure) = (items, common)
        case .taken(let exceptions):
            for item in items { verdicts[item] = .accepted }
            for (item, failure) in exceptions {
                verdicts[item] = failure.verdict
                if failure.kind != .permanent {
                    again.append(item)
                } else if lanes[lane].isOrdered, failure.refusal == nil {
                    lanes[lane].groups = [items]
                }
            }
            guard let last = exceptions.last(where: { $0.failure.kind != .permanent }) else {
                return advance(lane)
            }
            failure = last.failure
        }
        lanes[lane].groups[0] = again
        var delay = Duration.zero
        let step = lanes[lane].retries.step(
            after: failure.kind, asked: failure.retryAfter ?? .zero, left: left, random: random())
        switch step {
        case .giveUp: return giveUp(lane, failure)
        case .mend(.reloadCredentials): mend(.reloadCredentials)
        case .mend(.correctClock):
            if case .success(let response) = outcome { mend(.correctClock(by: response)) }
        case .again(let wait): delay = wait
        }
        guard left > policy.shortestAttempt else { return giveUp(lane, failure) }
        var isFailure = false
        if case .failure = outcome { isFailure = true }
        return [HTTPFanOut.Attempt(id: lane, delay: delay, needsNewConnection: isFailure)]
    }

    /// The next request of a lane.
    private mutating func advance(_ lane: Int) -> [HTTPFanOut.Attempt] {
        lanes[lane].groups.removeFirst()
        guard !lanes[lane].groups.isEmpty else { return [] }
        lanes[lane].retries = RetryState(policy: policy)
        return [HTTPFanOut.Attempt(id: lane)]
    }

    /// Ends what no attempt mends; a request that is refused for one of its items is halved.
    private mutating func giveUp(
        _ lane: Int, _ failure: DeliveryFailure
    ) -> [HTTPFanOut.Attempt] {
        let items = lanes[lane].groups[0]
        guard failure.refusal != nil else {
            for item in items { verdicts[item] = failure.verdict }
            // What comes later in a lane must not overtake.
            lanes[lane].groups = []
            return []
        }
        guard items.count > 1 else {
            verdicts[items[0]] = failure.verdict
            return advance(lane)
        }
        // Which item it was, only sending less tells: of n items in at most 2n − 1 requests.
        let halves = [Array(items[..<(items.count / 2)]), Array(items[(items.count / 2)...])]
        if lanes[lane].isOrdered {
            lanes[lane].groups.replaceSubrange(...0, with: [[]] + halves)
            return advance(lane)
        }
        lanes[lane].groups = []
        let first = lanes.count
        for half in halves { open([half], isOrdered: false) }
        return (first..<lanes.count).map { HTTPFanOut.Attempt(id: $0) }
    }

    // MARK: - Before the first

    private mutating func open(_ groups: [[Int]], isOrdered: Bool) {
        lanes.append(
            Lane(groups: groups, isOrdered: isOrdered, retries: RetryState(policy: policy)))
    }

    /// Groups items into requests, in order, by both limits of the destination.
    private func split(_ items: [Int]) -> [[Int]] {
        var groups: [[Int]] = []
        var size = 0
        for item in items {
            let next = target.size(of: item)
            if let last = groups.last, last.count < target.maximumItems,
                size + next <= target.maximumSize
            {
                groups[groups.count - 1].append(item)
                size += next
            } else {
                groups.append([item])
                size = next
            }
        }
        return groups
    }
}

/// Requests that go one after the other.
///
/// Not inside of the run: a type in a generic one is made at run time, when the first event waits.
private struct Lane {
    /// A request's worth of items each; the first is under way.
    var groups: [[Int]]
    let isOrdered: Bool
    /// Attempts that the first group has had.
    var retries: RetryState
}

extension RetryPolicy {
    /// The policy of deliveries: the last attempt is made even if its pause must be cut for it.
    static func delivery(maximumAttempts: Int) -> RetryPolicy {
        RetryPolicy(
            maximumAttempts: maximumAttempts, latePause: .isCut,
            shortestAttempt: .milliseconds(100))
    }
}
