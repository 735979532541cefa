import Formats
import LocalServer
import Platform
import Testing

@testable import emulator

@Suite("Queues", .timeLimit(.minutes(60)))
struct MessageQueueTests {
    private let now = System.wallClock()

    private func queue(
        isFIFO: Bool = false, visibility: Duration = .seconds(3600), retryDelay: Duration? = nil,
        redrive: Int? = nil, deadLetters: MessageQueue? = nil
    ) -> MessageQueue {
        MessageQueue(
            Template.Queue(
                name: "q", arn: "arn:q", isFIFO: isFIFO, deduplicatesByContent: false,
                visibilityTimeout: visibility,
                redrive: redrive.map {
                    Template.Queue.Redrive(deadLetterQueue: "arn:dead", maximumReceives: $0)
                }), retryDelay: retryDelay, deadLetterQueue: deadLetters)
    }

    private func send(_ body: String, group: String? = nil, to queue: MessageQueue) {
        let message = QueueMessage(
            body: body, attributes: [], groupID: group,
            deduplicationID: group.map { "\($0)\(body)" },
            sent: now)
        #expect(queue.send(message, at: now))
    }

    @Test("what is received is invisible, and comes again unless it is deleted")
    func visibility() throws {
        let patient = self.queue()
        let queue = queue(visibility: .milliseconds(50))
        for body in ["a", "b"] {
            send(body, to: patient)
            send(body, to: queue)
        }
        #expect(patient.receive(upTo: 10, window: .zero)?.count == 2)
        #expect(patient.depths == .init(visible: 0, inFlight: 2, done: 0))
        let first = try #require(queue.receive(upTo: 10, window: .zero))
        #expect(first.map(\.body) == ["a", "b"])
        queue.delete(receipts: [try #require(first[0].receipt)])
        let again = try #require(queue.receive(upTo: 10, window: .zero))
        #expect(again.map(\.body) == ["b"] && again[0].receives == 2 && again[0].id == first[1].id)
        // The receipt of an earlier receive deletes nothing.
        queue.delete(receipts: [try #require(first[1].receipt)])
        #expect(queue.depths.inFlight + queue.depths.visible == 1)
    }

    @Test(
        "with a shorter delay nothing comes again while its batch is under way",
        arguments: [true, false])
    func underWay(isFIFO: Bool) throws {
        let queue = queue(isFIFO: isFIFO, visibility: .seconds(3600), retryDelay: .milliseconds(20))
        for body in ["a", "b", "c"] { send(body, group: isFIFO ? "1" : nil, to: queue) }
        let first = try #require(queue.receive(upTo: 2, window: .zero))
        #expect(first.map(\.body) == ["a", "b"])
        let held = ContinuousClock.now + .milliseconds(60)
        while ContinuousClock.now < held { #expect(queue.depths.inFlight == 2) }
        #expect(queue.depths == .init(visible: 1, inFlight: 2, done: 0))
        // A poller that waits for more hears that they come sooner than they were to.
        let waiting = Monitor<[String]?>(nil)
        BackgroundThread {
            let bodies = queue.receive(upTo: 3, window: .seconds(120))?.map(\.body)
            waiting.sync { $0 = bodies ?? [] }
        }
        queue.release(receipts: Set(first.compactMap(\.receipt)))
        let bodies = waiting.wait(until: .now + .seconds(60)) { $0 }
        #expect(bodies == ["a", "b", "c"])
        #expect(queue.messages.map(\.receives) == [2, 2, 1])
    }

    @Test(
        "of a FIFO group nothing overtakes what failed, until that may be received again",
        arguments: [Duration.milliseconds(50), .seconds(3600)])
    func failedGroup(delay: Duration) throws {
        let queue = queue(isFIFO: true, visibility: .seconds(7200), retryDelay: delay)
        for body in ["a", "b", "c"] { send(body, group: "1", to: queue) }
        let first = try #require(queue.receive(upTo: 2, window: .zero))
        let receipts = first.compactMap(\.receipt)
        queue.delete(receipts: [receipts[0]])
        queue.release(receipts: [receipts[1]])
        guard delay < .seconds(1) else {
            #expect(queue.depths == .init(visible: 1, inFlight: 1, done: 1))
            return
        }
        #expect(queue.receive(upTo: 10, window: .zero)?.map(\.body) == ["b", "c"])
        // The receipt of an earlier receive shows nothing again.
        queue.release(receipts: [receipts[1]])
        #expect(queue.depths.inFlight == 2)
    }

    @Test("what was received too often goes to the dead-letter queue")
    func deadLetters() throws {
        let dead = queue()
        let queue = queue(visibility: .milliseconds(10), redrive: 2, deadLetters: dead)
        send("a", to: queue)
        for count in 1...2 {
            #expect(queue.receive(upTo: 1, window: .zero)?.first?.receives == count)
        }
        #expect(try #require(queue.receive(upTo: 1, window: .zero)).isEmpty)
        #expect(dead.messages.map(\.body) == ["a"] && dead.messages[0].source == "arn:q")
        #expect(queue.messages.isEmpty)
    }

    @Test("a FIFO group waits for what is in flight, another group does not; repeats are left out")
    func fifo() throws {
        let queue = queue(isFIFO: true)
        for (body, group) in [("a", "1"), ("b", "1"), ("a", "1"), ("c", "2")] {
            send(body, group: group, to: queue)
        }
        #expect(queue.receive(upTo: 1, window: .zero)?.map(\.body) == ["a"])
        #expect(queue.receive(upTo: 10, window: .zero)?.map(\.body) == ["c"])
        #expect(queue.depths == .init(visible: 1, inFlight: 2, done: 0))
    }

    static let rows: [(answer: String, done: Int)] = [
        ("null", 2), ("{}", 2), (#"{"batchItemFailures":null}"#, 2),
        (#"{"batchItemFailures":[]}"#, 2), (#"{"batchItemFailures":[{"itemIdentifier":"ID"}]}"#, 1),
        ("", 0), ("not JSON", 0), (#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, 0),
        (#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, 0),
        (#"{"batchItemFailures":[{"id":"ID"}]}"#, 0),
        (#"{"batchItemFailures":[{"itemIdentifier":"ID"},{"itemIdentifier":"unknown"}]}"#, 0),
    ]

    @Test("an answer is taken as Lambda takes it", arguments: 0..<11)
    func answers(row: Int) throws {
        try #require(Self.rows.count == 11)
        let queue = queue()
        for body in ["a", "b"] { send(body, to: queue) }
        let messages = try #require(queue.receive(upTo: 2, window: .zero))
        let batch = QueueBatch(messages: messages, queue: queue.queue, region: "eu-west-1")
        let answer = Self.rows[row].answer.replacing("ID", with: messages[0].id)
        let result = InvocationResult.success(Array(answer.utf8))
        #expect(batch.done(after: result, takesPartialResponses: true).count == Self.rows[row].done)
        // Without the setting every success is a whole one.
        #expect(batch.done(after: result, takesPartialResponses: false).count == 2)
        #expect(batch.done(after: .failure([]), takesPartialResponses: true).isEmpty)
        #expect(batch.done(after: .throttled, takesPartialResponses: false).isEmpty)
    }
}
