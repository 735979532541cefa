import Formats
import Platform

/// A message in a queue, and what has happened to it there.
struct QueueMessage: Sendable {
    let id = RandomText.uuid()
    let body: String
    /// Of raw delivery.
    let attributes: [SNSMessage.Attribute]
    let groupID: String?
    let deduplicationID: String?
    let sent: Timestamp
    /// The id of the published message that it is.
    let origin: String?
    fileprivate(set) var sequenceNumber: String?
    fileprivate(set) var firstReceived: Timestamp?
    fileprivate(set) var receives = 0
    /// Set once it has come from another queue's redrive.
    fileprivate(set) var source: String?
    /// Of the last receive, which alone may delete it.
    fileprivate(set) var receipt: String?
    fileprivate var visibleAgain: ContinuousClock.Instant?

    init(
        body: String, attributes: [SNSMessage.Attribute], groupID: String?,
        deduplicationID: String?, sent: Timestamp, origin: String? = nil
    ) {
        self.body = body
        self.attributes = attributes
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.sent = sent
        self.origin = origin
    }

    func isInFlight(at now: ContinuousClock.Instant) -> Bool {
        visibleAgain.map { $0 > now } == true
    }

    var becomesVisible: ContinuousClock.Instant? { visibleAgain }

    /// Takes a place in a FIFO queue.
    mutating func number(_ number: UInt64) { sequenceNumber = String(number) }

    mutating func receive(at now: Timestamp, invisibleUntil end: ContinuousClock.Instant) {
        receives += 1
        firstReceived = firstReceived ?? now
        receipt = RandomText.hex(bytes: 24)
        visibleAgain = end
    }

    mutating func hide(until end: ContinuousClock.Instant) { visibleAgain = end }

    /// Moves from the queue of that ARN to its dead-letter queue, with no receives there yet.
    mutating func redrive(from queue: String) {
        source = queue
        receipt = nil
        visibleAgain = nil
        receives = 0
    }
}
