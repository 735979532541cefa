internal import Formats
internal import Platform
internal import Transport

/// The way of one event's items to a destination: what is in flight, and what became of each.
///
/// Items travel in lanes. A lane has at most one request in flight; lanes run concurrently. A
/// request's number is its lane's.
///
/// Not generic: such a type is made at run time, when the first event waits.
struct DeliveryRun {
    private let target: any Destination
    private let policy: RetryPolicy
    private(set) var verdicts: [Verdict]
    private var effort = DeliveryEffort()
    private var lanes: [Lane] = []
    private var queue = LaneQueue()

    /// Plans all requests; items that are too large have their verdict already.
    init(to target: any Destination, policy: RetryPolicy) {
        self.target = target
        self.policy = policy
        verdicts = Array(repeating: .notAccepted(reason: "not sent"), count: target.count)
        var items: [Int] = []
        items.reserveCapacity(target.count)
        for item in 0..<target.count {
            if target.size(of: item) <= target.maximumItemSize {
                items.append(item)
            } else {
                verdicts[item] = .refused(.tooLarge)
            }
        }
        for stream in target.streams(of: items) where !stream.items.isEmpty {
            let batches = batches(of: stream.items, target.limits(of: stream))
            if stream.isOrdered {
                lanes.append(Lane(ordered: batches, policy: policy))
            } else {
                lanes.reserveCapacity(lanes.count + batches.count)
                for batch in batches { lanes.append(Lane(unordered: batch, policy: policy)) }
            }
        }
    }

    /// Groups items into requests, in order, by both limits.
    private func batches(of items: [Int], _ limits: RequestLimits) -> [[Int]] {
        var batches: [[Int]] = []
        var size = 0
        for item in items {
            let next = target.size(of: item)
            if let last = batches.last, last.count < limits.items, size + next <= limits.size {
                batches[batches.count - 1].append(item)
                size += next
            } else {
                batches.append([item])
                size = next
            }
        }
        return batches
    }

    /// What is known by now.
    var report: DeliveryReport { DeliveryReport(verdicts: verdicts, effort: effort) }

    /// False when every item has its verdict before anything is sent.
    var hasRequests: Bool { !lanes.isEmpty }

    /// Gives everything without a final verdict this reason.
    mutating func abandon(reason: String) {
        for item in verdicts.indices {
            if case .notAccepted = verdicts[item] { verdicts[item] = .notAccepted(reason: reason) }
        }
    }

    /// Sends all items, and again those that may yet be taken, until the deadline.
    mutating func perform(
        over fanOut: HTTPFanOut, from source: inout some RequestSource,
        within limits: DeliveryLimits, system: System
    ) {
        queue = LaneQueue(lanes.indices, from: .now)
        while !queue.isEmpty || fanOut.isBusy {
            let now = Instant.now
            guard now < limits.deadline else { break }
            startDue(at: now, over: fanOut, from: &source, within: limits, system: system)
            for end in fanOut.finished(until: wake(over: fanOut, by: limits.deadline)) {
                settle(end.id, end.outcome, from: &source, within: limits, system: system)
            }
        }
        fanOut.cancel()
        for lane in lanes where lane.isOpen {
            book(.failed(DeliveryFailure(.timedOut)), of: lane.current)
        }
    }

    /// When there is something to do besides waiting for answers.
    private func wake(over fanOut: HTTPFanOut, by deadline: Instant) -> Instant {
        guard fanOut.hasRoom, let start = queue.start else { return deadline }
        return min(start, deadline)
    }

    private mutating func startDue(
        at now: Instant, over fanOut: HTTPFanOut, from source: inout some RequestSource,
        within limits: DeliveryLimits, system: System
    ) {
        while fanOut.hasRoom, let due = queue.next(at: now) {
            let items = lanes[due.lane].current
            effort.countAttempt()
            // For a sink, ``Publications`` write the body and ``SinkRequests`` sign it.
            do throws(TransportError) {
                try fanOut.start(
                    due.lane, source.request(for: items, body: target.body(of: items)),
                    within: limits.exchange(at: now, over: due.connection), over: due.connection)
            } catch {
                settle(due.lane, .failure(error), from: &source, within: limits, system: system)
            }
        }
    }

    // MARK: - After an attempt

    /// Gives items their verdicts, and has their lane take its next step.
    private mutating func settle(
        _ lane: Int, _ outcome: HTTPFanOut.Outcome,
        from source: inout some RequestSource, within limits: DeliveryLimits, system: System
    ) {
        let items = lanes[lane].current
        let answer = answer(in: outcome, to: items, at: system.now())
        book(answer, of: items)
        let step = lanes[lane].step(
            after: answer, left: limits.deadline - .now,
            random: answer.isComplete ? 0 : system.random())
        effort.count(answer, then: step)
        switch step {
        case .next:
            lanes[lane].next()
            resume(lane)
        case .again(let rest, let wait):
            lanes[lane].keep(rest)
            queue.add(lane, from: .now + wait, over: outcome.response == nil ? .new : .any)
        case .mend(let rest, let remedy):
            lanes[lane].keep(rest)
            source.mend(remedy, after: outcome.response)
            // Mending may have taken what was left of the time.
            if limits.deadline - .now <= policy.shortestAttempt { lanes[lane].stop() }
            resume(lane)
        case .split(let first, let second):
            split(lane, first, second)
        case .stop:
            lanes[lane].stop()
        }
    }

    /// Has the lane's current request sent, if there is one.
    private mutating func resume(_ lane: Int) {
        if lanes[lane].isOpen { queue.add(lane, from: .now) }
    }

    private mutating func split(_ lane: Int, _ first: [Int], _ second: [Int]) {
        if lanes[lane].isOrdered {
            lanes[lane].replace(with: [first, second])
        } else {
            lanes[lane].replace(with: [first])
            lanes.append(Lane(unordered: second, policy: policy))
            resume(lanes.count - 1)
        }
        resume(lane)
    }

    private func answer(
        in outcome: HTTPFanOut.Outcome, to items: [Int], at now: Timestamp
    ) -> DeliveryAnswer {
        switch outcome {
        case .response(let response): target.answer(in: response, to: items, at: now)
        case .failure(let error): .failed(DeliveryFailure(error))
        }
    }

    /// Gives each item the verdict that it has if nothing more is sent.
    ///
    /// The refusal of several at once tells nothing of any one of them.
    private mutating func book(_ answer: DeliveryAnswer, of items: [Int]) {
        switch answer {
        case .failed(let failure) where failure.refusal != nil && items.count > 1: return
        case .failed(let failure):
            for item in items { verdicts[item] = failure.verdict }
        case .taken(let exceptions):
            for item in items { verdicts[item] = .accepted }
            for exception in exceptions { verdicts[exception.item] = exception.failure.verdict }
        }
    }
}

/// What bounds a delivery.
struct DeliveryLimits {
    /// Nothing is started or awaited after it.
    let deadline: Instant
    /// For one attempt, from connecting to the last byte.
    let attempt: Duration
    /// Bytes of one answer.
    let maximumReply: Int

    /// What bounds an attempt that begins now.
    ///
    /// One that is repeated because no answer came, and that leaves no time for another, has all that
    /// is left: a destination may be slow. The first has not: a kept connection may be dead.
    func exchange(at now: Instant, over connection: HTTPFanOut.Connection) -> HTTPFanOut.Limits {
        let left = deadline - now
        let isLast = connection == .new && left < attempt * 2
        return HTTPFanOut.Limits(
            timeout: isLast ? left : min(attempt, left), maximumBody: maximumReply)
    }
}

extension RetryPolicy {
    /// The policy of deliveries: the last attempt is made even if its pause must be cut for it.
    static func delivery(maximumAttempts: Int) -> RetryPolicy {
        RetryPolicy(
            maximumAttempts: maximumAttempts, latePause: .isCut,
            shortestAttempt: .milliseconds(100))
    }
}
