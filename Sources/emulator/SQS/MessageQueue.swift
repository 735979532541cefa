import Formats
import LocalServer
import Platform

/// One SQS queue.
///
/// A received message is hidden for a while, and stays until it is deleted.
///
/// Source: Amazon SQS Developer Guide, "Visibility timeout", "Dead-letter queues", "FIFO queue
/// delivery logic".
final class MessageQueue: Sendable {
    /// The most messages that it holds; more are refused.
    static let capacity = 100_000

    struct Depths: Equatable {
        var visible = 0
        var inFlight = 0
        /// Deleted after they were received.
        var done = 0
    }

    private struct State {
        /// In the order they came.
        var messages: [QueueMessage] = []
        var sequence: UInt64 = 18_000_000_000_000_000_000
        /// By deduplication id, of the last five minutes.
        var recent: [String: Timestamp] = [:]
        var done = 0
        var isStopped = false
    }

    let queue: Template.Queue
    /// How long a message that a function did not take stays hidden; replaces the queue's timeout.
    private let retryDelay: Duration?
    private let deadLetterQueue: MessageQueue?
    private let state = Monitor(State())

    /// `retryDelay` replaces the queue's timeout once a batch has failed.
    init(
        _ queue: Template.Queue, retryDelay: Duration? = nil,
        deadLetterQueue: MessageQueue? = nil
    ) {
        self.queue = queue
        self.retryDelay = retryDelay
        self.deadLetterQueue = deadLetterQueue
    }

    /// Adds a message; false if the queue is full.
    ///
    /// A message whose deduplication id is known counts as added and is dropped.
    func send(_ message: QueueMessage, at now: Timestamp) -> Bool {
        state.sync { state in
            guard state.messages.count < Self.capacity else { return false }
            var message = message
            if queue.isFIFO {
                let id =
                    message.deduplicationID ?? Hex.encode(Digest.sha256(Array(message.body.utf8)))
                state.recent = state.recent.filter { $0.value > now }
                guard state.recent[id] == nil else { return true }
                state.recent[id] = Timestamp(microseconds: now.microseconds + 300_000_000)
                state.sequence += 1
                message.number(state.sequence)
            }
            state.messages.append(message)
            return true
        }
    }

    /// Waits for a message, and then up to `window` for as many as were asked for.
    ///
    /// - Returns: nil when the queue is stopped.
    func receive(upTo count: Int, window: Duration) -> [QueueMessage]? {
        guard wait(for: 1, until: nil) else { return nil }
        if window > .zero, count > 1, !wait(for: count, until: .now + window) { return nil }
        return take(count)
    }

    /// Deletes received messages that are done.
    func delete(receipts: Set<String>) {
        state.sync { state in
            let before = state.messages.count
            state.messages.removeAll { $0.receipt.map(receipts.contains) == true }
            state.done += before - state.messages.count
        }
    }

    /// Shows received messages that are not done again, all at the same time.
    ///
    /// Without a `retryDelay` they come again when the timeout ends that began with the receive.
    func release(receipts: Set<String>) {
        guard let retryDelay else { return }
        state.sync { state in
            let end = ContinuousClock.now + retryDelay
            for place in state.messages.indices
            where state.messages[place].receipt.map(receipts.contains) == true {
                state.messages[place].hide(until: end)
            }
        }
    }

    func stop() { state.sync { $0.isStopped = true } }

    /// The messages, oldest first.
    var messages: [QueueMessage] { state.sync { $0.messages } }

    var depths: Depths {
        let now = ContinuousClock.now
        return state.sync { state in
            let inFlight = state.messages.count { $0.isInFlight(at: now) }
            return Depths(
                visible: state.messages.count - inFlight, inFlight: inFlight, done: state.done)
        }
    }

    /// Waits until that many could be received, or until the deadline; false once stopped.
    private func wait(for count: Int, until deadline: ContinuousClock.Instant?) -> Bool {
        while true {
            let next = state.sync { Self.nextVisible($0) }
            let wake = [next, deadline].compactMap(\.self).min()
            let event: WakeUp? = state.wait(until: wake) { state in
                if state.isStopped { return .stopped }
                if Self.receivable(state, upTo: count).count >= count { return .enough }
                return Self.nextVisible(state) == next ? nil : .otherTime
            }
            switch event {
            case .stopped: return false
            case .enough: return true
            case .otherTime, nil: break
            }
            if let deadline, deadline <= .now { return true }
        }
    }

    private enum WakeUp {
        case enough, stopped
        /// The time changed at which the next message becomes visible.
        case otherTime
    }

    /// When the next hidden message becomes visible.
    private static func nextVisible(_ state: State) -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        return state.messages.compactMap(\.becomesVisible).filter { $0 > now }.min()
    }

    /// The places of messages that can be received now.
    ///
    /// Of a group, nothing can be received behind a message that is in flight.
    private static func receivable(_ state: State, upTo count: Int) -> [Int] {
        let now = ContinuousClock.now
        var places: [Int] = []
        var blocked: Set<String> = []
        for (place, message) in state.messages.enumerated() where places.count < count {
            let group = message.sequenceNumber == nil ? nil : message.groupID
            if let group, blocked.contains(group) { continue }
            if message.isInFlight(at: now) {
                if let group { blocked.insert(group) }
            } else {
                places.append(place)
            }
        }
        return places
    }

    private func take(_ count: Int) -> [QueueMessage] {
        let now = System.wallClock()
        // At least the queue's own timeout, which is at least the function's. So no message is
        // received a second time while its batch is in flight.
        let timeout = max(queue.visibilityTimeout, retryDelay ?? .zero)
        let (received, dead) = state.sync { state in
            var received: [QueueMessage] = []
            var dead: [Int] = []
            for place in Self.receivable(state, upTo: count) {
                if let redrive = queue.redrive,
                    state.messages[place].receives >= redrive.maximumReceives
                {
                    dead.append(place)
                } else {
                    state.messages[place].receive(
                        at: now, invisibleUntil: .now + timeout)
                    received.append(state.messages[place])
                }
            }
            let gone = dead.map { state.messages[$0] }
            for place in dead.reversed() { state.messages.remove(at: place) }
            return (received, gone)
        }
        for var message in dead {
            message.redrive(from: queue.arn)
            Log.line("SQS: \(queue.name): \(message.id) goes to the dead-letter queue")
            _ = deadLetterQueue?.send(message, at: now)
        }
        return received
    }
}
