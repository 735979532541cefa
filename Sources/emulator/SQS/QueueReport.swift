import Formats
import LocalServer

/// `GET /_inlet/queues`: the contents of the queues, as JSON lines.
struct QueueReport: Sendable {
    let queues: QueueBook

    /// A line per queue; with `?queue=NAME`, a line per message in it, the oldest first.
    func answer(_ request: LocalRequest) -> LocalResponse {
        let name = PercentEncoding.pairs(Array((request.query ?? "").utf8))
            .first { $0.name == Array("queue".utf8) }
            .map { String(decoding: $0.value, as: UTF8.self) }
        var lines: [UInt8] = []
        for queue in queues.all {
            guard let name else {
                lines += Self.line(queue) + [UInt8(ascii: "\n")]
                continue
            }
            guard name == queue.queue.name || name == queue.queue.arn else { continue }
            for message in queue.messages { lines += Self.line(message) + [UInt8(ascii: "\n")] }
        }
        return LocalResponse(
            headers: [HTTPField("Content-Type", "application/x-ndjson")], body: lines)
    }

    private static func line(_ queue: MessageQueue) -> [UInt8] {
        let depths = queue.depths
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("queue", queue.queue.name)
            writer.member("arn", queue.queue.arn)
            writer.member("visible", depths.visible)
            writer.member("inFlight", depths.inFlight)
            writer.member("done", depths.done)
            if let redrive = queue.queue.redrive {
                writer.member("deadLetterQueueArn", redrive.deadLetterQueue)
            }
        }
        return writer.bytes
    }

    private static func line(_ message: QueueMessage) -> [UInt8] {
        var writer = JSONWriter(reserving: 256 + message.body.utf8.count)
        writer.object { writer in
            writer.member("messageId", message.id)
            writer.member("body", message.body)
            writer.name("attributes")
            writer.object { writer in
                for attribute in message.attributes {
                    writer.member(attribute.name, attribute.value)
                }
            }
            writer.member("receives", message.receives)
            writer.member("sentAt", message.sent.rfc3339 ?? "")
            if let group = message.groupID { writer.member("messageGroupId", group) }
            if let source = message.source { writer.member("deadLetterSourceArn", source) }
        }
        return writer.bytes
    }
}
