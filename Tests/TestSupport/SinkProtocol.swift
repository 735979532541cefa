import Formats

/// A request to SQS, Kinesis or Firehose by its JSON protocol, and what these services answer.
///
/// Source: botocore 1.43.108, `service-2.json` of the three services.
struct SinkProtocol {
    private enum Service {
        case sqs, kinesis, firehose
    }

    let action: String
    private let service: Service
    private let root: JSONValue
    private let region: String

    /// Nil for a form, as SNS takes it.
    init?(_ request: SocketServer.Request) {
        guard let target = request["x-amz-target"]?.split(separator: "."), target.count == 2,
            let root = (try? JSONText(request.body))?.root
        else { return nil }
        switch (target[0], request["content-type"]) {
        case ("AmazonSQS", "application/x-amz-json-1.0"): service = .sqs
        case ("Kinesis_20131202", "application/x-amz-json-1.1"): service = .kinesis
        case ("Firehose_20150804", "application/x-amz-json-1.1"): service = .firehose
        default: return nil
        }
        action = String(target[1])
        self.root = root
        // AKID/20260105/eu-west-1/sqs/aws4_request
        let scope = request["authorization"]?.split(separator: "Credential=").last ?? ""
        let fields = scope.split(separator: "/")
        region = fields.count > 2 ? String(fields[2]) : ""
    }

    /// What is published, with the ARN of where it goes; the id of a record is its place.
    var entries: [(id: String, publication: SNSStandIn.Publication)] {
        let list = root[service == .sqs ? "Entries" : "Records"].map { Array($0.elements) } ?? []
        return list.enumerated().map { place, entry in
            service == .sqs
                ? (entry["Id"]?.string ?? "", message(entry)) : (String(place), record(entry))
        }
    }

    private var arn: String {
        switch service {
        case .sqs:
            let path = (root["QueueUrl"]?.string ?? "").split(separator: "/").suffix(2)
            return "arn:aws:sqs:\(region):\(path.joined(separator: ":"))"
        case .kinesis: return root["StreamARN"]?.string ?? ""
        case .firehose:
            let name = root["DeliveryStreamName"]?.string ?? ""
            return "arn:aws:firehose:\(region):123456789012:deliverystream/\(name)"
        }
    }

    private func message(_ entry: JSONValue) -> SNSStandIn.Publication {
        var attributes: [String: String] = [:]
        for member in entry["MessageAttributes"]?.members.map({ $0 }) ?? []
        where member.value["DataType"]?.equals("String") == true {
            attributes[member.name.string ?? ""] = member.value["StringValue"]?.string
        }
        return SNSStandIn.Publication(
            topic: arn, text: entry["MessageBody"]?.string ?? "", attributes: attributes,
            groupID: entry["MessageGroupId"]?.string,
            deduplicationID: entry["MessageDeduplicationId"]?.string)
    }

    /// A record is a line of JSON; what is none has no text.
    private func record(_ entry: JSONValue) -> SNSStandIn.Publication {
        let line = entry["Data"]?.utf8.flatMap { Base64.decode($0) } ?? []
        let isLine = line.filter { $0 == 0x0A }.count == 1 && line.last == 0x0A
        let root = isLine ? (try? JSONText(line))?.root : nil
        var attributes: [String: String] = [:]
        for member in root?["attributes"]?.members.map({ $0 }) ?? [] {
            attributes[member.name.string ?? ""] = member.value.string
        }
        return SNSStandIn.Publication(
            topic: arn,
            text: root?["message"].map { String(decoding: $0.raw, as: UTF8.self) } ?? "",
            attributes: attributes, groupID: entry["PartitionKey"]?.string)
    }

    /// The answer with status 200; `failing` by the ids of the entries.
    func answer(
        to call: SNSStandIn.Call, failing: [String: (code: String, isSenderFault: Bool)]
    ) -> SocketServer.Reply {
        var writer = JSONWriter()
        writer.object { object in
            switch action {
            case "GetQueueAttributes":
                object.name("Attributes")
                object.object { $0.member("QueueArn", arn) }
            case "DescribeStreamSummary":
                object.name("StreamDescriptionSummary")
                object.object { $0.member("StreamARN", arn) }
            case "DescribeDeliveryStream":
                object.name("DeliveryStreamDescription")
                object.object { $0.member("DeliveryStreamARN", arn) }
            case "SendMessageBatch": results(of: call, failing, in: &object)
            default:
                let failed = call.entries.count { failing[$0.id] != nil }
                object.member(
                    service == .kinesis ? "FailedRecordCount" : "FailedPutCount", failed)
                object.name(service == .kinesis ? "Records" : "RequestResponses")
                object.array { list in
                    for entry in call.entries {
                        list.object { record in
                            if let failure = failing[entry.id] {
                                record.member("ErrorCode", failure.code)
                                record.member("ErrorMessage", "no")
                            } else if service == .kinesis {
                                record.member("SequenceNumber", "4959\(call.number)")
                                record.member("ShardId", "shardId-000000000000")
                            } else {
                                record.member("RecordId", "r-\(call.number)")
                            }
                        }
                    }
                }
            }
        }
        return .response(
            status: 200, headers: [("Content-Type", "application/x-amz-json-1.1")],
            body: writer.bytes)
    }

    private func results(
        of call: SNSStandIn.Call, _ failing: [String: (code: String, isSenderFault: Bool)],
        in object: inout JSONWriter
    ) {
        object.name("Successful")
        object.array { list in
            for entry in call.entries where failing[entry.id] == nil {
                list.object {
                    $0.member("Id", entry.id)
                    $0.member("MessageId", "m")
                }
            }
        }
        object.name("Failed")
        object.array { list in
            for (id, failure) in failing {
                list.object {
                    $0.member("Id", id)
                    $0.member("SenderFault", failure.isSenderFault)
                    $0.member("Code", failure.code)
                    $0.member("Message", "no")
                }
            }
        }
    }

    /// An error as the JSON protocols have it.
    func error(_ status: Int, _ code: String, _ message: String) -> SocketServer.Reply {
        let namespace = service == .sqs ? "com.amazonaws.sqs#" : ""
        return .text(
            status, #"{"__type":"\#(namespace)\#(code)","message":"\#(message)"}"#,
            [("Content-Type", "application/x-amz-json-1.0")])
    }
}
