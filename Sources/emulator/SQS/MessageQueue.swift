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
        /// Not to be received yet, for the first time.
        var delayed = 0
        /// Deleted after they were received.
        var done = 0
    }

    /// Where messages go that were received too often.
    struct Redrive: Sendable {
        let arn: String
        /// Nil if it is no queue of the emulator.
        let queue: MessageQueue?
        let maximumReceives: Int
    }

    /// What became of a message that was sent.
    struct Placed: Sendable, Equatable {
        let id: String
        /// In a FIFO queue.
        let sequenceNumber: String?
    }

    struct State {
        /// In the order they came.
        var messages: [QueueMessage] = []
        var sequence: UInt64 = 18_000_000_000_000_000_000
        /// By deduplication id, of the last five minutes.
        var recent: [String: (placed: Placed, until: Timestamp)] = [:]
        var done = 0
        var isStopped = false
        var settings = QueueSettings()
        var redrive: Redrive?
        var tags: [String: String] = [:]
    }

    let queue: Template.Queue
    let created = System.wallClock()
    /// How long a message that a function did not take stays hidden; replaces the queue's timeout.
    private let retryDelay: Duration?
    let state = Monitor(State())

    /// `retryDelay` replaces the queue's timeout once a batch has failed.
    init(
        _ queue: Template.Queue, retryDelay: Duration? = nil,
        deadLetterQueue: MessageQueue? = nil
    ) {
        self.queue = queue
        self.retryDelay = retryDelay
        state.sync { state in
            state.settings.visibilityTimeout = queue.visibilityTimeout
            state.settings.deduplicatesByContent = queue.deduplicatesByContent
            state.redrive = queue.redrive.map { redrive in
                Redrive(
                    arn: redrive.deadLetterQueue, queue: deadLetterQueue,
                    maximumReceives: redrive.maximumReceives)
            }
        }
    }

    /// Adds a message; false if the queue is full.
    ///
    /// A message whose deduplication id is known counts as added and is dropped.
    func send(_ message: QueueMessage, at now: Timestamp) -> Bool { place(message, at: now) != nil }

    /// Adds a message; nil if the queue is full.
    ///
    /// Of a message whose deduplication id is known, the first one counts. `delay` holds the message
    /// back; without it, it is the queue's.
    func place(_ message: QueueMessage, at now: Timestamp, delay: Duration? = nil) -> Placed? {
        state.sync { state in
            guard state.messages.count < Self.capacity else { return nil }
            var message = message
            var placed = Placed(id: message.id, sequenceNumber: nil)
            if queue.isFIFO {
                let id =
                    message.deduplicationID ?? Hex.encode(Digest.sha256(Array(message.body.utf8)))
                state.recent = state.recent.filter { $0.value.until > now }
                if let known = state.recent[id] { return known.placed }
                state.sequence += 1
                message.number(state.sequence)
                placed = Placed(id: message.id, sequenceNumber: message.sequenceNumber)
                let until = Timestamp(microseconds: now.microseconds + 300_000_000)
                state.recent[id] = (placed, until)
            }
            let delay = delay ?? state.settings.delay
            if delay > .zero { message.hide(until: .now + delay) }
            state.messages.append(message)
            return placed
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
            let hidden = state.messages.filter { $0.isHidden(at: now) }
            let delayed = hidden.count { $0.receives == 0 }
            return Depths(
                visible: state.messages.count - hidden.count, inFlight: hidden.count - delayed,
                delayed: delayed, done: state.done)
        }
    }

    /// Waits until that many could be received, or until the deadline; false once stopped.
    func wait(for count: Int, until deadline: ContinuousClock.Instant?) -> Bool {
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
    /// Of a group, nothing can be received behind a message that is hidden.
    private static func receivable(_ state: State, upTo count: Int) -> [Int] {
        let now = ContinuousClock.now
        var places: [Int] = []
        var blocked: Set<String> = []
        for (place, message) in state.messages.enumerated() where places.count < count {
            let group = message.sequenceNumber == nil ? nil : message.groupID
            if let group, blocked.contains(group) { continue }
            if message.isHidden(at: now) {
                if let group { blocked.insert(group) }
            } else {
                places.append(place)
            }
        }
        return places
    }

    /// Receives messages, and hides them for that time; else for the queue's own.
    ///
    /// What has been received too often goes to the dead-letter queue instead.
    func take(_ count: Int, hiddenFor time: Duration? = nil) -> [QueueMessage] {
        let now = System.wallClock()
        let (received, dead, redrive) = state.sync { state in
            // At least the queue's own timeout, which is at least the function's. So no message is
            // received a second time while its batch is in flight.
            let timeout = time ?? max(state.settings.visibilityTimeout, retryDelay ?? .zero)
            var received: [QueueMessage] = []
            var dead: [Int] = []
            for place in Self.receivable(state, upTo: count) {
                if let redrive = state.redrive,
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
            return (received, gone, state.redrive)
        }
        for var message in dead {
            message.redrive(from: queue.arn)
            Log.line("SQS: \(queue.name): \(message.id) goes to the dead-letter queue")
            _ = redrive?.queue?.send(message, at: now)
        }
        return received
    }
}
