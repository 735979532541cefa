import Formats
import Foundation
import TestSupport
import Testing

/// The real `bootstrap` between a Runtime API and a sink that fails as it is told.
private final class Faulty {
    let lambda: FakeLambda
    let sns: SNSStandIn
    let program: Program
    private var sent = 0

    /// One of each service.
    static let sinks = [
        "arn:aws:sns:us-east-1:123456789012:messages",
        "arn:aws:sqs:us-east-1:123456789012:messages",
        "arn:aws:kinesis:us-east-1:123456789012:stream/messages",
        "arn:aws:firehose:us-east-1:123456789012:deliverystream/messages",
    ]

    init(_ sink: String = sinks[0], fault: @escaping SNSStandIn.Fault) throws {
        lambda = try FakeLambda(endsWhenEmpty: false)
        sns = try SNSStandIn(fault: fault)
        program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "INLET_TOPIC_ARN": sink,
                "INLET_PARTNERS": #"[{"name":"web-app","webhook_token":"wk-1"}]"#,
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
                "AWS_ENDPOINT_URL": sns.url,
            ])
    }

    func stop() {
        program.stop()
        lambda.stop()
        sns.stop()
    }

    /// Sends a batch, which Lambda gives that long, and returns what was answered and how long the
    /// program waited for SNS.
    func batch(
        _ count: Int, milliseconds: Int64 = 60_000
    ) throws -> (status: Int?, waited: Duration) {
        let items = (0..<count).map {
            #"{"type":"page","userId":"u","messageId":"e\#(sent)-m\#($0)"}"#
        }
        let body = #"{"writeKey":"wk-1","batch":[\#(items.joined(separator: ","))]}"#
        sent += 1
        let watch = Stopwatch(of: program)
        let deadline = Int64(Date().timeIntervalSince1970 * 1000) + milliseconds
        lambda.submit(
            .init(ProxyEvent("/v1/batch", body).rest, id: "event-\(sent)", deadline: deadline))
        let posts = lambda.posts(atLeast: sent)
        let waited = watch.waited
        try #require(posts.count == sent, "no answer")
        try #require(posts[sent - 1].target.hasSuffix("/event-\(sent)/response"))
        return (try JSONText(posts[sent - 1].body).root["statusCode"]?.int, waited)
    }
}

extension SNSStandIn.Call {
    /// True if it publishes something that has this in it.
    fileprivate func names(_ text: String) -> Bool {
        entries.contains { $0.publication.text.contains(text) }
    }
}

@Suite("bootstrap while its sink fails", .timeLimit(.minutes(60)))
struct FaultTests {
    private static let faults: [(name: String, fault: SNSStandIn.Fault)] = [
        ("500", { _, call in call.error(500, "InternalError") }),
        ("503", { _, _ in .text(503, "Service Unavailable") }),
        ("Throttling", { _, call in call.error(400, "Throttling", "Rate exceeded") }),
        (
            "partial failure",
            { sns, call in
                guard let entry = call.entries.last, call.entries.count > 1 else {
                    return call.error(500, "InternalError")
                }
                return sns.accept(call, failing: [entry.id: ("InternalError", false)])
            }
        ),
        ("garbage", { _, _ in .text(200, "<html>not SNS</html>") }),
        ("reset before processing", { _, _ in .reset }),
        (
            "reset after processing",
            { sns, call in
                _ = sns.accept(call)
                return .reset
            }
        ),
        ("expired token", { _, call in call.error(403, "ExpiredToken") }),
    ]

    @Test("a fault that passes is not seen by the sender", arguments: 0..<8, Faulty.sinks)
    func passes(number: Int, sink: String) throws {
        let (name, fault) = Self.faults[number]
        let faulty = try Faulty(sink) { sns, call in call.number == 1 ? fault(sns, call) : nil }
        defer { faulty.stop() }
        #expect(try faulty.batch(12).status == 200, "\(name)")
        #expect(Set(faulty.sns.published.map(\.text)).count == 12, "\(name)")
        #expect(try faulty.batch(1).status == 200)
    }

    @Test(
        "a fault that stays is 503 in time, and the next event finds the process well",
        arguments: 0..<8, Faulty.sinks)
    func stays(number: Int, sink: String) throws {
        let (name, fault) = Self.faults[number]
        let faulty = try Faulty(sink) { sns, call in
            call.names("e0-") ? fault(sns, call) : nil
        }
        defer { faulty.stop() }
        let (status, waited) = try faulty.batch(3)
        #expect(status == 503, "\(name)")
        #expect(waited < .seconds(5), "\(name)")
        #expect(try faulty.batch(3).status == 200, "\(name)")
        #expect(faulty.sns.published.filter { $0.text.contains("e1-") }.count == 3, "\(name)")
    }

    @Test(
        "a sink that says nothing is 503 in the sender's time, and in Lambda's where that is shorter",
        arguments: Faulty.sinks)
    func silence(sink: String) throws {
        let faulty = try Faulty(sink) { _, call in
            call.names("e2-") ? nil : .hold(.init(), then: .close)
        }
        defer { faulty.stop() }
        let short = try faulty.batch(3, milliseconds: 1500)
        #expect(short.status == 503)
        #expect(short.waited < .milliseconds(1500))
        let long = try faulty.batch(3, milliseconds: 60_000)
        #expect(long.status == 503)
        #expect(long.waited < .seconds(5))
        #expect(try faulty.batch(3).status == 200)
    }

    @Test("a frozen process publishes over new connections, signed after the thaw")
    func freezes() throws {
        // SNS closes each connection without a word of it in the reply, so all kept ones are dead.
        let faulty = try Faulty { sns, call in
            guard case .response(let status, _, let body) = sns.accept(call) else { return nil }
            let head = "HTTP/1.1 \(status) OK\r\nContent-Length: \(body.count)\r\n\r\n"
            return .raw(Array(head.utf8) + body)
        }
        defer { faulty.stop() }
        #expect(try faulty.batch(25).status == 200)
        let before = faulty.sns.calls.compactMap { $0.request["x-amz-date"] }.max() ?? ""
        faulty.program.signal(SIGSTOP)
        // Signatures have seconds: the frozen time must be longer than one.
        Thread.sleep(forTimeInterval: 1.2)
        faulty.program.signal(SIGCONT)
        #expect(try faulty.batch(25).status == 200)
        let after = faulty.sns.calls.suffix(3).compactMap { $0.request["x-amz-date"] }.min() ?? ""
        #expect(after > before)
        #expect(Set(faulty.sns.published.map(\.text)).count == 50)
    }
}
