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
    let traceID: String?
    var credentials: Credentials

    func request(for items: [Int], body: [UInt8]) -> HTTPRequest {
        publisher.request(
            to: target.sink(of: items[0]), for: target.action, body: body,
            credentials: credentials, traceID: traceID)
    }

    mutating func mend(_ remedy: Remedy, after response: HTTPResponse?) {
        switch remedy {
        case .reloadCredentials:
            // Credentials that cannot be loaded now are tried as they are: AWS then tells.
            credentials = publisher.freshCredentials(within: budget) ?? credentials
        case .correctClock:
            if let response { publisher.correctClock(by: response) }
        }
    }
}

extension Sink.Service {
    /// What says what a body is: a form for SNS, and JSON for an operation of the others.
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
