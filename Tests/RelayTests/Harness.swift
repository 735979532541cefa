import AWS
import Delivery
import Formats
import Platform
import Relay
import Secrets
import TestSupport
import Testing

@testable import LambdaRuntime
@testable import Transport

/// The forwarder with stand-ins for Segment and SNS, without a process around it.
final class Harness {
    static let rejected = "arn:aws:sns:eu-west-1:123456789012:rejected"
    /// 2026-01-05T10:00:00.500Z.
    static let now = Timestamp(milliseconds: 1_767_607_200_500)

    let segment: SegmentStandIn
    let sns: SNSStandIn
    private let log: LogFile
    private let forwarder: Forwarder

    init(
        key: String = SegmentStandIn.writeKey, hasRejectedTopic: Bool = true,
        fault: @escaping SegmentStandIn.Fault = { _, _ in nil },
        rejecting: @escaping SNSStandIn.Fault = { _, _ in nil }
    ) throws {
        let segment = try SegmentStandIn(fault: fault)
        let sns = try SNSStandIn(fault: rejecting)
        (self.segment, self.sns) = (segment, sns)
        let variables = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "aws-secret-of-the-tests", "AWS_ENDPOINT_URL": sns.url,
            "INLET_SEGMENT_WRITE_KEY": key,
        ]
        SecretWatch.shared.keep(environment: variables)
        log = try LogFile()
        let system = System(
            environment: { variables[$0] }, random: { 0.01 }, sleep: { _ in })
        let settings = AWSSettings(system)
        let credentials = CredentialChain(settings)
        let topic = hasRejectedTopic ? Sink(arn: Self.rejected) : nil
        forwarder = Forwarder(
            segment: try SegmentPublisher(
                try #require(SegmentEndpoint(segment.url)), system: system),
            writeKey: SettingSecret(
                try Secret(key),
                SecretCache(ReferenceReader(AWSClient(settings, credentials: credentials)))),
            rejectedTopic: topic,
            publisher: try SinkPublisher(
                sinks: topic.map { [$0] } ?? [], settings: settings, credentials: credentials,
                attemptTimeout: .seconds(600)),
            log: Logger(
                level: .trace, format: .json, output: log.descriptor, now: { Self.now }),
            slot: EventSlot())
    }

    /// An invocation that Lambda gives this long; nil is ten seconds that begin in ten minutes, so
    /// that no deadline comes near however busy the machine is.
    static func invocation(_ event: [UInt8], limit: Duration? = nil) throws -> Invocation {
        var headers = HTTPFieldLines()
        let deadline = now.milliseconds + Int64((limit ?? .seconds(10)).milliseconds)
        headers.append(line: Array("lambda-runtime-aws-request-id: lambda-request-1".utf8))
        headers.append(line: Array("lambda-runtime-deadline-ms: \(deadline)".utf8))
        return try Invocation(
            HTTPResponse(status: 200, headers: headers, body: event), receivedAt: now,
            received: .now + (limit == nil ? .seconds(600) : .zero))
    }

    func answer(_ event: [UInt8], limit: Duration? = nil) throws -> Answer {
        defer { log.look() }
        return forwarder.answer(try Self.invocation(event, limit: limit))
    }

    /// The ids that the answer to an event of SQS gives back.
    func failures(_ event: [UInt8], limit: Duration? = nil) throws -> [String] {
        try Self.failures(in: answer(event, limit: limit))
    }

    static func failures(in answer: Answer) throws -> [String] {
        switch answer {
        case .failure(let failure): throw failure
        case .response(let bytes):
            let list = try #require(try JSONText(bytes).root["batchItemFailures"])
            return list.elements.compactMap { $0["itemIdentifier"]?.string }
        }
    }

    /// What the rejected topic has, by code.
    var rejects: [(code: String?, body: String?, destination: String?)] {
        sns.published.map { publication in
            let json = (try? JSONText(Array(publication.text.utf8)))?.root
            return (
                json?["code"]?.string, json?["body"]?.string, json?["destination"]?.string
            )
        }
    }
}

/// A message as Inlet publishes it.
func track(_ id: String, more: String = "") -> String {
    #"{"type":"track","messageId":"\#(id)","userId":"u","event":"E","properties":{"n":1.10}\#(more)}"#
}

func message(
    _ id: String, sender: String? = "customerio", group: String? = nil
) -> QueueEvents.Message {
    .init(
        track(id), id: "r-\(id)",
        attributes: [("partner", "cio")] + (sender.map { [("sender", $0)] } ?? []), group: group)
}
