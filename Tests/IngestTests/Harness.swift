import AWS
import Delivery
import Formats
import Ingest
import Platform
import Secrets
import Store
import TestSupport
import Testing

@testable import LambdaRuntime
@testable import Transport

/// The collector with a stand-in for SNS, without a process around it.
final class Harness {
    static let topic = "arn:aws:sns:eu-west-1:123456789012:messages"
    static let rejected = "arn:aws:sns:eu-west-1:123456789012:rejected"
    /// The present: 2026-01-05T10:00:00.500Z.
    static let now = Timestamp(milliseconds: 1_767_607_200_500)

    /// Senders of a Segment workspace's partner, as a member of its configuration.
    static let segment = #""senders":["segment-api","segment-destination"]"#

    static let partners = #"""
        [{"name":"web-app","id":"p-1","webhook_token":"wk_live_51xQ","validation_config":{\#(segment)}},
         {"name":"signed","webhook_token":"signed-token",
          "validation_config":{\#(segment),"signing":{"scheme":"segment","secrets":["old","segment-shared-secret"]}}},
         {"name":"other-scheme","webhook_token":"other-token",
          "validation_config":{\#(segment),"signing":{"scheme":"customerio","secrets":["segment-shared-secret"]}}},
         {"name":"near","webhook_token":"near-token","validation_config":{\#(segment),"allowed_ips":["203.0.113.0/28"]}},
         {"name":"far","webhook_token":"far-token","validation_config":{\#(segment),"allowed_ips":["198.51.100.0/24","2001:db8::/32"]}},
         {"name":"idle","webhook_token":"idle-token","status":"INACTIVE","validation_config":{\#(segment)}},
         {"name":"banned","webhook_token":"banned-token","status":"SUSPENDED","validation_config":{\#(segment)}},
         {"name":"gone","webhook_token":"gone-token","deleted_at":"2026-01-01T00:00:00.000Z","validation_config":{\#(segment)}},
         {"name":"rotating","validation_config":{\#(segment)},
          "webhook_token":["one-token","sha256:f030a8ac87b31b5a76b4d5f5c821bfa8d4087db95189299a17832426a95b4e3a"]},
         {"name":"cyrillic","webhook_token":"ключ","validation_config":{\#(segment)}},
         {"name":"mapped","webhook_token":"mapped-token","validation_config":{"senders":["partner"],
          "required_fields":["data.total","/x/0"],"event_types":["order.shipped"],"max_bytes":100000,
          "mapping":{"type":["/kind",{"const":"track"}],"userId":["/data/user_id","/data/n/0/a"],"traits":""}}}]
        """#

    let sns: SNSStandIn
    private let watch: SecretWatch
    private let log: LogFile
    private let topics: (messages: String, rejected: String)
    private let collector: Collector

    init(
        rejectedTopic: Bool = true, isFIFO: Bool = false, sink: String = Harness.topic,
        partners: String = Harness.partners,
        logLevel: LogLevel = .trace, build: String = "unknown", watch: SecretWatch = .shared,
        fault: @escaping SNSStandIn.Fault = { _, _ in nil }
    ) throws {
        let sns = try SNSStandIn(watch: watch, fault: fault)
        self.sns = sns
        self.watch = watch
        log = try LogFile(watch: watch)
        let variables = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "aws-secret-of-the-tests", "AWS_ENDPOINT_URL": sns.url,
            "INLET_PARTNERS": partners,
        ]
        watch.keep(environment: variables)
        let settings = AWSSettings(
            System(environment: { variables[$0] }, random: { 0.01 }))
        let credentials = CredentialChain(settings)
        let client = AWSClient(settings, credentials: credentials)
        let suffix = isFIFO ? ".fifo" : ""
        topics = (sink + suffix, Self.rejected + suffix)
        let topic = try #require(Sink(arn: topics.messages))
        let rejected = rejectedTopic ? Sink(arn: topics.rejected) : nil
        collector = Collector(
            topic: topic, rejectedTopic: rejected,
            partners: try PartnerSource(partners).book(client, at: Self.now),
            secrets: SecretCache(ReferenceReader(client)),
            publisher: try SinkPublisher(
                sinks: [topic] + (rejected.map { [$0] } ?? []), settings: settings,
                credentials: credentials, attemptTimeout: .seconds(600)),
            log: Logger(
                level: logLevel, format: .json, output: log.descriptor, now: { Self.now }),
            build: build,
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            })
    }

    /// The lines of the log so far.
    func lines() throws -> [JSONValue] {
        try log.text.split(separator: "\n").map { try JSONText(Array($0.utf8)).root }
    }

    /// A reply as the front reads it.
    struct Reply {
        let status: Int
        let headers: JSONValue
        let body: [UInt8]
        let isBase64: Bool

        /// The body without the ids by which its request and the only message are found again:
        /// ``Harness`` looks at the first in each reply, and RequestIDTests at both.
        var text: String {
            let whole = String(decoding: body, as: UTF8.self)
            guard let id = requestID else { return whole }
            let short = whole.replacing(#","requestId":"\#(id)"}"#, with: "}")
                .replacing(#"{"requestId":"\#(id)"}"#, with: "{}")
            guard let only = json?["messageId"]?.string else { return short }
            return short.replacing(#","messageId":"\#(only)""#, with: "")
        }

        var requestID: String? { self["x-request-id"] }
        var json: JSONValue? { try? JSONText(body).root }
        var code: String? { json?["code"]?.string }

        /// A header, which may be a list of values.
        subscript(header: String) -> String? {
            let value = headers.members(ignoringCase: header).last
            return value?.string ?? value?.element(at: 0)?.string
        }
    }

    /// An invocation that Lambda gives this long; nil is ten seconds that begin in ten minutes, so
    /// that no deadline comes near however busy the machine is.
    static func invocation(
        _ event: [UInt8], limit: Duration? = nil, now: Timestamp = now
    ) throws -> Invocation {
        var headers = HTTPFieldLines()
        let deadline = now.milliseconds + Int64((limit ?? .seconds(10)).milliseconds)
        headers.append(line: Array("lambda-runtime-aws-request-id: lambda-request-1".utf8))
        headers.append(line: Array("lambda-runtime-deadline-ms: \(deadline)".utf8))
        return try Invocation(
            HTTPResponse(status: 200, headers: headers, body: event), receivedAt: now,
            received: .now + (limit == nil ? .seconds(600) : .zero))
    }

    /// Hands an event to the collector, which must answer it with a response.
    ///
    /// An invocation error is thrown. `now` is the wall clock's time.
    func send(
        _ event: [UInt8], limit: Duration? = nil, now: Timestamp = Harness.now
    ) throws -> Reply {
        let answer = collector.answer(try Self.invocation(event, limit: limit, now: now))
        log.look()
        switch answer {
        case .failure(let failure):
            throw failure
        case .response(let bytes):
            watch.look(in: bytes, of: "a reply")
            let root = try JSONText(bytes).root
            let isBase64 = root["isBase64Encoded"]?.bool == true
            let body = root["body"]?.utf8 ?? []
            let reply = Reply(
                status: try #require(root["statusCode"]?.int),
                headers: try #require(root["headers"] ?? root["multiValueHeaders"]),
                body: isBase64 ? try #require(Base64.decode(body)) : body, isBase64: isBase64)
            let id = try #require(reply.requestID)
            if let named = reply.json?["requestId"] { #expect(named.equals(id)) }
            return reply
        }
    }

    func send(_ event: ProxyEvent, limit: Duration? = nil) throws -> Reply {
        try send(event.rest, limit: limit)
    }

    var messages: [SNSStandIn.Publication] { sns.published.filter { $0.topic == topics.messages } }
    var rejects: [SNSStandIn.Publication] { sns.published.filter { $0.topic == topics.rejected } }

    /// `Authorization: Basic` with a key and no password.
    static func basic(_ key: String) -> (name: String, value: String) {
        (
            "Authorization",
            "Basic " + String(decoding: Base64.encode(Array("\(key):".utf8)), as: UTF8.self)
        )
    }
}
