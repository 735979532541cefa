import LocalServer

/// Lambda's poller of one queue: hands batches to the function, several at a time.
final class QueuePoller: Sendable {
    private let source: Template.EventSource
    private let queue: MessageQueue
    private let region: String
    private let invoke: @Sendable (String, Invocation) -> InvocationResult
    private let handled: @Sendable (Handling) -> Void

    /// What a function has made of a batch.
    struct Handling: Sendable {
        struct Item: Sendable {
            /// The id that the message was published with.
            let origin: String
            /// Its id in the queue.
            let record: String
            /// False if it comes again.
            let isDone: Bool
        }

        let function: String
        let queue: String
        /// Lambda's id.
        let invocation: String
        let items: [Item]
    }

    private struct State {
        var underWay = 0
        var isStopped = false
    }

    private let state = Monitor(State())

    /// Polls from a thread of its own until ``stop()``; `handled` is told of each batch.
    init(
        _ source: Template.EventSource, queue: MessageQueue, region: String,
        handled: @escaping @Sendable (Handling) -> Void,
        invoke: @escaping @Sendable (String, Invocation) -> InvocationResult
    ) {
        self.source = source
        self.queue = queue
        self.region = region
        self.handled = handled
        self.invoke = invoke
        BackgroundThread { self.poll() }
    }

    /// Ends polling; a batch in flight is left to its function.
    func stop() {
        state.sync { $0.isStopped = true }
        queue.stop()
    }

    private func poll() {
        while waitForPlace(),
            let messages = queue.receive(upTo: source.batchSize, window: source.window)
        {
            guard !messages.isEmpty else {
                leave()
                continue
            }
            BackgroundThread {
                self.handle(
                    QueueBatch(messages: messages, queue: self.queue.queue, region: self.region))
                self.leave()
            }
        }
    }

    private func handle(_ batch: QueueBatch) {
        let invocation = Invocation(
            event: batch.event, origins: batch.messages.compactMap(\.origin))
        let result = invoke(source.function, invocation)
        let done = Set(
            batch.done(after: result, takesPartialResponses: source.takesPartialResponses)
                .compactMap(\.receipt))
        queue.delete(receipts: done)
        let failed = Set(batch.messages.compactMap(\.receipt)).subtracting(done)
        handled(
            Handling(
                function: source.function, queue: batch.queue.name,
                invocation: invocation.requestID,
                items: batch.messages.compactMap { message in
                    message.origin.map { origin in
                        Handling.Item(
                            origin: origin, record: message.id,
                            isDone: message.receipt.map(done.contains) == true)
                    }
                }))
        guard !failed.isEmpty else { return }
        queue.release(receipts: failed)
        Log.line("SQS: \(batch.queue.name): \(failed.count) of \(batch.messages.count) come again")
    }

    /// Waits until one more batch may be in flight, and reserves its place; false once stopped.
    private func waitForPlace() -> Bool {
        state.wait { state in
            if state.isStopped { return false }
            guard state.underWay < source.concurrency else { return nil }
            state.underWay += 1
            return true
        } ?? false
    }

    private func leave() { state.sync { $0.underWay -= 1 } }
}
