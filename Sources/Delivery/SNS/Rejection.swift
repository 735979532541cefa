package import Formats

/// An authenticated input that is not a valid message, as the rejected topic gets it.
package struct Rejection: Sendable {
    package let code: String
    /// A sentence; it holds nothing of the input.
    package let message: String
    /// The place in the batch.
    package let index: Int?
    package let sender: String
    package let partner: String
    /// Nil where only the partner's name is known.
    package let partnerID: String?
    package let receivedAt: Timestamp
    package let requestID: String
    /// Who would not take the message that the input is; nil for one that has not become a message.
    package let destination: Destination?
    /// As it came, or the finished message.
    package let input: [UInt8]

    /// Where finished messages go.
    package enum Destination: String, Sendable {
        /// The main topic: the message is published nowhere.
        case topic = "sns"
        /// The message was published, and only its relay ends here.
        case segment
    }

    package init(
        code: String, message: String, index: Int?, sender: String, partner: String,
        partnerID: String?, receivedAt: Timestamp, requestID: String,
        destination: Destination? = nil, input: [UInt8]
    ) {
        self.code = code
        self.message = message
        self.index = index
        self.sender = sender
        self.partner = partner
        self.partnerID = partnerID
        self.receivedAt = receivedAt
        self.requestID = requestID
        self.destination = destination
        self.input = input
    }

    /// The published object: `body` where the input is text, else `bodyBase64`.
    ///
    /// SNS takes no more than `maximumSize` bytes with the attributes. A longer input is cut, and
    /// `bodyBytes` then tells how long it was. The rest is gone where the sender was told that all is
    /// well, as Customer.io is: so whoever publishes this logs that it was cut.
    func json(maximumSize: Int) -> (text: [UInt8], isCut: Bool) {
        let isText = UTF8Sequence.isValid(input)
        // Room for the attributes: four names, types and values.
        let limit = maximumSize - 1024 - partner.utf8.count
        var kept = min(input.count, limit)
        while true {
            let text = json(input[..<(isText ? boundary(kept) : kept)], isText: isText)
            if text.count <= limit || kept == 0 { return (text, kept < input.count) }
            // An escape takes up to six bytes for one, and base64 four for three. Each round keeps
            // at most five sixths of the one before.
            kept = kept * 5 / 6
        }
    }

    private func json(_ body: ArraySlice<UInt8>, isText: Bool) -> [UInt8] {
        var writer = JSONWriter(reserving: body.count + 512)
        writer.object { object in
            object.member("code", code)
            object.member("message", message)
            if let index { object.member("index", index) }
            object.member("sender", sender)
            object.member("partner", partner)
            object.member("receivedAt", receivedAt.rfc3339 ?? "")
            object.member("requestId", requestID)
            if let destination { object.member("destination", destination.rawValue) }
            if body.count < input.count { object.member("bodyBytes", input.count) }
            object.name(isText ? "body" : "bodyBase64")
            if isText {
                object.string(utf8: body.span)
            } else {
                let encoded = Base64.encode(Array(body))
                object.string(utf8: encoded.span)
            }
        }
        return writer.bytes
    }

    /// The last place not after `count` where a character ends.
    private func boundary(_ count: Int) -> Int {
        var count = count
        while count > 0, count < input.count, input[count] & 0xC0 == 0x80 { count -= 1 }
        return count
    }
}
