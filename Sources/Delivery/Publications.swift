internal import AWS
internal import Formats
internal import Transport

/// Publications as their sinks take them: many in a request, of one sink.
struct Publications: SinkDestination {
    let items: [Publication]
    let endpoints: SinkEndpoints
    private let forms = EntryForms()

    init(items: [Publication], endpoints: SinkEndpoints) {
        self.items = items
        self.endpoints = endpoints
    }

    var action: SinkAction { .publish }
    var count: Int { items.count }
    /// The same of all sinks: whether a message is taken does not depend on where it goes.
    var maximumItemSize: Int { Publication.maximumSize }

    func size(of item: Int) -> Int { items[item].size }

    func sink(of item: Int) -> Sink { items[item].sink }

    func limits(of stream: ItemStream) -> RequestLimits { limits(of: stream.items) }

    private func limits(of indices: [Int]) -> RequestLimits {
        switch items[indices[0]].sink.service {
        case .sns: PublishBody.limits
        case .sqs: QueueBody.limits
        case .kinesis, .firehose: StreamBody.limits
        }
    }

    func streams(of indices: [Int]) -> [ItemStream] {
        var sinks: [Sink] = []
        var last: PublicationHeader?
        for index in indices where items[index].header !== last {
            last = items[index].header
            if !sinks.contains(items[index].sink) { sinks.append(items[index].sink) }
        }
        return sinks.flatMap { sink in
            let own = sinks.count == 1 ? indices : indices.filter { items[$0].sink == sink }
            guard sink.hasGroups else { return [ItemStream(items: own, isOrdered: false)] }
            // A stream's request takes hundreds: fewer of them are full, and as fast.
            let count = sink.isFIFO ? nil : own.count / limits(of: own).items + 1
            return ItemStream.ordered(own, streams: count) { items[$0].groupID ?? "" }
        }
    }

    func body(of indices: [Int]) -> [UInt8] {
        let sink = items[indices[0]].sink
        return switch sink.service {
        case .sns: PublishBody.encode(indices, of: items, with: forms)
        case .sqs: QueueBody.encode(indices, of: items, to: sink.queueURL(at: endpoints[sink]))
        case .kinesis, .firehose: StreamBody.encode(indices, of: items, to: sink)
        }
    }

    func answer(
        in response: HTTPResponse, to indices: [Int], at now: Timestamp
    ) -> DeliveryAnswer {
        let service = items[indices[0]].sink.service
        guard response.status == 200 else {
            return .failed(DeliveryFailure(service.failure(in: response, at: now), of: service))
        }
        let reply =
            switch service {
            case .sns: PublishReply(response.body, ids: indices)
            case .sqs: QueueBody.reply(response.body, ids: indices)
            case .kinesis, .firehose: StreamBody.reply(response.body, to: indices, service)
            }
        guard let reply else {
            return .failed(DeliveryFailure(.unreadable(status: 200), of: service))
        }
        var exceptions: [DeliveryException] = []
        for (index, entry) in zip(indices, reply.entries) {
            switch entry {
            case .accepted: continue
            case .failed(let code, let message, let isSenderFault):
                let failure = AWSFailure(
                    status: isSenderFault ? 400 : 503, code: code, message: message)
                exceptions.append(
                    DeliveryException(
                        item: index, failure: DeliveryFailure(failure, of: service)))
            case nil:
                exceptions.append(
                    DeliveryException(
                        item: index, failure: DeliveryFailure(.unreadable(status: 200), of: service)
                    ))
            }
        }
        return .taken(except: exceptions)
    }
}

extension DeliveryFailure {
    /// An error in a sink's words.
    fileprivate init(_ failure: AWSFailure, of service: Sink.Service) {
        self.init(
            failure.kind, reason: failure.reason,
            refusal: failure.concernsMessage(to: service)
                ? failure.code.map { .other(code: $0) } : nil)
    }
}

extension AWSFailure {
    /// True when a sink finds fault with what is published, and not with who publishes or where to.
    ///
    /// In doubt it is not the message: a sender drops what is refused, and sends the rest again.
    fileprivate func concernsMessage(to service: Sink.Service) -> Bool {
        guard kind == .permanent, status == 400, let code, Self.codesOfParameters.contains(code)
        else { return false }
        // The sink itself is a parameter too: its ARN is a setting, not the sender's.
        let words = (message ?? "").lowercased().split { " :,'.".contains($0) }
        switch service {
        case .sns, .sqs: return !words.contains { Self.namesOfSinks.contains(String($0)) }
        // The same code says that a stream takes no records at all.
        case .kinesis, .firehose:
            return words.contains { Self.namesOfRecords.contains(String($0)) }
        }
    }

    private static let codesOfParameters = [
        "BatchRequestTooLong", "InvalidArgumentException", "InvalidAttributeValue",
        "InvalidMessageContents", "InvalidParameter", "InvalidParameterValue",
        "InvalidParameterValueException", "ParameterValueInvalid", "ValidationException",
    ]

    private static let namesOfSinks = [
        "topicarn", "targetarn", "queueurl", "streamname", "streamarn", "deliverystreamname",
    ]

    private static let namesOfRecords = ["record", "records", "data", "partitionkey"]
}
