internal import AWS
internal import Formats
internal import Transport

/// A question to SNS about a topic, which publishes nothing.
struct TopicInquiry: TopicDestination {
    let topic: Topic

    var count: Int { 1 }
    var maximumItems: Int { 1 }
    var maximumSize: Int { .max }
    var maximumItemSize: Int { .max }

    func size(of item: Int) -> Int { 0 }

    func streams(of items: [Int]) -> [ItemStream] {
        [ItemStream(items: items, isOrdered: false)]
    }

    func topic(of item: Int) -> Topic { topic }

    func body(of items: [Int]) -> [UInt8] { PublishBody.inquiry(about: topic) }

    func answer(in response: HTTPResponse, to items: [Int], at now: Timestamp) -> DeliveryAnswer {
        if response.status == 200, Self.isAnswer(response.body) { return .taken(except: []) }
        let failure =
            response.status == 200
            ? AWSFailure.unreadable(status: 200) : AWSFailure(query: response, at: now)
        return .failed(DeliveryFailure(failure.kind, reason: failure.reason))
    }

    /// False for what something between here and SNS says, such as a proxy's page.
    private static func isAnswer(_ body: [UInt8]) -> Bool {
        (try? XMLElement.parse(body))?.name == "GetTopicAttributesResponse"
    }
}
