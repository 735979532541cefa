import Formats

/// The queue behind the rejected topic, by SQS's JSON protocol.
///
/// Source: Amazon SQS API Reference, 2012-11-05.
struct RejectedQueue {
    static let option = Option(
        name: "queue", value: "URL",
        help: "the queue behind the rejected topic (default: INLET_REJECTED_QUEUE_URL)")
    static let variable = "INLET_REJECTED_QUEUE_URL"
    /// The most messages in one call to SQS.
    private static let batch = 10
    /// Seconds that SQS waits for messages of all its servers.
    private static let wait = 1

    private let url: String
    private let service: QueueService

    init(_ session: Session) throws(InletError) {
        url = try session.required(Self.option, Self.variable)
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw .malformed(
                "--queue or \(Self.variable)",
                expected: "a URL such as https://sqs.eu-west-1.amazonaws.com/123456789012/rejected")
        }
        service = try QueueService(
            session, "the queue of rejected input", region: Self.region(of: url))
    }

    /// Receives up to `limit` messages, and hides them from other readers for so many seconds.
    func receive(limit: Int, hidingFor seconds: Int) throws(InletError) -> [RejectedEntry] {
        let reply = try call("ReceiveMessage") { body in
            body.member("MaxNumberOfMessages", min(limit, Self.batch))
            body.member("VisibilityTimeout", seconds)
            body.member("WaitTimeSeconds", Self.wait)
            // The second name is the older spelling of the first.
            for name in ["MessageSystemAttributeNames", "AttributeNames"] {
                body.name(name)
                body.array { $0.string("SentTimestamp") }
            }
        }
        var entries: [RejectedEntry] = []
        for message in reply["Messages"].map({ Array($0.elements) }) ?? [] {
            guard let entry = RejectedEntry(message: message) else { throw service.unreadable }
            entries.append(entry)
        }
        return entries
    }

    /// About how many messages there are, hidden ones left out.
    func count() throws(InletError) -> Int {
        let name = "ApproximateNumberOfMessages"
        let reply = try call("GetQueueAttributes") { body in
            body.name("AttributeNames")
            body.array { $0.string(name) }
        }
        guard let count = (reply["Attributes"]?[name]?.string).flatMap({ Int($0) }) else {
            throw .replyUnreadable("the queue")
        }
        return count
    }

    func delete(_ entry: RejectedEntry) throws(InletError) {
        _ = try call("DeleteMessage") { $0.member("ReceiptHandle", entry.receipt) }
    }

    /// Shows messages to other readers again.
    ///
    /// If that fails, they come back when their time is over.
    func release(_ entries: [RejectedEntry]) {
        var rest = entries[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.batch)
            rest = rest.dropFirst(Self.batch)
            let result = Result { () throws(InletError) in
                try call("ChangeMessageVisibilityBatch") { body in
                    body.name("Entries")
                    body.array { array in
                        for (index, entry) in some.enumerated() {
                            array.object { object in
                                object.member("Id", "\(index)")
                                object.member("ReceiptHandle", entry.receipt)
                                object.member("VisibilityTimeout", 0)
                            }
                        }
                    }
                }
            }
            if case .failure = result { return }
        }
    }

    private func call(
        _ operation: String, _ fill: (inout JSONWriter) -> Void
    ) throws(InletError) -> JSONValue {
        try service.call(operation) { body in
            body.member("QueueUrl", url)
            fill(&body)
        }
    }

    /// The region in the host of an AWS queue; nil means the configured one.
    static func region(of url: String) -> String? {
        let parts = url.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return nil }
        let labels = parts[2].split(separator: ".")
        guard labels.count > 2, labels[0] == "sqs" || labels[0] == "sqs-fips" else { return nil }
        return String(labels[1])
    }
}
