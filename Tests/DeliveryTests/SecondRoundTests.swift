import AWS
import Delivery
import Formats
import Platform
import Synchronization
import TestSupport
import Testing
import Tracking
import Transport

/// A publisher that is kept from one event to the next, as a process keeps it.
private struct Kept {
    static let fifo = "arn:aws:sns:eu-west-1:123456789012:messages.fifo"
    static let standard = "arn:aws:sns:eu-west-1:123456789012:messages"
    /// 2026-03-14T09:26:53Z.
    static let now = Timestamp(milliseconds: 1_773_480_413_000)

    let publisher: SinkPublisher
    let topic: Sink

    init(
        _ arn: String = standard, to sns: SNSStandIn, credentials: SocketServer? = nil
    ) throws {
        var variables = ["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SNS": sns.url]
        if let credentials {
            variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = credentials.url
        } else {
            variables["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE"
            variables["AWS_SECRET_ACCESS_KEY"] = "aws-secret-of-the-tests"
        }
        let settings = AWSSettings(
            System(
                environment: { [variables] in variables[$0] }, now: { Self.now },
                random: { 0.001 }))
        topic = try #require(Sink(arn: arn))
        publisher = try SinkPublisher(
            sinks: [topic], settings: settings, credentials: CredentialChain(settings))
    }

    /// Publishes messages of one user, whose ids and texts are these numbers.
    func publish(_ numbers: Range<Int>) throws -> [Verdict] {
        let publications = try numbers.map { number in
            let text = #"{"type":"track","messageId":"\#(number)","userId":"u","event":"E"}"#
            let origin = Origin(
                partner: "web-app", partnerID: "p-1", sender: "segment-api", authentication: .key)
            return Publication(
                try #require(Message(published: Array(text.utf8), from: origin)), to: topic,
                requestID: "r-1")
        }
        return publisher.publish(
            publications, within: TimeBudget(now: Self.now, deadline: .now + .seconds(600)),
            traceID: nil
        ).verdicts
    }
}

/// The container endpoint, with another access key at each call: `KEY1`, `KEY2` and so on.
private func changingCredentials() throws -> SocketServer {
    let count = Mutex(0)
    return try SocketServer { _ in
        let number = count.withLock { count in
            count += 1
            return count
        }
        return .text(
            200,
            #"{"AccessKeyId":"KEY\#(number)","SecretAccessKey":"container-secret-\#(number)"}"#)
    }
}

/// The access keys that signed what came, in order.
private func accessKeys(_ sns: SNSStandIn) -> [String] {
    sns.calls.compactMap { call in
        let credential = call.request["authorization"]?.split(separator: "Credential=").last
        return credential?.split(separator: "/").first.map(String.init)
    }
}

private func ids(_ publications: [SNSStandIn.Publication]) -> [String?] {
    publications.map { $0.attributes["messageId"] }
}

/// Answers the calls as listed, and well when the list is over.
private func answering(_ faults: [SocketServer.Reply?]) -> SNSStandIn.Fault {
    { _, call in call.number <= faults.count ? faults[call.number - 1] : nil }
}

private let busy = SNSStandIn.error(503, "ServiceUnavailable")
private let expired = SNSStandIn.error(403, "ExpiredToken")

@Suite("The second time is as good as the first")
struct SecondRoundTests {
    private func accepted(_ count: Int) -> [Verdict] { Array(repeating: .accepted, count: count) }

    @Test("each request of a FIFO lane has all its attempts")
    func laneAttempts() throws {
        let sns = try SNSStandIn(fault: answering([busy, busy, nil, busy, busy]))
        #expect(try Kept(Kept.fifo, to: sns).publish(0..<20) == accepted(20))
        #expect(sns.calls.count == 6)
        #expect(ids(sns.published) == (0..<20).map(String.init))
    }

    @Test("each request of a FIFO lane may have credentials reloaded")
    func laneCredentials() throws {
        let credentials = try changingCredentials()
        let sns = try SNSStandIn(fault: answering([expired, nil, expired, nil, expired]))
        let kept = try Kept(Kept.fifo, to: sns, credentials: credentials)
        #expect(try kept.publish(0..<30) == accepted(30))
        #expect(accessKeys(sns) == ["KEY1", "KEY2", "KEY2", "KEY3", "KEY3", "KEY4"])
        #expect(credentials.requests.count == 4)
        #expect(ids(sns.published) == (0..<30).map(String.init))
    }

    @Test("each request of a FIFO lane may have the clock corrected, and takes the last correction")
    func laneClock() throws {
        let early = Self.skewed("Sat, 14 Mar 2026 10:26:53 GMT")
        let late = Self.skewed("Sat, 14 Mar 2026 08:26:53 GMT")
        let sns = try SNSStandIn(fault: answering([early, nil, late]))
        #expect(try Kept(Kept.fifo, to: sns).publish(0..<20) == accepted(20))
        #expect(
            sns.calls.map { $0.request["x-amz-date"] } == [
                "20260314T092653Z", "20260314T102653Z", "20260314T102653Z", "20260314T082653Z",
            ])
    }

    private static func skewed(_ date: String) -> SocketServer.Reply {
        .text(
            403,
            """
            <ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>\
            <Message>Signature expired</Message></Error></ErrorResponse>
            """, [("Date", date)])
    }

    @Test("a lane that had to stop holds nothing back of the next event")
    func laneStopped() throws {
        let sns = try SNSStandIn(fault: answering([nil, SNSStandIn.error(403, "Denied")]))
        let kept = try Kept(Kept.fifo, to: sns)
        let first = try kept.publish(0..<30)
        #expect(first[..<10] == accepted(10)[...])
        #expect(first[10...].allSatisfy { $0 != .accepted })
        #expect(sns.calls.count == 2)
        #expect(try kept.publish(10..<30) == accepted(20))
        #expect(ids(sns.published) == (0..<30).map(String.init))
    }

    @Test("each event has all its attempts", arguments: [Kept.standard, Kept.fifo])
    func eventAttempts(arn: String) throws {
        let sns = try SNSStandIn(fault: answering([busy, busy, nil, busy, busy, nil]))
        let kept = try Kept(arn, to: sns)
        for round in 0..<2 { #expect(try kept.publish(round..<round + 1) == accepted(1)) }
        #expect(sns.calls.count == 6)
        // And one that has used them up takes none from the next.
        let down = try SNSStandIn(fault: answering([busy, busy, busy, busy, busy, nil]))
        let other = try Kept(arn, to: down)
        #expect(try other.publish(0..<1) != accepted(1))
        #expect(try other.publish(0..<1) == accepted(1))
    }

    @Test("credentials that AWS calls expired are reloaded, at the second event too")
    func eventCredentials() throws {
        let credentials = try changingCredentials()
        let sns = try SNSStandIn(fault: answering([expired, nil, expired]))
        let kept = try Kept(to: sns, credentials: credentials)
        #expect(try kept.publish(0..<1) == accepted(1))
        #expect(accessKeys(sns) == ["KEY1", "KEY2"])
        #expect(credentials.requests.count == 2)
        #expect(try kept.publish(1..<2) == accepted(1))
        #expect(accessKeys(sns) == ["KEY1", "KEY2", "KEY2", "KEY3"])
        // What is good is not asked for again.
        #expect(try kept.publish(2..<3) == accepted(1))
        #expect(accessKeys(sns).last == "KEY3")
        #expect(credentials.requests.count == 3)
    }

    @Test("credentials that could not be had at one event are had at the next")
    func eventWithoutCredentials() throws {
        let count = Mutex(0)
        let credentials = try SocketServer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 1
                ? .text(200, #"{"AccessKeyId":"","SecretAccessKey":""}"#)
                : .text(200, #"{"AccessKeyId":"KEY","SecretAccessKey":"container-secret"}"#)
        }
        let sns = try SNSStandIn()
        // Unreadable credentials are asked for again after a second: longer than there is.
        let kept = try Kept(to: sns, credentials: credentials)
        let topic = kept.topic
        let origin = Origin(
            partner: "web-app", partnerID: "p-1", sender: "segment-api", authentication: .key)
        let text = Array(#"{"type":"track","messageId":"0","userId":"u","event":"E"}"#.utf8)
        let message = try #require(Message(published: text, from: origin))
        let verdicts = kept.publisher.publish(
            [Publication(message, to: topic, requestID: "r-1")],
            within: TimeBudget(now: Kept.now, deadline: .now + .milliseconds(900)), traceID: nil
        ).verdicts
        #expect(verdicts != accepted(1))
        #expect(sns.calls.isEmpty)
        #expect(try kept.publish(0..<1) == accepted(1))
        #expect(accessKeys(sns) == ["KEY"])
    }

    @Test("the clock is corrected by the last answer that said so, event by event")
    func eventClock() throws {
        let dates = [
            "Sat, 14 Mar 2026 10:26:53 GMT", "Sat, 14 Mar 2026 08:26:53 GMT",
            "Sat, 14 Mar 2026 09:26:53 GMT",
        ].map(Self.skewed)
        let sns = try SNSStandIn(fault: answering([dates[0], nil, dates[1], nil, dates[2], nil]))
        let kept = try Kept(to: sns)
        for round in 0..<4 { #expect(try kept.publish(round..<round + 1) == accepted(1)) }
        #expect(
            sns.calls.map { $0.request["x-amz-date"] } == [
                "20260314T092653Z", "20260314T102653Z", "20260314T102653Z", "20260314T082653Z",
                "20260314T082653Z", "20260314T092653Z", "20260314T092653Z",
            ])
    }
}
