import Formats
import Platform
import TestSupport
import Testing

@testable import Delivery

/// One of each service.
let sinks = [
    arn, "arn:aws:sqs:eu-west-1:123456789012:messages",
    "arn:aws:kinesis:eu-west-1:123456789012:stream/messages",
    "arn:aws:firehose:eu-west-1:123456789012:deliverystream/messages",
]

@Suite("Faults of sinks")
struct SinkFaultTests {
    /// What a service does at first; after that it works.
    struct Passing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: SNSStandIn.Fault

        init(_ description: String, _ fault: @escaping SNSStandIn.Fault) {
            testDescription = description
            self.fault = fault
        }
    }

    static let passing: [Passing] = [
        .init("500", { _, call in call.error(500, "InternalError") }),
        .init("503", { _, call in call.error(503, "ServiceUnavailable") }),
        .init("503 without XML", { _, _ in .text(503, "busy") }),
        .init("Throttling", { _, call in call.error(400, "Throttling", "Rate exceeded") }),
        .init("KMSThrottling", { _, call in call.error(400, "KMSThrottling") }),
        .init("429", { _, call in call.error(429, "Throttled") }),
        .init("ExpiredToken", { _, call in call.error(403, "ExpiredToken") }),
        .init(
            "signature expired",
            { _, call in call.error(403, "SignatureDoesNotMatch", "Signature expired: x") }
        ),
        .init("garbage with 200", { _, _ in .text(200, "<html>") }),
        .init("empty with 200", { _, _ in .text(200, "") }),
        .init("not HTTP", { _, _ in .raw(Array("garbage\r\n\r\n".utf8)) }),
        .init("reset before processing", { _, _ in .reset }),
        .init("closed", { _, _ in .close }),
        .init(
            "cut short",
            { _, _ in .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n<P".utf8)) }
        ),
        .init(
            "reset after processing",
            { sns, call in
                _ = sns.accept(call)
                return .reset
            }
        ),
    ]

    @Test("a passing fault costs an attempt and nothing else", arguments: passing, sinks)
    func passes(passing: Passing, sink: String) throws {
        for count in [1, 12] {
            let sns = try SNSStandIn { sns, call in
                call.number == 1 ? passing.fault(sns, call) : nil
            }
            let verdicts = try publish(publications(count, to: topic(sink)), to: sns)
            #expect(verdicts == Array(repeating: .accepted, count: count))
            #expect(Set(sns.published.map(\.text)).count == count)
        }
    }

    @Test(
        "a fault that stays ends as not accepted, after three attempts", arguments: passing, sinks)
    func stays(passing: Passing, sink: String) throws {
        let sns = try SNSStandIn { sns, call in passing.fault(sns, call) }
        let verdicts = try publish(publications(2, to: topic(sink)), to: sns)
        for verdict in verdicts {
            guard case .notAccepted = verdict else {
                Issue.record("\(verdict)")
                continue
            }
        }
        // libcurl makes one more of its own where a kept connection has died.
        #expect((2...5).contains(sns.calls.count))
    }

    @Test(
        "what no attempt mends is tried once",
        arguments: [
            (403, "AuthorizationError"), (404, "NotFound"), (403, "InvalidClientTokenId"),
            (403, "SignatureDoesNotMatch"), (400, "KMSDisabled"), (403, "InvalidSecurity"),
            (400, "IncompleteSignature"), (400, "AccessDeniedException"),
            (400, "QueueDoesNotExist"), (400, "ResourceNotFoundException"),
            (400, "InvalidSourceException"), (400, "KmsAccessDenied"),
        ], sinks)
    func permanent(error: (status: Int, code: String), sink: String) throws {
        let sns = try SNSStandIn { _, call in call.error(error.status, error.code) }
        let verdicts = try publish(publications(2, to: topic(sink)), to: sns)
        #expect(verdicts.allSatisfy { if case .notAccepted = $0 { true } else { false } })
        #expect(sns.calls.count == 1)
    }

    @Test(
        "a message that a sink finds fault with is refused, and the others of its batch go on",
        arguments: sinks)
    func refused(sink: String) throws {
        let sns = try SNSStandIn { _, call in
            call.entries.contains { $0.publication.text.hasPrefix("\"1 ") }
                ? call.error(
                    400, "ValidationException", "Value at 'records.1.member.data' failed: Message")
                : nil
        }
        let verdicts = try publish(publications(3, to: topic(sink)), to: sns)
        #expect(verdicts == [.accepted, .refused(.other(code: "ValidationException")), .accepted])
        for fault in [
            "Invalid parameter: TopicArn", "Value 'x' at 'streamName' failed", "QueueUrl is bad",
            "Value at 'deliveryStreamName' failed", "1 error: Value at 'streamARN' failed",
        ] {
            let wrong = try SNSStandIn { _, call in call.error(400, "InvalidParameter", fault) }
            guard case .notAccepted = try publish(publications(1, to: topic(sink)), to: wrong)[0]
            else {
                Issue.record("a wrong sink is not the message's fault")
                return
            }
        }
    }

    @Test(
        "a stream that takes no records is a setting's fault, and no message's",
        arguments: sinks.dropFirst(2))
    func closedStream(sink: String) throws {
        let sns = try SNSStandIn { _, call in
            call.error(
                400, "InvalidArgumentException",
                "This operation is not permitted on KinesisStreamAsSource delivery stream type.")
        }
        let verdicts = try publish(publications(12, to: topic(sink)), to: sns)
        #expect(verdicts.allSatisfy { if case .notAccepted = $0 { true } else { false } })
        #expect(sns.calls.count == 1)
    }

    @Test("of a batch only the failed entries are sent again", arguments: sinks)
    func partial(sink: String) throws {
        let sns = try SNSStandIn { sns, call in
            switch call.number {
            case 1:
                sns.accept(
                    call, failing: ["1": ("InternalError", false), "3": ("Throttling", true)])
            case 2:
                sns.accept(call, failing: ["1": ("InternalError", false)])
            default: nil
            }
        }
        let verdicts = try publish(publications(5, to: topic(sink)), to: sns)
        #expect(verdicts == Array(repeating: .accepted, count: 5))
        #expect(sns.calls.map(\.entries.count) == [5, 2, 1])
        #expect(sns.published.count == 5)
    }

    @Test(
        "an entry at fault is refused, one that stays failed is not accepted, the rest is",
        arguments: sinks.prefix(2))
    func partialStays(sink: String) throws {
        let sns = try SNSStandIn { sns, call in
            guard call.number == 1 else { return call.error(500, "InternalError") }
            return sns.accept(
                call, failing: ["0": ("InvalidParameter", true), "1": ("InternalError", false)])
        }
        let verdicts = try publish(publications(3, to: topic(sink)), to: sns)
        #expect(verdicts[0] == .refused(.other(code: "InvalidParameter")))
        #expect(verdicts[2] == .accepted)
        guard case .notAccepted = verdicts[1] else {
            Issue.record("expected not accepted, got \(verdicts[1])")
            return
        }
    }

    @Test(
        "a fault in our own settings is not the message's, in a batch neither",
        arguments: sinks.prefix(2))
    func ownFault(sink: String) throws {
        for code in ["KMSAccessDenied", "AuthorizationError", "KMSDisabled", "KmsNotFound"] {
            let sns = try SNSStandIn { sns, call in
                sns.accept(call, failing: ["0": (code, true)])
            }
            let verdicts = try publish(publications(2, to: topic(sink)), to: sns)
            guard case .notAccepted = verdicts[0] else {
                Issue.record("\(code): \(verdicts[0])")
                continue
            }
            #expect(verdicts[1] == .accepted)
        }
    }

    @Test("an entry that the reply leaves out is sent again")
    func leftOut() throws {
        let sns = try SNSStandIn { _, call in
            call.number == 1
                ? .text(
                    200,
                    "<PublishBatchResponse><PublishBatchResult><Successful><member><Id>0</Id><MessageId>m</MessageId></member>"
                        + "<member><Id>1</Id></member><member><Id>99</Id><MessageId>m</MessageId></member></Successful><Failed/></PublishBatchResult>"
                        + "</PublishBatchResponse>") : nil
        }
        #expect(try publish(publications(2, to: topic()), to: sns) == [.accepted, .accepted])
        #expect(sns.calls.last?.action == "Publish")
    }

    @Test("a service that never answers ends with the budget", arguments: sinks)
    func silence(sink: String) throws {
        let sns = try SNSStandIn { _, _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        let start = Instant.now
        let verdicts = try publish(
            publications(12, to: topic(sink)), to: sns, budget: .milliseconds(300))
        #expect(verdicts.allSatisfy { if case .notAccepted = $0 { true } else { false } })
        #expect(Instant.now - start >= .milliseconds(300))
        #expect(watch.waited < .seconds(3))
    }

    @Test("a wait never uses up the budget: the last attempt is made")
    func cutsWaits() throws {
        // A busy machine may let the budget run out all the same, but not each time.
        var isMade = false
        for _ in 0..<20 where !isMade {
            let sns = try SNSStandIn { _, call in
                call.number == 1 ? SNSStandIn.error(500, "InternalError") : nil
            }
            isMade =
                try publish(
                    publications(1, to: topic()), to: sns, budget: .milliseconds(400), random: 0.99)
                == [.accepted]
        }
        #expect(isMade)
    }

    @Test("AWS_MAX_ATTEMPTS counts")
    func attempts() throws {
        let sns = try SNSStandIn { _, call in call.error(500, "InternalError") }
        _ = try publish(
            publications(1, to: topic()), to: sns, environment: ["AWS_MAX_ATTEMPTS": "1"])
        #expect(sns.calls.count == 1)
    }

    @Test("without credentials nothing is sent")
    func noCredentials() throws {
        let sns = try SNSStandIn()
        let verdicts = try publish(
            publications(1, to: topic()), to: sns,
            environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
        guard case .notAccepted(let reason) = verdicts[0] else {
            Issue.record("expected not accepted, got \(verdicts[0])")
            return
        }
        #expect(reason.contains("credentials"))
        #expect(sns.calls.isEmpty)
    }
}
