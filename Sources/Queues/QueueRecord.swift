package import Formats

/// One published message, as a queue, a topic or a stream hands it to a function.
package struct QueueRecord: Sendable {
    /// SQS's `messageId` or Kinesis's `sequenceNumber`, by which an answer names it; SNS's own for
    /// an event without a queue.
    package let id: String
    /// The message that was published, taken out of SNS's envelope if it has one.
    package let body: [UInt8]
    /// The attributes that are text or a number.
    package let attributes: [NamedValue]
    /// What keeps its order: the message group on a FIFO queue, the partition key on a stream.
    package let group: String?
    /// When it was published; nil if the event does not say.
    package let sentAt: Timestamp?

    /// The value of an attribute.
    package subscript(attribute: String) -> String? {
        attributes.first { $0.name == attribute }?.value
    }

    /// A record of SQS; nil without an id.
    ///
    /// Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS". A message group alone
    /// makes no FIFO queue: standard queues have them too, for fairness.
    ///
    /// Only a message that came by raw delivery has attributes in SQS. It may have members of any
    /// name, those of an envelope too, and is none: its sender would say who the partner is.
    init?(sqs record: JSONValue) {
        guard let id = record["messageId"]?.string, !id.isEmpty else { return nil }
        self.id = id
        let isFIFO = record["eventSourceARN"]?.string?.hasSuffix(".fifo") == true
        group = isFIFO ? record["attributes"]?["MessageGroupId"]?.string ?? "" : nil
        sentAt = record["attributes"]?["SentTimestamp"]?.string.flatMap {
            Timestamp(reading: Array($0.utf8)[...])
        }
        let text = record["body"].map(Self.text) ?? []
        let own = record["messageAttributes"]
        if own?.members.isEmpty ?? true, let notification = Notification(envelope: text) {
            (body, attributes) = (notification.message, notification.attributes)
        } else {
            body = text
            attributes = Self.attributes(own, value: "stringValue")
        }
    }

    /// A record of SNS; nil without an id.
    ///
    /// Source: AWS Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS
    /// notifications".
    init?(sns record: JSONValue) {
        guard let notification = record["Sns"].flatMap(Notification.init),
            let id = notification.id, !id.isEmpty
        else { return nil }
        self.id = id
        body = notification.message
        attributes = notification.attributes
        group = nil
        sentAt = record["Sns"]?["Timestamp"].flatMap { Timestamp(reading: $0) }
    }

    /// A record of Kinesis; nil without a sequence number.
    ///
    /// Source: AWS Lambda Developer Guide, "Using Lambda with Amazon Kinesis Data Streams".
    ///
    /// Its data is an object with the message and its attributes. Anything else is taken as it came,
    /// without attributes.
    init?(kinesis record: JSONValue) {
        guard let stream = record["kinesis"], let id = stream["sequenceNumber"]?.string, !id.isEmpty
        else { return nil }
        self.id = id
        group = stream["partitionKey"]?.string ?? ""
        sentAt = stream["approximateArrivalTimestamp"].flatMap { Timestamp(reading: $0) }
        let written = stream["data"].map(Self.text) ?? []
        let data = Base64.decode(written) ?? written
        if let root = (try? JSONText(data))?.root, let message = root["message"],
            let own = root["attributes"], message.kind == .object, own.kind == .object
        {
            body = Array(message.raw)
            attributes = own.members.compactMap { member in
                member.name.string.flatMap { name in
                    member.value.string.map { NamedValue(name, $0) }
                }
            }
        } else {
            (body, attributes) = (data, [])
        }
    }

    /// A string's characters.
    ///
    /// A value that is no string, or that has no UTF-8 form, is taken as it was written. So what
    /// cannot be a message reaches the rejected topic unchanged.
    fileprivate static func text(_ value: JSONValue) -> [UInt8] {
        guard !value.hasUnpairedSurrogate, let text = value.utf8 else { return Array(value.raw) }
        return text
    }

    fileprivate static func attributes(_ object: JSONValue?, value: String) -> [NamedValue] {
        var attributes: [NamedValue] = []
        guard let object else { return attributes }
        for member in object.members {
            guard let name = member.name.string, let text = member.value[value]?.string else {
                continue
            }
            attributes.append(NamedValue(name, text))
        }
        return attributes
    }
}

/// What SNS wraps around a message if the subscription has no raw delivery.
///
/// Source: Amazon SNS Developer Guide, "Parsing Amazon SNS message formats".
private struct Notification {
    let id: String?
    let message: [UInt8]
    let attributes: [NamedValue]

    /// Nil for a message without an envelope.
    init?(envelope text: [UInt8]) {
        guard let root = (try? JSONText(text))?.root, root["Type"]?.equals("Notification") == true,
            root["TopicArn"]?.string != nil
        else { return nil }
        self.init(root)
    }

    init?(_ object: JSONValue) {
        guard let message = object["Message"], message.kind == .string else { return nil }
        self.message = QueueRecord.text(message)
        id = object["MessageId"]?.string
        attributes = QueueRecord.attributes(object["MessageAttributes"], value: "Value")
    }
}
