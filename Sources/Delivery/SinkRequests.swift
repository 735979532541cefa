internal import AWS
internal import Formats
internal import Platform
internal import Signing
internal import Transport

/// A destination that is made of sinks.
protocol SinkDestination: Destination {
    var action: SinkAction { get }
    /// Items of one request have the same.
    func sink(of item: Int) -> Sink
}

/// What is asked of a sink.
enum SinkAction {
    case publish, inquire
}

/// The signed requests of one event; they share credentials.
struct SinkRequests: RequestSource {
    let publisher: SinkPublisher
    let target: any SinkDestination
    /// For loading credentials.
    let budget: TimeBudget
    /// Goes with each request, unsigned.
    let traceID: String?
    var credentials: Credentials

    func request(for items: [Int], body: [UInt8]) -> HTTPRequest {
        let sink = target.sink(of: items[0])
        return publisher.signer.request(
            to: publisher.endpoints[sink], headers: sink.service.headers(for: target.action),
            unsigned: traceID.map { [HTTPField("X-Amzn-Trace-Id", $0)] } ?? [], body: body,
            credentials: credentials, at: now)
    }

    private var now: Timestamp { publisher.settings.system.now() }

    mutating func mend(_ remedy: Remedy, after response: HTTPResponse?) {
        switch remedy {
        case .reloadCredentials:
            publisher.credentials.invalidate()
            // If none can be loaded now, the old ones are tried: AWS then tells.
            credentials = (try? publisher.credentials.credentials(within: budget)) ?? credentials
        case .correctClock:
            if let response { publisher.signer.correctClock(by: response, at: now) }
        }
    }
}

extension Sink.Service {
    /// The headers that describe a body: a form for SNS, and JSON for an operation of the others.
    func headers(for action: SinkAction) -> [HTTPField] {
        let operation: String
        switch (self, action) {
        case (.sns, _):
            return [HTTPField("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        case (.sqs, .publish): operation = "AmazonSQS.SendMessageBatch"
        case (.sqs, .inquire): operation = "AmazonSQS.GetQueueAttributes"
        case (.kinesis, .publish): operation = "Kinesis_20131202.PutRecords"
        case (.kinesis, .inquire): operation = "Kinesis_20131202.DescribeStreamSummary"
        case (.firehose, .publish): operation = "Firehose_20150804.PutRecordBatch"
        case (.firehose, .inquire): operation = "Firehose_20150804.DescribeDeliveryStream"
        }
        return [
            HTTPField("Content-Type", "application/x-amz-json-\(endpoint.jsonVersion)"),
            HTTPField("X-Amz-Target", operation),
        ]
    }
}
