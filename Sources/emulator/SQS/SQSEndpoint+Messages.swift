import Formats

/// The actions that work with messages.
extension SQSEndpoint {
    func send(
        _ parameters: SQSParameters, to queue: MessageQueue, at now: Timestamp
    ) throws(SQSError) -> JSONWriter {
        let message = try SQSMessage(parameters, to: queue)
        var writer = JSONWriter()
        let members = try place(message, in: queue, at: now)
        writer.object { writer in
            for member in members { writer.member(member.name, member.value) }
        }
        return writer
    }

    func sendBatch(
        _ parameters: SQSParameters, to queue: MessageQueue, at now: Timestamp
    ) throws(SQSError) -> JSONWriter {
        var read: [(id: String, message: Result<SQSMessage, SQSError>)] = []
        for (id, entry) in try parameters.entries() {
            let message = Result { () throws(SQSError) in try SQSMessage(entry, to: queue) }
            read.append((id, message))
        }
        let size = read.reduce(0) { $0 + ((try? $1.message.get().size) ?? 0) }
        guard size <= QueueSettings.maximumMessageSize else {
            throw .prefixed(
                "BatchRequestTooLong",
                "Batch requests cannot be longer than \(QueueSettings.maximumMessageSize) bytes. "
                    + "You have sent \(size) bytes.")
        }
        var outcomes: [BatchOutcome] = []
        for (id, message) in read {
            do throws(SQSError) {
                let members = try place(try message.get(), in: queue, at: now)
                outcomes.append(BatchOutcome(id: id, error: nil, members: members))
            } catch {
                outcomes.append(BatchOutcome(id: id, error: error))
            }
        }
        return BatchOutcome.reply(outcomes)
    }

    private func place(
        _ message: SQSMessage, in queue: MessageQueue, at now: Timestamp
    ) throws(SQSError) -> [NamedValue] {
        let placed = queue.place(
            QueueMessage(
                body: message.body, attributes: message.attributes, groupID: message.groupID,
                deduplicationID: message.deduplicationID, sent: now),
            at: now, delay: message.delay)
        guard let placed else {
            throw .own("OverLimit", "The queue holds \(MessageQueue.capacity) messages already.")
        }
        var members = [
            NamedValue("MessageId", placed.id),
            NamedValue("MD5OfMessageBody", MessageDigest.body(message.body)),
        ]
        if let digest = MessageDigest.attributes(message.attributes) {
            members.append(NamedValue("MD5OfMessageAttributes", digest))
        }
        if let number = placed.sequenceNumber {
            members.append(NamedValue("SequenceNumber", number))
        }
        return members
    }

    func receive(
        _ parameters: SQSParameters, from queue: MessageQueue
    ) throws(SQSError) -> JSONWriter {
        let count = try parameters.number(
            "MaxNumberOfMessages", in: 1...SQSParameters.maximumEntries)
        let wait = try parameters.number(
            "WaitTimeSeconds", in: 0...QueueSettings.maximumWait)
        let hidden = try parameters.number(
            "VisibilityTimeout", in: 0...QueueSettings.maximumVisibility)
        // The second name is the older spelling of the first.
        let system =
            try parameters.texts("MessageSystemAttributeNames")
            + parameters.texts("AttributeNames")
        let own = try parameters.texts("MessageAttributeNames")
        let messages = queue.receive(
            upTo: count ?? 1, waiting: wait.map { .seconds($0) } ?? queue.settings.wait,
            hiddenFor: hidden.map { .seconds($0) })
        var writer = JSONWriter(reserving: 1024 * messages.count)
        writer.object { writer in
            guard !messages.isEmpty else { return }
            writer.list("Messages", messages) { message, writer in
                writer.object { Self.write(message, system: system, own: own, to: &$0) }
            }
        }
        return writer
    }

    private static func write(
        _ message: QueueMessage, system: [String], own: [String], to writer: inout JSONWriter
    ) {
        writer.member("MessageId", message.id)
        writer.member("ReceiptHandle", message.receipt ?? "")
        writer.member("MD5OfBody", MessageDigest.body(message.body))
        writer.member("Body", message.body)
        let values = message.systemAttributes.filter {
            system.contains($0.name) || system.contains("All")
        }
        if !values.isEmpty {
            writer.name("Attributes")
            writer.object { writer in
                for value in values { writer.member(value.name, value.value) }
            }
        }
        let attributes = message.attributes.filter { attribute in
            own.contains { isNamed(attribute.name, by: $0) }
        }
        guard let digest = MessageDigest.attributes(attributes) else { return }
        writer.member("MD5OfMessageAttributes", digest)
        writer.name("MessageAttributes")
        writer.object { writer in
            for attribute in attributes {
                writer.name(attribute.name)
                writer.object { writer in
                    writer.member(
                        attribute.isBinary ? "BinaryValue" : "StringValue", attribute.value)
                    writer.member("DataType", attribute.type)
                }
            }
        }
    }

    /// A name, the beginning of names before `.*`, or all.
    private static func isNamed(_ name: String, by pattern: String) -> Bool {
        pattern == name || pattern == "All"
            || pattern.hasSuffix(".*") && name.hasPrefix(pattern.dropLast(2))
    }

    func delete(_ parameters: SQSParameters, from queue: MessageQueue) throws(SQSError) {
        // A receipt of a message that is gone, or of an earlier receive, is no error.
        queue.delete(receipts: [try receipt(parameters)])
    }

    func hide(_ parameters: SQSParameters, in queue: MessageQueue) throws(SQSError) {
        let receipt = try receipt(parameters)
        let seconds = try parameters.number(
            "VisibilityTimeout", in: 0...QueueSettings.maximumVisibility)
        guard let seconds else { throw .missing("VisibilityTimeout") }
        try queue.hide(receipt: receipt, for: .seconds(seconds))
    }

    private func receipt(_ parameters: SQSParameters) throws(SQSError) -> String {
        let receipt = try parameters.required("ReceiptHandle")
        guard QueueMessage.isReceipt(receipt) else {
            throw .own(
                "ReceiptHandleIsInvalid",
                "The input receipt handle \"\(receipt)\" is not a valid receipt handle.")
        }
        return receipt
    }
}
