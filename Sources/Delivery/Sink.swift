internal import AWS

/// Where messages or rejects are published, by its ARN: an SNS topic, an SQS queue, a Kinesis data
/// stream or a Firehose stream.
package struct Sink: Sendable, Hashable {
    /// By the name that ARNs have.
    package enum Service: String, Sendable, CaseIterable {
        case sns, sqs, kinesis, firehose
    }

    package let arn: String
    package let service: Service
    package let region: String
    /// Keeps order in each message group, and drops repeats of a deduplication id for five minutes.
    package let isFIFO: Bool

    /// What a setting expects, for an error.
    package static let form =
        "the ARN of an SNS topic, an SQS queue, a Kinesis stream (…:stream/name) or a Firehose "
        + "stream (…:deliverystream/name), such as arn:aws:sns:eu-west-1:123456789012:messages"

    /// Nil for anything that is not the ARN of a sink.
    package init?(arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts.dropFirst().allSatisfy({ !$0.isEmpty }),
            let service = Service(rawValue: String(parts[2])),
            parts[5].hasPrefix(service.resourcePrefix)
        else { return nil }
        let name = parts[5].dropFirst(service.resourcePrefix.utf8.count)
        guard service.isName(name) else { return nil }
        self.arn = arn
        self.service = service
        region = String(parts[3])
        isFIFO = service.hasFIFO && name.hasSuffix(".fifo")
    }

    /// True if messages have a group, in which what was published first is read first.
    var hasGroups: Bool { isFIFO || service == .kinesis }

    /// The name alone.
    var name: Substring { fields[5].dropFirst(service.resourcePrefix.utf8.count) }

    /// An SQS queue's URL at this endpoint.
    func queueURL(at endpoint: Endpoint) -> String {
        let slash = endpoint.url.hasSuffix("/") ? "" : "/"
        return "\(endpoint.url)\(slash)\(fields[4])/\(name)"
    }

    private var fields: [Substring] { arn.split(separator: ":") }
}

extension Sink.Service {
    /// As people write it.
    package var title: String {
        switch self {
        case .sns: "SNS"
        case .sqs: "SQS"
        case .kinesis: "Kinesis"
        case .firehose: "Firehose"
        }
    }

    /// What it calls a sink.
    package var noun: String {
        switch self {
        case .sns: "topic"
        case .sqs: "queue"
        case .kinesis, .firehose: "stream"
        }
    }

    /// What publishing takes, as policies have it.
    package var right: String {
        switch self {
        case .sns: "sns:Publish"
        case .sqs: "sqs:SendMessage"
        case .kinesis: "kinesis:PutRecords"
        case .firehose: "firehose:PutRecordBatch"
        }
    }

    /// What asking about a sink takes.
    package var inquiry: String {
        switch self {
        case .sns: "sns:GetTopicAttributes"
        case .sqs: "sqs:GetQueueAttributes"
        case .kinesis: "kinesis:DescribeStreamSummary"
        case .firehose: "firehose:DescribeDeliveryStream"
        }
    }

    var endpoint: AWSService {
        switch self {
        case .sns: .sns
        case .sqs: .sqs
        case .kinesis: .kinesis
        case .firehose: .firehose
        }
    }

    fileprivate var hasFIFO: Bool { self == .sns || self == .sqs }

    /// What stands before the name in an ARN.
    fileprivate var resourcePrefix: String {
        switch self {
        case .sns, .sqs: ""
        case .kinesis: "stream/"
        case .firehose: "deliverystream/"
        }
    }

    /// Up to 256 letters, digits, hyphens and underscores, and `.fifo` at the end of some; streams
    /// have periods too.
    fileprivate func isName(_ name: Substring) -> Bool {
        let stem = hasFIFO && name.hasSuffix(".fifo") ? name.dropLast(5) : name
        return (1...256).contains(name.utf8.count) && !stem.isEmpty
            && stem.utf8.allSatisfy {
                ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") && !hasFIFO
            }
    }
}
