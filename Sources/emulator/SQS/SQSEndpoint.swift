import Formats
import LocalServer
import Platform

/// SQS's API: the actions that work with messages and queues, in AWS JSON 1.0.
///
/// Source: Amazon SQS API Reference, 2012-11-05.
struct SQSEndpoint: Sendable {
    let queues: QueueBook
    let check: SignatureCheck

    private static let target = "AmazonSQS."

    /// True for a call of this protocol.
    static func takes(_ request: LocalRequest) -> Bool {
        request.header("X-Amz-Target")?.hasPrefix(target) == true
    }

    /// Answers one call; `now` is for the signature's age and the messages' times.
    func answer(_ request: LocalRequest, at now: Timestamp = System.wallClock()) -> LocalResponse {
        let requestID = RandomText.uuid()
        do throws(SQSError) {
            if let refusal = check.refusal(of: request, at: now) { throw SQSError(refusal) }
            let reply = try perform(request, at: now)
            return SQSReply.response(200, reply?.bytes ?? [], requestID: requestID)
        } catch {
            Log.refusal(by: "SQS", error.status, error.code ?? error.type, error.message)
            return error.response(
                requestID: requestID, tellsCode: request.header("x-amzn-query-mode") == "true")
        }
    }

    /// The reply; nil for an action that has none, which SQS answers with an empty body.
    private func perform(
        _ request: LocalRequest, at now: Timestamp
    ) throws(SQSError) -> JSONWriter? {
        let action = (request.header("X-Amz-Target") ?? "").dropFirst(Self.target.count)
        guard let text = try? JSONText(request.body), text.root.kind == .object else {
            throw .malformed("The body is no JSON object")
        }
        let parameters = SQSParameters(root: text.root)
        let base = Self.base(of: request)
        switch action {
        case "ListQueues": return try list(parameters, base)
        case "CreateQueue": return try create(parameters, base)
        case "GetQueueUrl": return try url(parameters, base)
        default: return try perform(action, parameters, on: try queue(parameters), at: now)
        }
    }

    /// Performs an action on a queue; nil without a reply.
    private func perform(
        _ action: Substring, _ parameters: SQSParameters, on queue: MessageQueue, at now: Timestamp
    ) throws(SQSError) -> JSONWriter? {
        switch action {
        case "SendMessage": return try send(parameters, to: queue, at: now)
        case "SendMessageBatch": return try sendBatch(parameters, to: queue, at: now)
        case "ReceiveMessage": return try receive(parameters, from: queue)
        case "DeleteMessage": try delete(parameters, from: queue)
        case "DeleteMessageBatch":
            return try batch(parameters) { entry throws(SQSError) in try delete(entry, from: queue)
            }
        case "ChangeMessageVisibility": try hide(parameters, in: queue)
        case "ChangeMessageVisibilityBatch":
            return try batch(parameters) { entry throws(SQSError) in try hide(entry, in: queue) }
        case "GetQueueAttributes": return try attributes(parameters, of: queue)
        case "SetQueueAttributes":
            try queues.change(queue, try parameters.map("Attributes"))
        case "DeleteQueue": queues.remove(queue)
        case "PurgeQueue": queue.purge()
        case "TagQueue": try queue.tag(try parameters.map("Tags"))
        case "UntagQueue": queue.untag(try parameters.texts("TagKeys"))
        case "ListQueueTags": return tags(of: queue)
        default:
            throw .common(
                "UnknownOperationException", status: 404, code: nil,
                "The action \(action) is not emulated")
        }
        return nil
    }

    /// What the URLs of queues begin with: the address by which the caller reaches them.
    private static func base(of request: LocalRequest) -> String {
        "http://\(request.header("Host") ?? "")\(AWSDesk.path)/\(TemplateScope.accountID)/"
    }

    /// The queue of a call, whose URL ends in account and name; the address before is of no account.
    private func queue(_ parameters: SQSParameters) throws(SQSError) -> MessageQueue {
        let url = try parameters.required("QueueUrl")
        let parts = url.split(separator: "/").suffix(2).map(String.init)
        guard parts.count == 2, parts[0] == TemplateScope.accountID else { throw .noSuchQueue }
        return try queues.queue(named: parts[1])
    }

    /// Does the same for each entry of a batch, and says for which it could be done.
    private func batch(
        _ parameters: SQSParameters, _ body: (SQSParameters) throws(SQSError) -> Void
    ) throws(SQSError) -> JSONWriter {
        var outcomes: [BatchOutcome] = []
        for (id, entry) in try parameters.entries() {
            do throws(SQSError) {
                try body(entry)
                outcomes.append(BatchOutcome(id: id, error: nil))
            } catch {
                outcomes.append(BatchOutcome(id: id, error: error))
            }
        }
        return BatchOutcome.reply(outcomes)
    }
}

/// What became of one entry of a batch.
struct BatchOutcome {
    let id: String
    let error: SQSError?
    /// Further members of a success.
    var members: [NamedValue] = []

    static func reply(_ outcomes: [BatchOutcome]) -> JSONWriter {
        var writer = JSONWriter()
        writer.object { writer in
            writer.list("Successful", outcomes.filter { $0.error == nil }) { outcome, writer in
                writer.object { writer in
                    writer.member("Id", outcome.id)
                    for member in outcome.members { writer.member(member.name, member.value) }
                }
            }
            let failed = outcomes.filter { $0.error != nil }
            guard !failed.isEmpty else { return }
            writer.list("Failed", failed) { outcome, writer in
                writer.object { writer in
                    writer.member("Id", outcome.id)
                    writer.member("Code", outcome.error?.code)
                    writer.member("Message", outcome.error?.message)
                    writer.member("SenderFault", true)
                }
            }
        }
        return writer
    }
}
