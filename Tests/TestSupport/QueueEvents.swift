import Formats

/// Events as SQS, SNS and Kinesis hand them to a function.
package enum QueueEvents {
    /// A message on its way through a queue.
    package struct Message {
        package var id: String
        package var body: String
        package var attributes: [(String, String)]
        package var group: String?

        package init(
            _ body: String, id: String, attributes: [(String, String)] = [("sender", "customerio")],
            group: String? = nil
        ) {
            self.body = body
            self.id = id
            self.attributes = attributes
            self.group = group
        }
    }

    /// An event of a queue whose subscription has raw delivery, or has not.
    package static func sqs(
        _ messages: [Message], isFIFO: Bool = false, isEnveloped: Bool = false
    ) -> [UInt8] {
        event(messages) { writer, message in
            writer.member("messageId", message.id)
            writer.member("receiptHandle", "AQEB-\(message.id)")
            writer.member("body", isEnveloped ? envelope(message) : message.body)
            writer.name("attributes")
            writer.object { attributes in
                attributes.member("ApproximateReceiveCount", "1")
                attributes.member("SentTimestamp", "1773480413120")
                if let group = message.group { attributes.member("MessageGroupId", group) }
            }
            writer.name("messageAttributes")
            writer.object { attributes in
                guard !isEnveloped else { return }
                for (name, value) in message.attributes {
                    attributes.name(name)
                    attributes.object { attribute in
                        attribute.member("stringValue", value)
                        attribute.name("stringListValues")
                        attribute.array { _ in }
                        attribute.member("dataType", "String")
                    }
                }
            }
            writer.member("eventSource", "aws:sqs")
            writer.member(
                "eventSourceARN",
                "arn:aws:sqs:eu-west-1:123456789012:q\(isFIFO ? ".fifo" : "")")
            writer.member("awsRegion", "eu-west-1")
        }
    }

    /// An event of a topic without a queue.
    package static func sns(_ messages: [Message]) -> [UInt8] {
        event(messages) { writer, message in
            writer.member("EventVersion", "1.0")
            writer.member("EventSource", "aws:sns")
            writer.member(
                "EventSubscriptionArn", "arn:aws:sns:eu-west-1:123456789012:messages:8a0f")
            writer.name("Sns")
            writer.raw(Array(envelope(message).utf8)[...])
        }
    }

    /// An event of a stream, whose records are lines of JSON; the id of a message is its sequence
    /// number, and its group the partition key.
    package static func kinesis(_ messages: [Message]) -> [UInt8] {
        kinesis(
            messages.map { message in
                var writer = JSONWriter()
                writer.object { line in
                    line.name("attributes")
                    line.object { attributes in
                        for (name, value) in message.attributes { attributes.member(name, value) }
                    }
                    line.member("message", raw: Array(message.body.utf8)[...])
                }
                return (message, writer.bytes + [0x0A])
            })
    }

    /// The same with data of any kind.
    package static func kinesis(_ records: [(message: Message, data: [UInt8])]) -> [UInt8] {
        var data = records.map(\.data).makeIterator()
        return event(records.map(\.message)) { writer, message in
            writer.name("kinesis")
            writer.object { record in
                record.member("kinesisSchemaVersion", "1.0")
                record.member("partitionKey", message.group ?? message.id)
                record.member("sequenceNumber", message.id)
                let text = Base64.encode(data.next() ?? [])
                record.member("data", String(decoding: text, as: UTF8.self))
                record.member("approximateArrivalTimestamp", raw: Array("1773480413.120".utf8)[...])
            }
            writer.member("eventSource", "aws:kinesis")
            writer.member("eventVersion", "1.0")
            writer.member("eventID", "shardId-000000000006:\(message.id)")
            writer.member("eventName", "aws:kinesis:record")
            writer.member("awsRegion", "eu-west-1")
            writer.member(
                "eventSourceARN", "arn:aws:kinesis:eu-west-1:123456789012:stream/messages")
        }
    }

    private static func event(
        _ messages: [Message], _ fill: (inout JSONWriter, Message) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.name("Records")
            event.array { records in
                for message in messages { records.object { fill(&$0, message) } }
            }
        }
        return writer.bytes
    }

    private static func envelope(_ message: Message) -> String {
        var writer = JSONWriter()
        writer.object { envelope in
            envelope.member("Type", "Notification")
            envelope.member("MessageId", message.id)
            envelope.member("TopicArn", "arn:aws:sns:eu-west-1:123456789012:messages")
            envelope.member("Message", message.body)
            envelope.member("Timestamp", "2026-03-14T09:26:53.120Z")
            envelope.name("MessageAttributes")
            envelope.object { attributes in
                for (name, value) in message.attributes {
                    attributes.name(name)
                    attributes.object {
                        $0.member("Type", "String")
                        $0.member("Value", value)
                    }
                }
            }
        }
        return writer.text
    }
}
