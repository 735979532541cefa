import Formats
import LocalServer

/// What SQS's API asks of a queue, beside what pollers do.
extension MessageQueue {
    var settings: QueueSettings { state.sync { $0.settings } }
    var redrive: Redrive? { state.sync { $0.redrive } }
    var tags: [String: String] { state.sync { $0.tags } }

    /// The attributes that are set, or have a standard.
    var attributes: [NamedValue] {
        var all = settings.all
        if let redrive, !all.contains(where: { $0.name == "RedrivePolicy" }) {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("deadLetterTargetArn", redrive.arn)
                writer.member("maxReceiveCount", redrive.maximumReceives)
            }
            all.append(NamedValue("RedrivePolicy", writer.text))
        }
        if queue.isFIFO { all.append(NamedValue("FifoQueue", "true")) }
        return all
    }

    func change(_ settings: QueueSettings, _ redrive: Redrive?) {
        state.sync { state in
            state.settings = settings
            state.redrive = redrive
        }
    }

    /// Adds tags, or gives them other values.
    func tag(_ tags: [NamedValue]) throws(SQSError) {
        let fits = state.sync { state in
            var all = state.tags
            for tag in tags { all[tag.name] = tag.value }
            guard all.count <= QueueBook.maximumTags else { return false }
            state.tags = all
            return true
        }
        guard fits else {
            throw .invalid(
                "Tags", String(tags.count), "A queue has \(QueueBook.maximumTags) tags at most.")
        }
    }

    func untag(_ names: [String]) { state.sync { for name in names { $0.tags[name] = nil } } }

    /// Waits for a message so long, and receives up to `count`.
    func receive(upTo count: Int, waiting: Duration, hiddenFor time: Duration?) -> [QueueMessage] {
        let deadline = ContinuousClock.now + waiting
        while wait(for: 1, until: deadline) {
            let received = take(count, hiddenFor: time)
            // All that were there may have gone to the dead-letter queue.
            if !received.isEmpty || deadline <= .now { return received }
        }
        return []
    }

    /// Hides a message for that time from now on.
    ///
    /// It does so for a message that is in flight, by the receipt of its last receive.
    func hide(receipt: String, for time: Duration) throws(SQSError) {
        let now = ContinuousClock.now
        let isKnown: Bool? = state.sync { state in
            guard let place = state.messages.firstIndex(where: { $0.receipt == receipt }) else {
                return nil
            }
            guard state.messages[place].isHidden(at: now) else { return false }
            state.messages[place].hide(until: now + time)
            return true
        }
        switch isKnown {
        case true?: return
        case false?:
            throw .prefixed(
                "MessageNotInflight",
                "The specified message is not in flight.")
        case nil:
            throw .invalid(
                "ReceiptHandle", receipt,
                "Message does not exist or is not available for visibility timeout change.")
        }
    }

    /// Deletes all messages.
    func purge() { state.sync { $0.messages = [] } }
}
