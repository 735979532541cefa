import Formats

/// A message of the rejected queue.
struct RejectedEntry {
    /// What the rejected topic was told of an input.
    struct Content {
        let code: String
        let message: String
        let sender: String
        let partner: String
        let receivedAt: Timestamp
        let requestID: String
        let index: Int?
        /// Who would not take the body, where that is a finished message; "" is nobody's name.
        let destination: String?
        /// As it came, or the beginning of that.
        let body: [UInt8]
        /// How long a body was that has been cut.
        let fullLength: Int?
    }

    /// The queue's own.
    let id: String
    let receipt: String
    let sentAt: Timestamp?
    /// Nil where something else than Inlet has filled the queue.
    let content: Content?

    /// Reads what SQS gives; nil where that is no message of its.
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
        content = Content(body)
    }

    /// When the input came, or else when it was queued.
    var time: String { (content?.receivedAt ?? sentAt)?.rfc3339 ?? "" }
}

extension RejectedEntry.Content {
    /// Reads the topic's message, in SNS's envelope or, with raw delivery, by itself.
    init?(_ bytes: [UInt8]) {
        guard var root = (try? JSONText(bytes))?.root else { return nil }
        if root["Type"]?.equals("Notification") == true, let inner = root["Message"]?.utf8 {
            guard let text = try? JSONText(inner) else { return nil }
            root = text.root
        }
        guard let code = root["code"]?.string, let sender = root["sender"]?.string,
            let partner = root["partner"]?.string,
            let time = root["receivedAt"]?.utf8, let receivedAt = Timestamp(rfc3339: time)
        else { return nil }
        if let text = root["body"]?.utf8 {
            body = text
        } else if let encoded = root["bodyBase64"]?.utf8, let decoded = Base64.decode(encoded) {
            body = decoded
        } else {
            return nil
        }
        self.code = code
        self.sender = sender
        self.partner = partner
        self.receivedAt = receivedAt
        message = root["message"]?.string ?? ""
        requestID = root["requestId"]?.string ?? ""
        index = root["index"]?.int
        destination = root["destination"].map { $0.string ?? "" }
        fullLength = root["bodyBytes"]?.int
    }

    /// The body where it is text.
    var text: String? {
        UTF8Sequence.isValid(body) ? String(decoding: body, as: UTF8.self) : nil
    }
}
