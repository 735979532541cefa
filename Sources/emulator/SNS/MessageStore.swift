import Formats
import LocalServer

/// The published messages, oldest first.
///
/// If it is full, the oldest are removed.
final class MessageStore: Sendable {
    struct Receipt: Sendable, Equatable {
        let messageID: String
        /// For FIFO topics.
        let sequenceNumber: String?
    }

    private struct Entry {
        let topic: Template.Topic
        let line: [UInt8]
    }

    private struct State {
        var entries: [Entry] = []
        var sequence: UInt64 = 10_000_000_000_000_000_000
        /// By topic and deduplication id.
        var recent: [String: (receipt: Receipt, until: Timestamp)] = [:]
    }

    private let state = Monitor(State())
    private let capacity: Int
    private let deliver: Delivery

    /// Called with each new message and its id, for the topic's subscriptions.
    typealias Delivery = @Sendable (SNSMessage, String, Template.Topic, Timestamp) -> Void

    init(capacity: Int = 10_000, deliver: @escaping Delivery = { _, _, _, _ in }) {
        self.capacity = capacity
        self.deliver = deliver
    }

    /// Keeps a message, unless its deduplication id was seen in the last five minutes.
    func add(_ message: SNSMessage, to topic: Template.Topic, at now: Timestamp) -> Receipt {
        let id = RandomText.uuid()
        let line = Self.line(message, id: id, topic: topic, at: now)
        return state.sync { state in
            let key = message.deduplicationID.map { "\(topic.arn) \($0)" }
            if let key, let seen = state.recent[key], seen.until > now { return seen.receipt }
            if topic.isFIFO { state.sequence += 1000 }
            let receipt = Receipt(
                messageID: id, sequenceNumber: topic.isFIFO ? String(state.sequence) : nil)
            if let key {
                let until = Timestamp(microseconds: now.microseconds + 300_000_000)
                state.recent[key] = (receipt, until)
            }
            state.entries.append(Entry(topic: topic, line: line))
            // Inside the lock, so that queues get messages in this order.
            deliver(message, id, topic, now)
            if state.entries.count > capacity + capacity / 10 {
                state.entries.removeFirst(state.entries.count - capacity)
                state.recent = state.recent.filter { $0.value.until > now }
            }
            return receipt
        }
    }

    /// JSON lines, the newest last.
    ///
    /// A topic is given by its name, its logical id or its ARN; nil means all topics.
    func lines(topic: String?) -> [UInt8] {
        let entries = state.sync { $0.entries.suffix(capacity) }
        var out: [UInt8] = []
        for entry in entries {
            let names = [entry.topic.name, entry.topic.arn, entry.topic.logicalID]
            if let topic, !names.contains(topic) { continue }
            out += entry.line
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    private static func line(
        _ message: SNSMessage, id: String, topic: Template.Topic, at now: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 256 + message.text.utf8.count)
        writer.object { writer in
            writer.member("topicArn", topic.arn)
            writer.member("messageId", id)
            writer.member("message", message.text)
            if let subject = message.subject { writer.member("subject", subject) }
            writer.name("attributes")
            writer.object { writer in
                for attribute in message.attributes {
                    writer.name(attribute.name)
                    writer.object { writer in
                        writer.member("Type", attribute.type)
                        writer.member("Value", attribute.value)
                    }
                }
            }
            if let group = message.groupID { writer.member("messageGroupId", group) }
            if let id = message.deduplicationID { writer.member("messageDeduplicationId", id) }
            writer.member("receivedAt", now.rfc3339 ?? "")
        }
        return writer.bytes
    }
}
