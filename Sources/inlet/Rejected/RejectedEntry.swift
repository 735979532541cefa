import Delivery
import Formats

/// A message of the rejected queue.
struct RejectedEntry {
    /// The queue's id of the message.
    let id: String
    let receipt: String
    let sentAt: Timestamp?
    /// Nil if the message is not Inlet's.
    let content: Rejection?

    /// Reads a message from SQS's reply; nil if it is malformed.
    init?(message: JSONValue) {
        guard let id = message["MessageId"]?.string,
            let receipt = message["ReceiptHandle"]?.string, let body = message["Body"]?.utf8
        else { return nil }
        self.id = id
        self.receipt = receipt
        sentAt = (message["Attributes"]?["SentTimestamp"]?.string).flatMap { text in
            Int64(text).flatMap { number in
                (0..<1 << 50).contains(number) ? Timestamp(milliseconds: number) : nil
            }
        }
        content = Rejection(published: body)
    }

    /// When the input came, else when it was queued.
    var moment: Timestamp? { content?.receivedAt ?? sentAt }

    /// The same as text; empty if it is not known.
    var time: String { moment?.rfc3339 ?? "" }
}

extension Rejection {
    /// The input as text; nil if it is something else.
    var text: String? {
        UTF8Sequence.isValid(input) ? String(decoding: input, as: UTF8.self) : nil
    }
}
