import Platform
import Testing
import Transport

@testable import Delivery

/// A failure of this kind; one with a refusal is the fault of what was sent.
private func failure(
    _ kind: FailureKind, refusal: Verdict.Refusal? = nil, asked: Duration? = nil
) -> DeliveryFailure {
    DeliveryFailure(kind, reason: "\(kind)", refusal: refusal, retryAfter: asked)
}

private let bad = Verdict.Refusal.other(code: "Bad")

/// An unordered lane has one request only.
private func lane(
    _ batches: [[Int]], isOrdered: Bool = true, attempts: Int = 3
) -> Lane {
    let policy = RetryPolicy.delivery(maximumAttempts: attempts)
    return isOrdered
        ? Lane(ordered: batches, policy: policy) : Lane(unordered: batches[0], policy: policy)
}

extension Lane {
    fileprivate mutating func step(
        _ answer: DeliveryAnswer, left: Duration = .seconds(600)
    ) -> DeliveryStep {
        step(after: answer, left: left, random: 0.5)
    }
}

/// The items of each request that a lane still sends, if all are taken.
private func requests(_ lane: Lane) -> [[Int]] {
    var lane = lane
    var requests: [[Int]] = []
    while lane.isOpen {
        requests.append(lane.current)
        lane.next()
    }
    return requests
}

@Suite("A lane")
struct LaneTests {
    @Test("sends one request after the other, in order")
    func next() {
        #expect(requests(lane([[0, 1], [2], [3, 4]])) == [[0, 1], [2], [3, 4]])
        #expect(!lane([]).isOpen)
    }

    @Test("sends what replaces a request in its place")
    func replaces() {
        var lane = lane([[0, 1, 2], [3]])
        lane.replace(with: [[0], [1, 2]])
        #expect(requests(lane) == [[0], [1, 2], [3]])
    }

    @Test("sends what was kept of a request, and then goes on")
    func keeps() {
        var lane = lane([[0, 1, 2], [3]])
        lane.keep([1])
        #expect(requests(lane) == [[1], [3]])
    }

    @Test("gives each request all its attempts")
    func attempts() {
        var lane = lane([[0], [1], [2]])
        for _ in 0..<3 {
            #expect(
                lane.step(.failed(failure(.transient)))
                    == .again(lane.current, after: .milliseconds(500)))
            #expect(
                lane.step(.failed(failure(.transient))) == .again(lane.current, after: .seconds(1)))
            lane.next()
        }
    }
}

@Suite("Nothing overtakes in an ordered lane")
struct NothingOvertakesTests {
    /// What an ordered lane of three requests sends after such an answer to the first.
    private func rest(after answer: DeliveryAnswer, attempts: Int = 1) -> [[Int]] {
        var lane = lane([[0, 1], [2, 3], [4]], attempts: attempts)
        switch lane.step(answer) {
        case .next: lane.next()
        case .stop: lane.stop()
        case .again(let items, _), .mend(let items, _): lane.keep(items)
        case .split(let first, let second): lane.replace(with: [first, second])
        }
        return requests(lane)
    }

    @Test("a request that is given up ends the lane", arguments: FailureKind.allCases)
    func request(kind: FailureKind) {
        #expect(rest(after: .failed(failure(kind))).isEmpty)
    }

    @Test("an item that is given up ends the lane", arguments: FailureKind.allCases)
    func item(kind: FailureKind) {
        let answer = DeliveryAnswer.taken(
            except: [DeliveryException(item: 0, failure: failure(kind))])
        #expect(rest(after: answer).isEmpty)
    }

    @Test("not even an item of the same request is sent again after one that is given up")
    func sameRequest() {
        let answer = DeliveryAnswer.taken(
            except: [
                DeliveryException(item: 0, failure: failure(.permanent)),
                DeliveryException(item: 1, failure: failure(.transient)),
            ])
        #expect(rest(after: answer, attempts: 3).isEmpty)
    }

    @Test("what may yet be taken is sent again before anything that follows")
    func again() {
        let exceptions = [DeliveryException(item: 1, failure: failure(.transient))]
        #expect(rest(after: .taken(except: exceptions), attempts: 3) == [[1], [2, 3], [4]])
        #expect(
            rest(after: .failed(failure(.expiredCredentials)), attempts: 3)
                == [[0, 1], [2, 3], [4]])
    }

    @Test("what is at fault itself holds nothing back")
    func refused() {
        let refused = failure(.permanent, refusal: bad)
        let exceptions = [DeliveryException(item: 0, failure: refused)]
        #expect(rest(after: .taken(except: exceptions)) == [[2, 3], [4]])
        #expect(rest(after: .failed(refused)) == [[0], [1], [2, 3], [4]])
    }
}

@Suite("What comes after an answer")
struct DeliveryStepTests {
    private static let passing: [FailureKind] = [.transient, .throttling]

    /// The step of a fresh lane with three items in its request.
    private func step(
        _ answer: DeliveryAnswer, isOrdered: Bool, attempts: Int = 3, left: Duration
    ) -> DeliveryStep {
        var lane = lane([[0, 1, 2], [3]], isOrdered: isOrdered, attempts: attempts)
        return lane.step(answer, left: left)
    }

    private static let enough = Duration.seconds(600)
    private static let tooLittle = Duration.milliseconds(100)

    /// Every kind of failure, in order or not, with attempts left or none, with time left or none.
    @Test("of a whole request's failure", arguments: FailureKind.allCases, [true, false])
    func failed(kind: FailureKind, isOrdered: Bool) {
        for attempts in [1, 2] {
            for left in [Self.tooLittle, Self.enough] {
                let expected: DeliveryStep =
                    switch kind {
                    case _ where attempts == 1: .stop
                    case .transient, .throttling:
                        left == Self.enough
                            ? .again([0, 1, 2], after: .milliseconds(500)) : .stop
                    case .expiredCredentials: .mend([0, 1, 2], .reloadCredentials)
                    case .clockSkew: .mend([0, 1, 2], .correctClock)
                    case .permanent: .stop
                    }
                #expect(
                    step(
                        .failed(failure(kind)), isOrdered: isOrdered, attempts: attempts,
                        left: left) == expected, "\(attempts) attempts, \(left)")
            }
        }
    }

    @Test("of one item's failure", arguments: FailureKind.allCases, [true, false])
    func exception(kind: FailureKind, isOrdered: Bool) {
        let answer = DeliveryAnswer.taken(
            except: [DeliveryException(item: 1, failure: failure(kind))])
        for attempts in [1, 2] {
            for left in [Self.tooLittle, Self.enough] {
                let expected: DeliveryStep =
                    switch kind {
                    case .permanent: isOrdered ? .stop : .next
                    case _ where attempts == 1: .stop
                    case .transient, .throttling:
                        left == Self.enough ? .again([1], after: .milliseconds(500)) : .stop
                    case .expiredCredentials: .mend([1], .reloadCredentials)
                    case .clockSkew: .mend([1], .correctClock)
                    }
                #expect(
                    step(answer, isOrdered: isOrdered, attempts: attempts, left: left)
                        == expected, "\(attempts) attempts, \(left)")
            }
        }
    }

    @Test(
        "when all were taken, or all but what is itself at fault: the next request",
        arguments: [true, false])
    func taken(isOrdered: Bool) {
        let refused = DeliveryException(item: 2, failure: failure(.permanent, refusal: bad))
        for exceptions in [[], [refused]] {
            #expect(
                step(.taken(except: exceptions), isOrdered: isOrdered, left: Self.tooLittle)
                    == .next)
        }
    }

    @Test("a refusal halves its request until one item is alone", arguments: [true, false])
    func refused(isOrdered: Bool) {
        let answer = DeliveryAnswer.failed(failure(.permanent, refusal: bad))
        #expect(step(answer, isOrdered: isOrdered, left: Self.tooLittle) == .split([0], [1, 2]))
        var alone = lane([[7]], isOrdered: isOrdered)
        #expect(alone.step(answer) == .next)
    }

    @Test(
        "the wait that a destination asks for comes on top of our own, and is never cut",
        arguments: passing)
    func asked(kind: FailureKind) {
        let answer = DeliveryAnswer.failed(failure(kind, asked: .seconds(2)))
        for (left, expected) in [
            (Duration.seconds(600), DeliveryStep.again([0, 1, 2], after: .milliseconds(2500))),
            (.milliseconds(2400), .again([0, 1, 2], after: .milliseconds(2300))),
            (.milliseconds(2100), .stop),
        ] {
            #expect(step(answer, isOrdered: true, left: left) == expected)
        }
    }

    @Test("only the items that failed are sent again, and the last failure decides how")
    func several() {
        let answer = DeliveryAnswer.taken(
            except: [
                DeliveryException(item: 0, failure: failure(.transient)),
                DeliveryException(item: 1, failure: failure(.permanent, refusal: bad)),
                DeliveryException(item: 2, failure: failure(.expiredCredentials)),
            ])
        for isOrdered in [true, false] {
            #expect(
                step(answer, isOrdered: isOrdered, left: Self.enough)
                    == .mend([0, 2], .reloadCredentials))
        }
    }
}

@Suite("Lanes that wait to be sent")
struct LaneQueueTests {
    @Test("come out when they are due, and in the order they were put in")
    func due() {
        let now = Instant.now
        var queue = LaneQueue()
        queue.add(0, from: now + .seconds(2))
        queue.add(1, from: now)
        queue.add(2, from: now + .seconds(1), over: .new)
        queue.add(3, from: now)
        #expect(queue.start == now)
        #expect(queue.next(at: now)?.lane == 1)
        #expect(queue.next(at: now)?.lane == 3)
        #expect(queue.next(at: now)?.lane == nil)
        #expect(queue.start == now + .seconds(1))
        let second = queue.next(at: now + .seconds(1))
        #expect(second?.lane == 2 && second?.connection == .new)
        #expect(queue.next(at: now + .seconds(9))?.lane == 0)
        #expect(queue.isEmpty && queue.start == nil)
    }

    @Test("come out in order when all are due at once")
    func all() {
        let now = Instant.now
        var queue = LaneQueue(0..<3, from: now)
        var lanes: [Int] = []
        while let next = queue.next(at: now) { lanes.append(next.lane) }
        #expect(lanes == [0, 1, 2])
    }
}
