import Formats

/// The actions that work with queues.
extension SQSEndpoint {
    /// The most queues of one answer.
    private static let maximumListed = 1000

    func list(_ parameters: SQSParameters, _ base: String) throws(SQSError) -> JSONWriter {
        let prefix = try parameters.text("QueueNamePrefix") ?? ""
        let count = try parameters.number("MaxResults", in: 1...Self.maximumListed)
        let token = try parameters.text("NextToken")
        // The name of the last queue before.
        let names = queues.all.map(\.queue.name).filter { $0.hasPrefix(prefix) }.sorted()
            .filter { $0 > token ?? "" }
        let page = names.prefix(count ?? Self.maximumListed)
        var writer = JSONWriter()
        writer.object { writer in
            if !page.isEmpty { writer.list("QueueUrls", Array(page)) { $1.string(base + $0) } }
            // Only who asks for pages is told of a next one.
            if count != nil, page.count < names.count, let last = page.last {
                writer.member("NextToken", last)
            }
        }
        return writer
    }

    func create(_ parameters: SQSParameters, _ base: String) throws(SQSError) -> JSONWriter {
        let tags = try parameters.map("tags")
        let queue = try queues.make(
            try parameters.required("QueueName"), attributes: try parameters.map("Attributes"),
            tags: tags)
        return Self.url(of: queue, base)
    }

    func url(_ parameters: SQSParameters, _ base: String) throws(SQSError) -> JSONWriter {
        let owner = try parameters.text("QueueOwnerAWSAccountId")
        guard owner == nil || owner == TemplateScope.accountID else { throw .noSuchQueue }
        return Self.url(of: try queues.queue(named: try parameters.required("QueueName")), base)
    }

    func attributes(
        _ parameters: SQSParameters, of queue: MessageQueue
    ) throws(SQSError) -> JSONWriter {
        let names = try parameters.texts("AttributeNames")
        let depths = queue.depths
        let created = String(queue.created.milliseconds / 1000)
        let all =
            queue.attributes + [
                NamedValue("QueueArn", queue.queue.arn),
                NamedValue("ApproximateNumberOfMessages", String(depths.visible)),
                NamedValue("ApproximateNumberOfMessagesNotVisible", String(depths.inFlight)),
                NamedValue("ApproximateNumberOfMessagesDelayed", String(depths.delayed)),
                NamedValue("CreatedTimestamp", created),
                NamedValue("LastModifiedTimestamp", created),
            ]
        let asked = all.filter { names.contains($0.name) || names.contains("All") }
        var writer = JSONWriter()
        writer.object { writer in
            guard !asked.isEmpty else { return }
            writer.name("Attributes")
            writer.object { writer in
                for attribute in asked { writer.member(attribute.name, attribute.value) }
            }
        }
        return writer
    }

    func tags(of queue: MessageQueue) -> JSONWriter {
        var writer = JSONWriter()
        writer.object { writer in
            let tags = queue.tags.sorted { $0.key < $1.key }
            guard !tags.isEmpty else { return }
            writer.name("Tags")
            writer.object { writer in for (name, value) in tags { writer.member(name, value) } }
        }
        return writer
    }

    private static func url(of queue: MessageQueue, _ base: String) -> JSONWriter {
        var writer = JSONWriter()
        writer.object { $0.member("QueueUrl", base + queue.queue.name) }
        return writer
    }
}
