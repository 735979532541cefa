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
    /// Bytes of a receipt, which is written in hex.
    private static let receiptBytes = 24
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

    /// True while it cannot be received: it is in flight, or held back.
    func isHidden(at now: ContinuousClock.Instant) -> Bool {
        visibleAgain.map { $0 > now } == true
    }

    var becomesVisible: ContinuousClock.Instant? { visibleAgain }

    /// Takes a place in a FIFO queue.
    mutating func number(_ number: UInt64) { sequenceNumber = String(number) }

    mutating func receive(at now: Timestamp, invisibleUntil end: ContinuousClock.Instant) {
        receives += 1
        firstReceived = firstReceived ?? now
        receipt = RandomText.hex(bytes: Self.receiptBytes)
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

    /// True for a text that can be the receipt of a message.
    static func isReceipt(_ text: String) -> Bool {
        text.utf8.count == 2 * receiptBytes
            && text.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
    }

    /// What SQS says of a message by itself.
    var systemAttributes: [NamedValue] {
        var values = [
            NamedValue("ApproximateReceiveCount", String(receives)),
            NamedValue("SentTimestamp", String(sent.milliseconds)),
            NamedValue("SenderId", "AIDAINLETEMULATOR000"),
            NamedValue(
                "ApproximateFirstReceiveTimestamp",
                String((firstReceived ?? sent).milliseconds)),
        ]
        if let sequenceNumber { values.append(NamedValue("SequenceNumber", sequenceNumber)) }
        if let groupID { values.append(NamedValue("MessageGroupId", groupID)) }
        if let deduplicationID {
            values.append(NamedValue("MessageDeduplicationId", deduplicationID))
        }
        if let source { values.append(NamedValue("DeadLetterQueueSourceArn", source)) }
        return values
    }
}
