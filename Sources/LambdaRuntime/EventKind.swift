internal import Formats

/// Who has made an event, as far as its marks tell, for a handler that it was not meant for.
///
/// Source: AWS Lambda Developer Guide, the events of the services that invoke functions.
package struct EventKind: Sendable, Equatable {
    /// A phrase for an error, such as `an event of SQS`; it holds nothing of the event's values.
    package let phrase: String

    package init(of event: [UInt8]) {
        guard let root = try? JSONText(event, malformedUTF8: .kept).root else {
            phrase = "no JSON that can be read"
            return
        }
        phrase = Self.phrase(of: root)
    }

    /// The invocation error of a handler that takes something else.
    ///
    /// An error and no answer: a queue deletes what was answered.
    package func failure(takes wanted: String) -> Failure {
        Failure(
            .function, "UnexpectedEvent",
            message: "This function takes \(wanted), and was handed \(phrase).")
    }

    private static func phrase(of root: JSONValue) -> String {
        guard root.kind == .object else { return "JSON that is no object" }
        guard !root.members.isEmpty else { return "an empty object" }
        if let service = service(ofRecordsIn: root) ?? service(marking: root) {
            return "an event of \(service)"
        }
        if root["methodArn"] != nil || root["routeArn"] != nil {
            return "an event of API Gateway for an authorizer"
        }
        let context = root["requestContext"]
        if context?["connectionId"] != nil { return "an event of a WebSocket API" }
        if context?["elb"] != nil || context?["http"] != nil || root["httpMethod"]?.kind == .string
        {
            return "an HTTP request"
        }
        return "JSON of another kind"
    }

    /// The service that the first of an event's records names.
    private static func service(ofRecordsIn root: JSONValue) -> String? {
        let list = root["Records"] ?? root["records"]
        guard let list, list.kind == .array || list.kind == .object else { return nil }
        let first = list.elements.first
        if first?["cf"] != nil { return "CloudFront" }
        let source = first?["eventSource"] ?? first?["EventSource"] ?? root["eventSource"]
        if let source, let known = services.first(where: { source.equals($0.source) }) {
            return known.name
        }
        if root["deliveryStreamArn"] != nil { return "Firehose" }
        return first == nil ? "some queue or stream, without records" : "some queue or stream"
    }

    /// What events say of their source that come in records, and what people call it.
    private static let services: [(source: String, name: String)] = [
        ("aws:sqs", "SQS"), ("aws:sns", "SNS"), ("aws:s3", "S3"),
        ("aws:dynamodb", "DynamoDB Streams"), ("aws:kinesis", "Kinesis"), ("aws:ses", "SES"),
        ("aws:kafka", "Kafka"), ("SelfManagedKafka", "Kafka"), ("aws:codecommit", "CodeCommit"),
    ]

    /// The service whose events have such members.
    private static func service(marking root: JSONValue) -> String? {
        if root["detail-type"] != nil, root["source"] != nil { return "EventBridge" }
        if root["Service"]?.equals("Amazon S3") == true { return "S3" }
        if root["RequestType"] != nil, root["ResponseURL"] != nil { return "CloudFormation" }
        if root["awslogs"] != nil { return "CloudWatch Logs" }
        if root["triggerSource"] != nil, root["userPoolId"] != nil { return "Cognito" }
        if root["CodePipeline.job"] != nil { return "CodePipeline" }
        if root["rmqMessagesByQueue"] != nil { return "Amazon MQ" }
        if let source = root["eventSource"] {
            if source.equals("aws:mq") { return "Amazon MQ" }
            if source.equals("aws:docdb") { return "DocumentDB" }
        }
        if root["Type"]?.equals("Notification") == true, root["TopicArn"] != nil { return "SNS" }
        return nil
    }
}
