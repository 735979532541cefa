import Formats
import LocalServer

/// The queues: those of the template, and those that were made since.
final class QueueBook: Sendable {
    /// The most queues.
    static let capacity = 1000
    /// The most tags of a queue.
    static let maximumTags = 50

    let region: String
    private let state: Monitor<[MessageQueue]>

    init(_ queues: [MessageQueue], region: String) {
        state = Monitor(queues)
        self.region = region
    }

    /// All queues; those of the template come first.
    var all: [MessageQueue] { state.sync { $0 } }

    func queue(arn: String) -> MessageQueue? { all.first { $0.queue.arn == arn } }

    func queue(named name: String) throws(SQSError) -> MessageQueue {
        guard let queue = all.first(where: { $0.queue.name == name }) else { throw .noSuchQueue }
        return queue
    }

    /// Makes a queue, unless there is one of that name and with these attributes.
    func make(
        _ name: String, attributes: [NamedValue], tags: [NamedValue]
    ) throws(SQSError) -> MessageQueue {
        var settings = QueueSettings()
        var isFIFO = false
        for attribute in attributes {
            if attribute.name == "FifoQueue" {
                guard attribute.value == "true" else { throw QueueSettings.invalid("FifoQueue") }
                isFIFO = true
            } else {
                try settings.set(attribute.name, attribute.value)
            }
        }
        try Self.check(name, isFIFO: isFIFO)
        let redrive = try redrive(of: settings)
        let made = MessageQueue(
            Template.Queue(
                name: name,
                arn: "arn:aws:sqs:\(region):\(TemplateScope.accountID):\(name)",
                isFIFO: isFIFO, deduplicatesByContent: settings.deduplicatesByContent,
                visibilityTimeout: settings.visibilityTimeout, redrive: nil))
        made.change(settings, redrive)
        try made.tag(tags)
        let queue = try enter(made)
        guard queue !== made else { return made }
        let known = queue.attributes
        for attribute in attributes where !known.contains(attribute) {
            throw .own(
                "QueueNameExists", code: "QueueAlreadyExists",
                "A queue already exists with the same name and a different value for attribute "
                    + attribute.name)
        }
        return queue
    }

    /// The queue that has the new one's name now, which is the new one if there was none.
    private func enter(_ made: MessageQueue) throws(SQSError) -> MessageQueue {
        let result: Result<MessageQueue, SQSError> = state.sync { queues in
            if let known = queues.first(where: { $0.queue.name == made.queue.name }) {
                return .success(known)
            }
            guard queues.count < Self.capacity else {
                return .failure(.own("OverLimit", "There are \(Self.capacity) queues already."))
            }
            queues.append(made)
            return .success(made)
        }
        return try result.get()
    }

    /// Sets attributes of a queue, all of them or none.
    func change(_ queue: MessageQueue, _ attributes: [NamedValue]) throws(SQSError) {
        var settings = queue.settings
        for attribute in attributes { try settings.set(attribute.name, attribute.value) }
        let isNamed = attributes.contains { $0.name == "RedrivePolicy" }
        queue.change(settings, isNamed ? try redrive(of: settings) : queue.redrive)
    }

    /// Removes a queue with all that it holds; whoever waits for a message hears of it.
    func remove(_ queue: MessageQueue) {
        state.sync { queues in queues.removeAll { $0 === queue } }
        queue.stop()
    }

    /// Ends all waiting.
    func stop() { for queue in all { queue.stop() } }

    private func redrive(of settings: QueueSettings) throws(SQSError) -> MessageQueue.Redrive? {
        guard let text = settings.texts["RedrivePolicy"] else { return nil }
        let root = (try? JSONText(Array(text.utf8)))?.root
        let value = root?["maxReceiveCount"]
        guard let arn = root?["deadLetterTargetArn"]?.string,
            let count = value?.int ?? value?.string.flatMap({ Int($0) }), 1...1000 ~= count,
            let target = queue(arn: arn)
        else { throw QueueSettings.invalid("RedrivePolicy") }
        return MessageQueue.Redrive(arn: arn, queue: target, maximumReceives: count)
    }

    private static func check(_ name: String, isFIFO: Bool) throws(SQSError) {
        let stem = name.hasSuffix(".fifo") ? name.dropLast(5) : name[...]
        let isPlain = stem.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "_-".utf8.contains(byte)
        }
        guard !stem.isEmpty, isPlain, name.utf8.count <= 80, name.hasSuffix(".fifo") == isFIFO
        else {
            throw .invalid(
                "QueueName", name,
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
                    + "length; only the name of a FIFO queue ends in .fifo.")
        }
    }
}
