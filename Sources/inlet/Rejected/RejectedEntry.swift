import Formats

/// A message of the rejected queue.
struct RejectedEntry {
    /// The reject as the rejected topic got it.
    struct Content {
        let code: String
        let message: String
        let sender: String
        let partner: String
        let receivedAt: Timestamp
        let requestID: String
        let index: Int?
        /// Who would not take the body if it is a finished message; "" if that is no text.
        let destination: String?
        /// The input as it came, or its beginning.
        let body: [UInt8]
        /// The input's length if it was cut.
        let fullLength: Int?
    }

    /// The queue's id of the message.
    let id: String
    let receipt: String
    let sentAt: Timestamp?
    /// Nil if the message is not Inlet's.
    let content: Content?

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
        content = Content(body)
    }

    /// When the input came, else when it was queued.
    var time: String { (content?.receivedAt ?? sentAt)?.rfc3339 ?? "" }
}

extension RejectedEntry.Content {
    /// Reads the topic's message, raw or in SNS's envelope.
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

    /// The body, if it is text.
    var text: String? {
        UTF8Sequence.isValid(body) ? String(decoding: body, as: UTF8.self) : nil
    }
}
