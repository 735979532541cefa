internal import AWS
internal import Formats
internal import Transport

/// A question about a sink, which publishes nothing.
struct SinkInquiry: SinkDestination {
    let sink: Sink
    let endpoints: SinkEndpoints

    var action: SinkAction { .inquire }
    var count: Int { 1 }
    var maximumItemSize: Int { .max }

    func limits(of stream: ItemStream) -> RequestLimits { RequestLimits(items: 1, size: .max) }

    func size(of item: Int) -> Int { 0 }

    func streams(of items: [Int]) -> [ItemStream] {
        [ItemStream(items: items, isOrdered: false)]
    }

    func sink(of item: Int) -> Sink { sink }

    func body(of items: [Int]) -> [UInt8] {
        if sink.service == .sns { return PublishBody.inquiry(about: sink) }
        var writer = JSONWriter()
        writer.object { object in
            switch sink.service {
            case .sns: break
            case .sqs:
                object.member("QueueUrl", sink.queueURL(at: endpoints[sink]))
                object.name("AttributeNames")
                object.array { $0.string("QueueArn") }
            case .kinesis: object.member("StreamARN", sink.arn)
            case .firehose: object.member("DeliveryStreamName", String(sink.name))
            }
        }
        return writer.bytes
    }

    func answer(in response: HTTPResponse, to items: [Int], at now: Timestamp) -> DeliveryAnswer {
        if response.status == 200, isAnswer(response.body) {
            guard takesRecords(response.body) else {
                return .failed(
                    DeliveryFailure(
                        .permanent, reason: "the stream reads another source, and takes no records")
                )
            }
            return .taken(except: [])
        }
        let failure =
            response.status == 200
            ? AWSFailure.unreadable(status: 200) : sink.service.failure(in: response, at: now)
        return .failed(DeliveryFailure(failure.kind, reason: failure.reason))
    }

    /// False for a Firehose stream that is filled from a stream of Kinesis or elsewhere.
    private func takesRecords(_ body: [UInt8]) -> Bool {
        guard sink.service == .firehose, let root = (try? JSONText(body))?.root,
            let type = root["DeliveryStreamDescription"]?["DeliveryStreamType"]
        else { return true }
        return type.equals("DirectPut")
    }

    /// False for what something between here and the service says, such as a proxy's page.
    private func isAnswer(_ body: [UInt8]) -> Bool {
        if sink.service == .sns {
            return (try? XMLElement.parse(body))?.name == "GetTopicAttributesResponse"
        }
        let root = (try? JSONText(body))?.root
        return switch sink.service {
        case .sns: false
        case .sqs: root?["Attributes"]?["QueueArn"] != nil
        case .kinesis: root?["StreamDescriptionSummary"] != nil
        case .firehose: root?["DeliveryStreamDescription"] != nil
        }
    }
}

extension Sink.Service {
    /// What a response with another status than 200 means.
    func failure(in response: HTTPResponse, at now: Timestamp) -> AWSFailure {
        self == .sns
            ? AWSFailure(query: response, at: now) : AWSFailure(json: response, at: now)
    }
}
