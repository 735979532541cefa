import AWS
import Delivery
import Formats
import Platform

/// A queue of its own that `inlet tail` subscribes to the topics, and removes at the end.
///
/// Its tags say since when it is there and which topics it takes from. So a later run can remove one
/// that was left behind.
final class TailQueue {
    /// What the names of these queues begin with.
    static let prefix = "inlet-tail-"
    static let startTag = "inlet-tail-started"
    static let topicTag = "inlet-tail-topic-"
    /// Seconds for which SQS keeps what nobody takes: a queue that was left behind stays small.
    private static let retention = 3600
    /// Seconds that SQS waits for a message: how soon a signal is noticed.
    private static let wait = 2
    private static let batch = 10

    /// A topic, and the filter policy that goes with it.
    struct Source {
        let topic: Sink
        let policy: String?
    }

    private let sources: [Source]
    private let queues: QueueService
    private let topics: SubscriptionService
    let name: String
    private var url: String?
    private var arn: String?
    /// True once a subscription may be there, though its answer was lost.
    private var isSubscribing = false

    init(_ sources: [Source], _ session: Session) throws(InletError) {
        self.sources = sources
        queues = try QueueService(
            session, "the queue for messages", region: sources.first?.topic.region)
        topics = SubscriptionService(session)
        name = Self.prefix + Session.randomID().text
    }

    /// Makes the queue, lets SNS send to it, and subscribes it.
    ///
    /// If that fails, a part of it may be there: ``remove(within:)`` takes that away too.
    func open(at now: Timestamp) throws(InletError) {
        let made = try queues.call("CreateQueue") { body in
            body.member("QueueName", name)
            body.name("Attributes")
            body.object { $0.member("MessageRetentionPeriod", String(Self.retention)) }
            body.name("tags")
            body.object { tags in
                tags.member(Self.startTag, now.rfc3339 ?? "")
                for (place, source) in sources.enumerated() {
                    tags.member("\(Self.topicTag)\(place)", source.topic.arn)
                }
            }
        }
        guard let url = made["QueueUrl"]?.string else { throw queues.unreadable }
        self.url = url
        let arn = try queues.arn(of: url)
        self.arn = arn
        let policy = Self.policy(of: arn, for: sources.map(\.topic.arn))
        _ = try queues.call("SetQueueAttributes") { body in
            body.member("QueueUrl", url)
            body.name("Attributes")
            body.object { $0.member("Policy", policy) }
        }
        isSubscribing = true
        for source in sources {
            try topics.subscribe(arn, to: source.topic, policy: source.policy)
        }
    }

    /// A message that was received; it comes again unless it is deleted.
    struct Received {
        /// The queue's id of it.
        let id: String
        let receipt: String
        /// Nil if it is not Inlet's.
        let item: TailItem?
    }

    /// Waits a short time for messages.
    func receive() throws(InletError) -> [Received] {
        guard let url else { return [] }
        let reply = try queues.call("ReceiveMessage") { body in
            body.member("QueueUrl", url)
            body.member("MaxNumberOfMessages", Self.batch)
            body.member("WaitTimeSeconds", Self.wait)
            body.name("MessageAttributeNames")
            body.array { $0.string("All") }
        }
        return (reply["Messages"].map { Array($0.elements) } ?? []).map(Received.init)
    }

    func delete(_ messages: [Received]) throws(InletError) {
        guard let url, !messages.isEmpty else { return }
        _ = try queues.call("DeleteMessageBatch") { body in
            body.member("QueueUrl", url)
            body.name("Entries")
            body.array { array in
                for (place, message) in messages.enumerated() {
                    array.object { entry in
                        entry.member("Id", String(place))
                        entry.member("ReceiptHandle", message.receipt)
                    }
                }
            }
        }
    }

    /// Ends the subscriptions, and then deletes the queue.
    ///
    /// The queue stays if a subscription may stay: its tags lead a later run to both.
    func remove(within time: Duration) throws(InletError) {
        guard let url else { return }
        let budget = queues.budget(of: time)
        if isSubscribing, let arn {
            for source in sources {
                try topics.unsubscribe(arn, from: source.topic, within: budget)
            }
        }
        try queues.delete(url, within: budget)
        self.url = nil
    }

    /// Lets SNS send to the queue, for these topics alone.
    private static func policy(of queue: String, for topics: [String]) -> String {
        var writer = JSONWriter()
        writer.object { policy in
            policy.member("Version", "2012-10-17")
            policy.name("Statement")
            policy.array { statements in
                statements.object { statement in
                    statement.member("Effect", "Allow")
                    statement.name("Principal")
                    statement.object { $0.member("Service", "sns.amazonaws.com") }
                    statement.member("Action", "sqs:SendMessage")
                    statement.member("Resource", queue)
                    statement.name("Condition")
                    statement.object { condition in
                        condition.name("ArnEquals")
                        condition.object { equals in
                            equals.name("aws:SourceArn")
                            equals.array { array in for topic in topics { array.string(topic) } }
                        }
                    }
                }
            }
        }
        return writer.text
    }
}

extension TailQueue.Received {
    fileprivate init(_ message: JSONValue) {
        id = message["MessageId"]?.string ?? ""
        receipt = message["ReceiptHandle"]?.string ?? ""
        var attributes: [String: String] = [:]
        for member in message["MessageAttributes"].map({ Array($0.members) }) ?? [] {
            attributes[member.name.string ?? ""] = member.value["StringValue"]?.string
        }
        item = message["Body"]?.utf8.flatMap { TailItem($0, attributes: attributes) }
    }
}
