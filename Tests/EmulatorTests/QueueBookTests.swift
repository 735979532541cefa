import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("The queues and subscriptions that are made while it runs")
struct QueueBookTests {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:t"

    @Test("there are so many queues, and one that goes makes room")
    func queues() throws {
        let book = QueueBook([], region: "us-east-1")
        for number in 0..<QueueBook.capacity {
            _ = try book.make("q-\(number)", attributes: [], tags: [])
        }
        #expect(throws: SQSError.own("OverLimit", "There are 1000 queues already.")) {
            try book.make("one-more", attributes: [], tags: [])
        }
        book.remove(try book.queue(named: "q-7"))
        #expect(throws: SQSError.noSuchQueue) { try book.queue(named: "q-7") }
        #expect(
            try book.make("one-more", attributes: [], tags: []).queue.arn
                == "arn:aws:sqs:us-east-1:123456789012:one-more")
    }

    @Test("a topic has so many subscriptions")
    func subscriptions() throws {
        let book = SubscriptionBook([])
        func add(_ name: String) throws {
            _ = try book.add(
                try Subscription(
                    topic: Self.topic, queue: "arn:aws:sqs:us-east-1:123456789012:\(name)",
                    attributes: []))
        }
        for number in 0..<SubscriptionBook.capacity { try add("q-\(number)") }
        #expect {
            try add("one-more")
        } throws: {
            ($0 as? SNSError)?.code == "SubscriptionLimitExceeded"
        }
        // Those that are there are found again.
        try add("q-7")
        book.remove(book.all[0].arn)
        try add("one-more")
    }

    @Test("whoever waits for a message of a queue that is deleted hears of it at once")
    func deleted() throws {
        let book = QueueBook([], region: "us-east-1")
        let queue = try book.make("q", attributes: [], tags: [])
        let start = ContinuousClock.now
        BackgroundThread { book.remove(queue) }
        let patience = Duration.seconds(600)
        #expect(queue.receive(upTo: 1, waiting: patience, hiddenFor: nil).isEmpty)
        #expect(ContinuousClock.now - start < patience)
    }

    @Test("attributes are set all or none, and the policy can be taken away")
    func attributes() throws {
        let book = QueueBook([], region: "us-east-1")
        let queue = try book.make(
            "q", attributes: [NamedValue("Policy", "{}")], tags: [NamedValue("a", "b")])
        #expect(throws: SQSError.self) {
            try book.change(
                queue, [NamedValue("VisibilityTimeout", "7"), NamedValue("DelaySeconds", "901")])
        }
        #expect(queue.settings.visibilityTimeout == .seconds(30))
        try book.change(
            queue, [NamedValue("VisibilityTimeout", "7"), NamedValue("Policy", "")])
        #expect(queue.settings.visibilityTimeout == .seconds(7))
        #expect(!queue.attributes.contains { $0.name == "Policy" })
        #expect(queue.tags == ["a": "b"])
    }
}
