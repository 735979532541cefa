internal import AWS
internal import Formats
internal import Transport

/// A request's worth of publications, on its way.
struct Shipment {
    let topic: Topic
    /// The places of the publications.
    let indices: [Int]
    let body: [UInt8]
    fileprivate var retries: RetryState
    /// Which sequence it belongs to: of a sequence one shipment is under way at a time.
    fileprivate let lane: Int
}

/// The plan and the state of one ``TopicPublisher/publish(_:until:traceID:)``: no I/O happens here.
struct PublishRun {
    /// What is to be done after a shipment.
    struct Reaction {
        var attempts: [HTTPFanOut.Attempt] = []
        var reloadsCredentials = false
        var correctsClock = false
    }

    private let publications: [Publication]
    private let policy: RetryPolicy
    private(set) var verdicts: [Verdict]
    private var shipments: [Shipment] = []
    /// What each sequence has still to send after the shipment under way.
    private var lanes: [[[Int]]] = []
    /// Shipments of a sequence that are under way or will be tried again.
    private var underWay: [Int] = []

    init(_ publications: [Publication], policy: RetryPolicy) {
        self.publications = publications
        self.policy = policy
        verdicts = publications.map { _ in .notAccepted(reason: "not sent") }
    }

    /// Plans the first shipments of all sequences.
    mutating func start() -> [HTTPFanOut.Attempt] {
        var byTopic: [(topic: Topic, indices: [Int])] = []
        for index in publications.indices {
            let publication = publications[index]
            guard publication.size <= Publication.maximumSize else {
                verdicts[index] = .refused(code: "message_too_large")
                continue
            }
            if let place = byTopic.firstIndex(where: { $0.topic == publication.topic }) {
                byTopic[place].indices.append(index)
            } else {
                byTopic.append((publication.topic, [index]))
            }
        }
        for (topic, indices) in byTopic {
            if topic.isFIFO {
                lanes += sequences(of: indices).map { PublishBody.split($0, of: publications) }
            } else {
                lanes += PublishBody.split(indices, of: publications).map { [$0] }
            }
        }
        underWay = lanes.map { _ in 0 }
        return lanes.indices.flatMap { advance($0) }
    }

    func shipment(_ id: Int) -> Shipment { shipments[id] }

    /// Gives everything without a verdict this reason.
    mutating func abandon(reason: String) {
        for index in verdicts.indices where verdicts[index].isOpen {
            verdicts[index] = .notAccepted(reason: reason)
        }
    }

    /// Takes in what became of a shipment.
    ///
    /// `left` is what is left of the budget: a wait that would use it up is cut short, so that the
    /// last attempt still happens.
    mutating func finish(
        _ id: Int, _ outcome: HTTPFanOut.Outcome, at now: Timestamp, left: Duration,
        random: () -> Double
    ) -> Reaction {
        let shipment = shipments[id]
        underWay[shipment.lane] -= 1
        var reaction = Reaction()
        switch outcome {
        case .success(let response) where response.status == 200:
            if let reply = PublishReply(response.body, ids: shipment.indices) {
                settle(shipment, reply, left: left, random: random, &reaction)
            } else {
                retry(
                    shipment, shipment.indices, after: .unreadable(status: 200), left: left,
                    random: random, &reaction)
            }
        case .success(let response):
            let failure = AWSFailure(query: response, at: now)
            retry(shipment, shipment.indices, after: failure, left: left, random: random, &reaction)
        case .failure(let error):
            retry(
                shipment, shipment.indices, after: AWSFailure(error), left: left, random: random,
                needsNewConnection: true, &reaction)
        }
        if underWay[shipment.lane] == 0 { reaction.attempts += advance(shipment.lane) }
        return reaction
    }

    /// Publications of a FIFO topic, in order, each group within one sequence.
    private func sequences(of indices: [Int]) -> [[Int]] {
        var lanes: [[Int]] = []
        var laneOfGroup: [String: Int] = [:]
        for index in indices {
            let group = publications[index].groupID ?? ""
            let lane = laneOfGroup[group] ?? laneOfGroup.count % TopicPublisher.fifoLanes
            laneOfGroup[group] = lane
            if lane == lanes.count { lanes.append([]) }
            lanes[lane].append(index)
        }
        return lanes
    }

    /// The next shipment of a sequence, unless one before it has failed.
    private mutating func advance(_ lane: Int) -> [HTTPFanOut.Attempt] {
        guard let next = lanes[lane].first else { return [] }
        lanes[lane].removeFirst()
        return [ship(next, lane: lane, retries: RetryState(policy: policy), delay: .zero)]
    }

    private mutating func ship(
        _ indices: [Int], lane: Int, retries: RetryState, delay: Duration,
        needsNewConnection: Bool = false
    ) -> HTTPFanOut.Attempt {
        let entries = indices.map { (id: $0, publication: publications[$0]) }
        shipments.append(
            Shipment(
                topic: entries[0].publication.topic, indices: indices,
                body: PublishBody.encode(entries), retries: retries, lane: lane))
        underWay[lane] += 1
        return HTTPFanOut.Attempt(
            id: shipments.count - 1, delay: delay, needsNewConnection: needsNewConnection)
    }

    private mutating func settle(
        _ shipment: Shipment, _ reply: PublishReply, left: Duration, random: () -> Double,
        _ reaction: inout Reaction
    ) {
        var again: [Int] = []
        var failure = AWSFailure.unreadable(status: 200)
        for index in shipment.indices {
            switch reply[index] {
            case .accepted: verdicts[index] = .accepted
            case .failed(let code, let message, let isSenderFault):
                let one = AWSFailure(
                    status: isSenderFault ? 400 : 503, code: code, message: message)
                if one.kind == .permanent {
                    verdicts[index] = Self.verdict(after: one)
                } else {
                    failure = one
                    again.append(index)
                }
            case nil: again.append(index)
            }
        }
        guard !again.isEmpty else { return }
        retry(shipment, again, after: failure, left: left, random: random, &reaction)
    }

    /// Sends some of a shipment's entries again, or gives them their verdict.
    private mutating func retry(
        _ shipment: Shipment, _ indices: [Int], after failure: AWSFailure, left: Duration,
        random: () -> Double, needsNewConnection: Bool = false, _ reaction: inout Reaction
    ) {
        var retries = shipment.retries
        var delay = Duration.zero
        switch retries.next(after: failure, random: random()) {
        case .again(let wanted): delay = min(wanted, left - TopicPublisher.shortestAttempt)
        case .reloadCredentials: reaction.reloadsCredentials = true
        case .correctClock: reaction.correctsClock = true
        case .giveUp where indices.count > 1 && failure.concernsMessage:
            // Which entry it was, only sending them alone tells.
            if shipment.topic.isFIFO {
                lanes[shipment.lane] = indices.map { [$0] } + lanes[shipment.lane]
                return
            }
            for index in indices {
                reaction.attempts.append(
                    ship([index], lane: shipment.lane, retries: shipment.retries, delay: .zero))
            }
            return
        case .giveUp:
            return giveUp(shipment, indices, after: failure)
        }
        guard left > TopicPublisher.shortestAttempt else {
            return giveUp(shipment, indices, after: failure)
        }
        reaction.attempts.append(
            ship(
                indices, lane: shipment.lane, retries: retries, delay: max(.zero, delay),
                needsNewConnection: needsNewConnection))
    }

    /// The one place where a failure that no attempt mends becomes a verdict.
    private static func verdict(after failure: AWSFailure) -> Verdict {
        failure.concernsMessage
            ? .refused(code: failure.code ?? "InvalidParameter")
            : .notAccepted(reason: failure.reason)
    }

    private mutating func giveUp(_ shipment: Shipment, _ indices: [Int], after failure: AWSFailure)
    {
        for index in indices { verdicts[index] = Self.verdict(after: failure) }
        // What comes later in a sequence must not overtake.
        if !failure.concernsMessage { lanes[shipment.lane] = [] }
    }
}

extension Verdict {
    fileprivate var isOpen: Bool {
        if case .notAccepted = self { true } else { false }
    }
}

extension AWSFailure {
    /// True where SNS finds fault with what is published, and not with who publishes or where to.
    fileprivate var concernsMessage: Bool {
        guard kind == .permanent, status == 400, let code else { return false }
        let isParameter = [
            "BatchRequestTooLong", "InvalidParameter", "InvalidParameterValue",
            "ParameterValueInvalid", "ValidationException",
        ].contains(code)
        // The topic itself is a parameter too: its ARN is a setting, not the sender's.
        let words = (message ?? "").split { " :,".contains($0) }
        let namesTopic = words.contains { $0 == "TopicArn" || $0 == "TargetArn" }
        return isParameter && !namesTopic
    }
}
