internal import AWS
internal import Formats
internal import Transport

/// Publications as SNS takes them: ten in a request, of one topic.
struct Publications: TopicDestination {
    let items: [Publication]

    var count: Int { items.count }
    var maximumItems: Int { PublishBody.maximumEntries }
    var maximumSize: Int { Publication.maximumSize }
    var maximumItemSize: Int { Publication.maximumSize }

    func size(of item: Int) -> Int { items[item].size }

    func topic(of item: Int) -> Topic { items[item].topic }

    func streams(of indices: [Int]) -> [ItemStream] {
        var topics: [Topic] = []
        for index in indices where !topics.contains(items[index].topic) {
            topics.append(items[index].topic)
        }
        return topics.flatMap { topic in
            let own = indices.filter { items[$0].topic == topic }
            return topic.isFIFO
                ? ItemStream.ordered(own) { items[$0].groupID ?? "" }
                : [ItemStream(items: own, isOrdered: false)]
        }
    }

    func body(of indices: [Int]) -> [UInt8] {
        PublishBody.encode(indices, of: items)
    }

    func answer(
        in response: HTTPResponse, to indices: [Int], at now: Timestamp
    ) -> DeliveryAnswer {
        guard response.status == 200 else {
            return .failed(DeliveryFailure(AWSFailure(query: response, at: now)))
        }
        guard let reply = PublishReply(response.body, ids: indices) else {
            return .failed(DeliveryFailure(.unreadable(status: 200)))
        }
        var exceptions: [DeliveryException] = []
        for index in indices {
            switch reply[index] {
            case .accepted: continue
            case .failed(let code, let message, let isSenderFault):
                let failure = AWSFailure(
                    status: isSenderFault ? 400 : 503, code: code, message: message)
                exceptions.append(
                    DeliveryException(item: index, failure: DeliveryFailure(failure)))
            case nil:
                exceptions.append(
                    DeliveryException(
                        item: index, failure: DeliveryFailure(.unreadable(status: 200))))
            }
        }
        return .taken(except: exceptions)
    }
}

extension DeliveryFailure {
    /// An error in SNS's words.
    fileprivate init(_ failure: AWSFailure) {
        self.init(
            failure.kind, reason: failure.reason,
            refusal: failure.concernsMessage ? failure.code.map { .other(code: $0) } : nil)
    }
}

extension AWSFailure {
    /// True when SNS finds fault with what is published, and not with who publishes or where to.
    fileprivate var concernsMessage: Bool {
        guard kind == .permanent, status == 400, let code else { return false }
        let isParameter = [
            "BatchRequestTooLong", "InvalidParameter", "InvalidParameterValue",
            "ParameterValueInvalid", "ValidationException",
        ].contains(code)
        // The topic itself is a parameter too: its ARN is a setting, not the sender's.
        let words = (message ?? "").split { " :,".contains($0) }
        let namesTopic = words.contains { $0 == "TopicArn" || $0 == "TargetArn" }
        return isParameter && !namesTopic
    }
}
