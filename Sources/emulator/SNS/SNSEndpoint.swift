import Formats
import LocalServer
import Platform

/// SNS's query API: publishing, and the subscriptions of queues.
struct SNSEndpoint: Sendable {
    let topics: [Template.Topic]
    let check: SignatureCheck
    let store: MessageStore
    var subscriptions = SubscriptionBook([])
    var faults = SNSFaults()

    static let maximumEntries = 10

    /// Answers one call; `now` is for the signature's age and the messages' times.
    func answer(_ request: LocalRequest, at now: Timestamp = System.wallClock()) -> LocalResponse {
        let requestID = RandomText.uuid()
        do throws(SNSError) {
            if let refusal = check.refusal(of: request, at: now) { throw refusal }
            try faults.apply()
            let form = try form(request)
            guard let action = form["Action"] else {
                throw SNSError(400, "MissingAction", "The request must contain an Action")
            }
            let xml = try perform(action, form, at: now)
            return SNSReply.xml(
                200,
                "<\(action)Response xmlns=\"\(SNSReply.namespace)\">"
                    + (xml.isEmpty ? "" : "<\(action)Result>\(xml)</\(action)Result>")
                    + "<ResponseMetadata><RequestId>\(requestID)</RequestId></ResponseMetadata>"
                    + "</\(action)Response>",
                requestID: requestID)
        } catch {
            Log.refusal(by: "SNS", error.status, error.code, error.message)
            return error.response(requestID: requestID)
        }
    }

    private func form(_ request: LocalRequest) throws(SNSError) -> SNSForm {
        guard request.method == "POST" || request.method == "GET" else {
            throw SNSError(400, "InvalidAction", "Only GET and POST are served")
        }
        let form = try SNSForm(request)
        guard form["Action"] == nil || form["Version"] == "2010-03-31" else {
            throw SNSError(400, "InvalidAction", "Could not find operation for that version")
        }
        return form
    }

    private func perform(
        _ action: String, _ form: SNSForm, at now: Timestamp
    ) throws(SNSError) -> String {
        switch action {
        case "Publish": return try publish(form, at: now)
        case "PublishBatch": return try publishBatch(form, at: now)
        case "GetTopicAttributes": return try attributes(form)
        case "ListTopics": return listTopics()
        case "Subscribe": return try subscribe(form)
        case "Unsubscribe": return try unsubscribe(form)
        case "ListSubscriptions": return list(subscriptions.all)
        case "ListSubscriptionsByTopic":
            return list(subscriptions.of(topic: try topic(form).arn))
        case "GetSubscriptionAttributes": return try subscriptionAttributes(form)
        case "SetSubscriptionAttributes": return try setSubscriptionAttribute(form)
        default: throw SNSError(400, "InvalidAction", "The action \(action) is not emulated")
        }
    }

    func topic(_ form: SNSForm) throws(SNSError) -> Template.Topic {
        let targets = [form["TopicArn"], form["TargetArn"]].compactMap { $0 }
        guard targets.count == 1, form["PhoneNumber"] == nil else {
            throw .invalidParameter("TopicArn or TargetArn Reason: exactly one is required")
        }
        guard let topic = topics.first(where: { $0.arn == targets[0] }) else {
            guard targets[0].hasPrefix("arn:aws:sns:\(check.region):") else {
                throw .invalidParameter("TopicArn")
            }
            throw SNSError(404, "NotFound", "Topic does not exist")
        }
        return topic
    }

    /// A topic's attributes: only the ARN.
    private func attributes(_ form: SNSForm) throws(SNSError) -> String {
        "<Attributes><entry><key>TopicArn</key><value>\(try topic(form).arn)</value></entry></Attributes>"
    }

    private func publish(_ form: SNSForm, at now: Timestamp) throws(SNSError) -> String {
        let topic = try topic(form)
        let message = try SNSMessage(form, prefix: "", topic: topic)
        return Self.xml(store.add(message, to: topic, at: now))
    }

    private func publishBatch(_ form: SNSForm, at now: Timestamp) throws(SNSError) -> String {
        let topic = try topic(form)
        let prefixes = try form.elements(of: "PublishBatchRequestEntries.member")
        let ids = try Self.entryIDs(of: form, prefixes)
        var outcomes: [(id: String, outcome: Result<SNSMessage, SNSError>)] = []
        for (id, prefix) in zip(ids, prefixes) {
            do throws(SNSError) {
                let message = try SNSMessage(form, prefix: prefix, topic: topic)
                outcomes.append((id, .success(message)))
            } catch {
                outcomes.append((id, .failure(error)))
            }
        }
        let total = prefixes.reduce(0) { $0 + (form[$1 + "Message"]?.utf8.count ?? 0) }
        let sizes = outcomes.map { outcome in (try? outcome.outcome.get().size) ?? 0 }
        guard max(total, sizes.reduce(0, +)) <= SNSMessage.maximumSize else {
            throw SNSError(
                400, "BatchRequestTooLong",
                "The length of all the batch messages put together is more than the limit")
        }
        return batchXML(outcomes, topic, at: now)
    }

    /// The ids of a batch's entries: one to ten, all different.
    private static func entryIDs(
        of form: SNSForm, _ prefixes: [String]
    ) throws(SNSError) -> [String] {
        guard !prefixes.isEmpty else {
            throw SNSError(400, "EmptyBatchRequest", "The batch request has no entries")
        }
        guard prefixes.count <= maximumEntries else {
            throw SNSError(
                400, "TooManyEntriesInBatchRequest",
                "The batch request contains more entries than permissible")
        }
        var ids: [String] = []
        for prefix in prefixes {
            guard let id = form[prefix + "Id"], isValid(entryID: id) else {
                throw SNSError(
                    400, "InvalidBatchEntryId",
                    "The Id of a batch entry doesn't abide by the specification")
            }
            ids.append(id)
        }
        guard Set(ids).count == ids.count else {
            throw SNSError(
                400, "BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id")
        }
        return ids
    }

    private func batchXML(
        _ outcomes: [(id: String, outcome: Result<SNSMessage, SNSError>)],
        _ topic: Template.Topic, at now: Timestamp
    ) -> String {
        var successful = ""
        var failed = ""
        for (id, outcome) in outcomes {
            switch outcome {
            case .success(let message):
                let receipt = Self.xml(store.add(message, to: topic, at: now))
                successful += "<member><Id>\(id)</Id>\(receipt)</member>"
            case .failure(let error):
                failed +=
                    "<member><Id>\(id)</Id><Code>\(error.code)</Code>"
                    + "<Message>\(SNSReply.escape(error.message))</Message>"
                    + "<SenderFault>true</SenderFault></member>"
            }
        }
        return "<Successful>\(successful)</Successful>"
            + (failed.isEmpty ? "<Failed/>" : "<Failed>\(failed)</Failed>")
    }

    private static func xml(_ receipt: MessageStore.Receipt) -> String {
        let sequence = receipt.sequenceNumber.map { "<SequenceNumber>\($0)</SequenceNumber>" }
        return "<MessageId>\(receipt.messageID)</MessageId>\(sequence ?? "")"
    }

    /// By the rule for ids that SNS and SQS share.
    static func isValid(entryID: String) -> Bool {
        (1...80).contains(entryID.utf8.count)
            && entryID.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "_-".utf8.contains(byte)
            }
    }
}
