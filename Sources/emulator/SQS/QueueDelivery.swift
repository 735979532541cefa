import Formats

/// Delivers published messages to the queues that subscribe.
struct QueueDelivery: Sendable {
    /// The most attributes with raw delivery; SNS drops a message that has more.
    private static let maximumAttributes = 10

    let subscriptions: SubscriptionBook
    let queues: QueueBook

    /// What became of a message at one subscription.
    struct Handover: Sendable, Equatable {
        enum Fate: Sendable, Equatable {
            case taken
            /// The filter policy has a key that keeps the message out.
            case filtered(by: String)
            case dropped
        }

        /// The queue's name.
        let queue: String
        let fate: Fate
        /// The filter policy in JSON, if the subscription has one.
        var policy: String?
    }

    /// Delivers a message to each subscription of its topic, and says what became of it there.
    @discardableResult
    func deliver(
        _ message: SNSMessage, id: String, topic: Template.Topic, at now: Timestamp
    ) -> [Handover] {
        subscriptions.of(topic: topic.arn).compactMap { subscription in
            guard let queue = queues.queue(arn: subscription.queue) else { return nil }
            let name = queue.queue.name
            let policy = subscription.filter.map { String(decoding: $0.json, as: UTF8.self) }
            if let key = subscription.filter?.obstacle(to: message) {
                return Handover(queue: name, fate: .filtered(by: key), policy: policy)
            }
            guard !subscription.isRaw || message.attributes.count <= Self.maximumAttributes else {
                Log.line("SNS: \(id) has too many attributes for raw delivery and is dropped")
                return Handover(queue: name, fate: .dropped, policy: policy)
            }
            let isTaken = queue.send(
                QueueMessage(
                    body: subscription.isRaw
                        ? message.text : Self.envelope(message, id: id, topic: topic, at: now),
                    attributes: subscription.isRaw ? message.attributes : [],
                    groupID: message.groupID, deduplicationID: message.deduplicationID, sent: now,
                    origin: id),
                at: now)
            if !isTaken { Log.line("SQS: \(name) is full: \(id) is dropped") }
            return Handover(queue: name, fate: isTaken ? .taken : .dropped, policy: policy)
        }
    }

    /// Source: Amazon SNS Developer Guide, "Parsing Amazon SNS message formats".
    private static func envelope(
        _ message: SNSMessage, id: String, topic: Template.Topic, at now: Timestamp
    ) -> String {
        var writer = JSONWriter(reserving: 512 + message.text.utf8.count)
        writer.object { writer in
            writer.member("Type", "Notification")
            writer.member("MessageId", id)
            writer.member("TopicArn", topic.arn)
            if let subject = message.subject { writer.member("Subject", subject) }
            writer.member("Message", message.text)
            writer.member("Timestamp", now.rfc3339 ?? "")
            writer.member("SignatureVersion", "1")
            writer.member("Signature", "bm90IHNpZ25lZCBoZXJl")
            writer.member("SigningCertURL", "https://sns.amazonaws.com/local.pem")
            writer.member("UnsubscribeURL", "https://sns.amazonaws.com/?Action=Unsubscribe")
            guard !message.attributes.isEmpty else { return }
            writer.name("MessageAttributes")
            writer.object { writer in
                for attribute in message.attributes {
                    writer.name(attribute.name)
                    writer.object { writer in
                        writer.member("Type", attribute.type)
                        writer.member("Value", attribute.value)
                    }
                }
            }
        }
        return writer.text
    }
}
