import Formats
import Platform

/// Messages of one queue that a function handles together.
///
/// Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS".
struct QueueBatch {
    let messages: [QueueMessage]
    let queue: Template.Queue
    let region: String

    /// The function's event.
    var event: [UInt8] {
        var writer = JSONWriter(reserving: 1024 * messages.count)
        writer.object { writer in
            writer.name("Records")
            writer.array { writer in
                for message in messages { writer.object { write(message, to: &$0) } }
            }
        }
        return writer.bytes
    }

    private func write(_ message: QueueMessage, to writer: inout JSONWriter) {
        writer.member("messageId", message.id)
        writer.member("receiptHandle", message.receipt ?? "")
        writer.member("body", message.body)
        writer.name("attributes")
        writer.object { writer in
            for value in message.systemAttributes { writer.member(value.name, value.value) }
        }
        writer.name("messageAttributes")
        writer.object { writer in
            for attribute in message.attributes {
                writer.name(attribute.name)
                writer.object { writer in
                    writer.member(
                        attribute.isBinary ? "binaryValue" : "stringValue", attribute.value)
                    for list in ["stringListValues", "binaryListValues"] {
                        writer.name(list)
                        writer.array { _ in }
                    }
                    writer.member("dataType", attribute.type)
                }
            }
        }
        writer.member("eventSource", "aws:sqs")
        writer.member("eventSourceARN", queue.arn)
        writer.member("awsRegion", region)
    }

    /// The messages that are done after the function's answer, and leave the queue.
    ///
    /// Source: AWS Lambda Developer Guide, "Handling errors for an SQS event source", success and
    /// failure conditions.
    func done(after result: InvocationResult, takesPartialResponses: Bool) -> [QueueMessage] {
        guard case .success(let body) = result else { return [] }
        guard takesPartialResponses else { return messages }
        guard let root = (try? JSONText(body))?.root else { return [] }
        if root.isNull { return messages }
        guard root.kind == .object else { return [] }
        guard let list = root["batchItemFailures"]?.unlessNull else { return messages }
        guard list.kind == .array else { return [] }
        var failed: Set<String> = []
        for failure in list.elements {
            // An answer that names anything but a message of the batch fails the whole batch.
            guard let id = failure["itemIdentifier"]?.string,
                messages.contains(where: { $0.id == id })
            else { return [] }
            failed.insert(id)
        }
        return messages.filter { !failed.contains($0.id) }
    }
}
