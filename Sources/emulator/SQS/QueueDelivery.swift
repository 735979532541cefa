import Formats

/// Delivers published messages to the queues that subscribe.
struct QueueDelivery: Sendable {
    /// The most attributes with raw delivery; SNS drops a message that has more.
    private static let maximumAttributes = 10

    let subscriptions: [Template.Subscription]
    let queues: [MessageQueue]

    func deliver(_ message: SNSMessage, id: String, topic: Template.Topic, at now: Timestamp) {
        for subscription in subscriptions where subscription.topic == topic.arn {
            guard let queue = queues.first(where: { $0.queue.arn == subscription.queue }),
                subscription.filter?.matches(message) != false
            else { continue }
            guard !subscription.isRaw || message.attributes.count <= Self.maximumAttributes else {
                Log.line("SNS: \(id) has too many attributes for raw delivery and is dropped")
                continue
            }
            let isTaken = queue.send(
                QueueMessage(
                    body: subscription.isRaw
                        ? message.text : Self.envelope(message, id: id, topic: topic, at: now),
                    attributes: subscription.isRaw ? message.attributes : [],
                    groupID: message.groupID, deduplicationID: message.deduplicationID, sent: now),
                at: now)
            if !isTaken { Log.line("SQS: \(queue.queue.name) is full: \(id) is dropped") }
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
