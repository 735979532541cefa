package import Formats

/// A published message, as a queue hands it to the loader.
package struct PublishedMessage: Sendable {
    package let body: [UInt8]
    /// The attribute; empty if the message has none.
    package let partner: String
    /// The attribute; empty if the message has none.
    package let sender: String
    /// The queue's own id, by which a message without a usable `messageId` is known.
    package let recordID: String
    /// When the queue took it.
    package let queuedAt: Timestamp

    package init(
        body: [UInt8], partner: String, sender: String, recordID: String, queuedAt: Timestamp
    ) {
        self.body = body
        self.partner = partner
        self.sender = sender
        self.recordID = recordID
        self.queuedAt = queuedAt
    }
}

/// Why a message is in the table `rejected`.
package enum RejectReason: String, Sendable {
    case notJSON = "not_json"
    /// It has no `messageId`, or no `type` that the specification knows.
    case notAMessage = "not_a_message"
    /// The database refused its row for what is in it.
    case refused
}

/// Why a value is in the table `discards`.
package enum DiscardReason: String, Sendable {
    case notATime = "not_a_time"
    case tooLong = "too_long"
    /// A database cannot hold it: U+0000, half a surrogate pair, or a number out of range.
    case unrepresentable
    /// The database keeps fewer digits.
    case inexact
    case typeConflict = "type_conflict"
    case nameCollision = "name_collision"
    case columnBusy = "column_busy"
    case columnLimit = "column_limit"
    case tableLimit = "table_limit"
}
