import AWS
import Formats
import Platform
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Delivery

private func items(_ count: Int, size: Int = 20, group: String? = nil) -> [SegmentItem] {
    (0..<count).map { number in
        SegmentItem(
            json: Array(
                #"{"type":"track","messageId":"m-\#(number)","x":"\#(String(repeating: "x", count: size))"}"#
                    .utf8), group: group)
    }
}

private func send(
    _ items: [SegmentItem], to segment: SegmentStandIn, budget: Duration = .seconds(600),
    random: Double = 0.01, key: String = SegmentStandIn.writeKey
) throws -> [Verdict] {
    let system = System(environment: { _ in nil }, random: { random })
    let endpoint = try #require(SegmentEndpoint(segment.url))
    return try SegmentPublisher(endpoint, system: system)
        .send(
            items, writeKey: Array(key.utf8),
            within: TimeBudget(now: System.wallClock(), deadline: .now + budget)
        ).verdicts
}

extension Verdict {
    fileprivate var isNotAccepted: Bool { if case .notAccepted = self { true } else { false } }
}

@Suite("Sending to Segment")
struct SegmentPublisherTests {
    @Test("calls go as one batch with the write key as user name, byte for byte")
    func batch() throws {
        let segment = try SegmentStandIn()
        let texts = [#"{"messageId":"a","n":1.10}"#, #"{"messageId":"b","s":"é\u00e9"}"#]
        let verdicts = try send(
            texts.map { SegmentItem(json: Array($0.utf8), group: nil) }, to: segment)
        #expect(verdicts == [.accepted, .accepted])
        let call = try #require(segment.calls.first)
        #expect(call.request.text == #"{"batch":[\#(texts[0]),\#(texts[1])]}"#)
        #expect(call.request["authorization"] == "Basic d2tfc2VnbWVudDo=")
        #expect(call.request["expect"] == nil)
    }

    @Test("nothing is sent where there is nothing to send")
    func none() throws {
        let segment = try SegmentStandIn()
        #expect(try send([], to: segment).isEmpty)
        #expect(segment.calls.isEmpty)
    }

    @Test("batches are split at 500 KB, and all requests are under way together")
    func splits() throws {
        let gate = SocketServer.Gate()
        let segment = try SegmentStandIn { segment, call in
            if segment.calls.count == 3 { gate.open() }
            return .hold(gate, then: segment.accept(call))
        }
        let verdicts = try send(items(45, size: 30_000), to: segment)
        #expect(verdicts == Array(repeating: .accepted, count: 45))
        #expect(segment.calls.count == 3)
        #expect(segment.calls.allSatisfy { $0.request.body.count <= 500_000 })
        #expect(segment.received.count == 45 && segment.repeats.isEmpty)
    }

    @Test("and at 2,500 items")
    func splitsByCount() throws {
        let segment = try SegmentStandIn()
        let verdicts = try send(items(5001, size: 1), to: segment)
        #expect(verdicts.allSatisfy { $0 == .accepted })
        #expect(segment.calls.map(\.items.count).sorted() == [1, 2500, 2500])
    }

    @Test("a call of 32 KB is sent, one byte more is refused unsent")
    func largest() throws {
        let segment = try SegmentStandIn()
        let room = 32_768 - items(1, size: 0)[0].json.count
        #expect(try send(items(1, size: room), to: segment) == [.accepted])
        #expect(
            try send(items(1, size: room + 1), to: segment)
                == [.refused(.tooLarge)])
        #expect(segment.calls.count == 1)
    }

    @Test(
        "a batch that is refused is halved until the bad call is alone; all others arrive once",
        arguments: [400, 413], [false, true])
    func halves(status: Int, isOrdered: Bool) throws {
        let segment = try SegmentStandIn { _, call in
            call.items.contains { ["m-3", "m-77"].contains($0.messageID) }
                ? SegmentStandIn.reply(status) : nil
        }
        let verdicts = try send(items(100, group: isOrdered ? "g" : nil), to: segment)
        let refusal = status == 400 ? Verdict.Refusal.other(code: "refused_by_segment") : .tooLarge
        for (number, verdict) in verdicts.enumerated() {
            #expect(verdict == ([3, 77].contains(number) ? .refused(refusal) : .accepted))
        }
        #expect(segment.received.count == 98 && segment.repeats.isEmpty)
        #expect(segment.calls.count <= 2 * 2 * 7 + 1)
        if isOrdered {
            let order = (0..<100).filter { $0 != 3 && $0 != 77 }.map { "m-\($0)" }
            #expect(segment.received.map(\.messageID) == order)
        }
    }

    @Test("a destination that refuses everything is asked for each call at most twice")
    func refusesAll() throws {
        let segment = try SegmentStandIn { _, _ in SegmentStandIn.reply(400) }
        let verdicts = try send(items(64), to: segment)
        let refused = Verdict.refused(.other(code: "refused_by_segment"))
        #expect(verdicts == Array(repeating: refused, count: 64))
        #expect(segment.calls.count == 127)
    }

    @Test(
        "a fault in our own settings is not the message's, and is not tried again",
        arguments: [401, 403, 404, 301])
    func ownFault(status: Int) throws {
        let segment = try SegmentStandIn { _, _ in SegmentStandIn.reply(status) }
        let verdicts = try send(items(3), to: segment)
        #expect(verdicts.allSatisfy { $0.isNotAccepted })
        #expect(segment.calls.count == 1)
        guard case .notAccepted(let reason) = verdicts[0] else { return }
        #expect(reason.contains("HTTP \(status)"))
        #expect(!reason.contains(SegmentStandIn.writeKey))
    }

    @Test("a wrong write key is told as such")
    func wrongKey() throws {
        let segment = try SegmentStandIn()
        guard case .notAccepted(let reason) = try send(items(1), to: segment, key: "wrong")[0]
        else {
            Issue.record("a wrong key accepted")
            return
        }
        #expect(reason == "Segment does not accept the write key (HTTP 401)")
    }

    /// What Segment does at first; after that it works.
    struct Passing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: SegmentStandIn.Fault

        init(_ description: String, _ fault: @escaping SegmentStandIn.Fault) {
            testDescription = description
            self.fault = fault
        }
    }

    static let passing: [Passing] = [
        .init("500", { _, _ in SegmentStandIn.reply(500) }),
        .init("501", { _, _ in SegmentStandIn.reply(501) }),
        .init("503", { _, _ in SegmentStandIn.reply(503, [("Retry-After", "0")]) }),
        .init("504", { _, _ in SegmentStandIn.reply(504) }),
        .init("408", { _, _ in SegmentStandIn.reply(408) }),
        .init("429", { _, _ in SegmentStandIn.reply(429) }),
        .init("202, which Segment never says", { _, _ in SegmentStandIn.reply(202) }),
        .init("not HTTP", { _, _ in .raw(Array("garbage\r\n\r\n".utf8)) }),
        .init("reset before processing", { _, _ in .reset }),
        .init("closed", { _, _ in .close }),
        .init(
            "cut short",
            { _, _ in .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8)) }
        ),
        .init(
            "reset after processing",
            { segment, call in
                _ = segment.accept(call)
                return .reset
            }
        ),
    ]

    @Test("a passing fault costs an attempt and nothing else", arguments: passing, [false, true])
    func passes(passing: Passing, isOrdered: Bool) throws {
        let segment = try SegmentStandIn { segment, call in
            call.number == 1 ? passing.fault(segment, call) : nil
        }
        let verdicts = try send(items(12, group: isOrdered ? "g" : nil), to: segment)
        #expect(verdicts == Array(repeating: .accepted, count: 12))
        #expect(segment.received.map(\.messageID) == (0..<12).map { "m-\($0)" })
    }

    @Test("a server that does not answer leaves time for another attempt")
    func silence() throws {
        let segment = try SegmentStandIn { _, call in
            call.number == 1 ? .hold(.init(), then: .close) : nil
        }
        let watch = Stopwatch()
        #expect(try send(items(1), to: segment, budget: .seconds(3)) == [.accepted])
        #expect(watch.waited < .seconds(2))
    }

    @Test("a fault that stays ends as not accepted with the budget")
    func stays() throws {
        let segment = try SegmentStandIn { _, _ in SegmentStandIn.reply(500) }
        let watch = Stopwatch()
        let verdicts = try send(items(2), to: segment, budget: .milliseconds(1500), random: 0.2)
        #expect(verdicts.allSatisfy { $0.isNotAccepted })
        #expect(watch.waited < .seconds(3))
        #expect(segment.calls.count >= 2)
    }

    @Test(
        "Retry-After is waited for, in seconds or as a date by the server's clock",
        arguments: [
            [("Retry-After", "1")],
            [
                ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("Retry-After", "Sun, 06 Nov 1994 08:49:38 GMT"),
            ],
        ])
    func retryAfter(headers: [(String, String)]) throws {
        let segment = try SegmentStandIn { _, call in
            call.number == 1 ? SegmentStandIn.reply(429, headers) : nil
        }
        let watch = Stopwatch()
        let start = Instant.now
        #expect(try send(items(1), to: segment) == [.accepted])
        #expect(Instant.now - start >= .seconds(1))
        #expect(watch.waited < .seconds(4))
    }

    @Test(
        "a Retry-After that goes beyond the budget ends at once: sending earlier would be no use",
        arguments: ["60", "99999999999999999999", "Fri, 31 Dec 2100 00:00:00 GMT"])
    func longRetryAfter(value: String) throws {
        let segment = try SegmentStandIn { _, _ in
            SegmentStandIn.reply(429, [("Retry-After", value)])
        }
        let watch = Stopwatch()
        #expect(try send(items(1), to: segment, budget: .seconds(5))[0].isNotAccepted)
        #expect(watch.waited < .seconds(2))
        #expect(segment.calls.count == 1)
    }

    @Test(
        "a Retry-After that says nothing leaves it to chance when to try again",
        arguments: ["", "soon", "-5", "Sun, 06 Nov 1994 08:49:37 GMT"])
    func strangeRetryAfter(value: String) throws {
        let segment = try SegmentStandIn { _, call in
            call.number == 1 ? SegmentStandIn.reply(429, [("Retry-After", value)]) : nil
        }
        #expect(try send(items(1), to: segment) == [.accepted])
    }

    @Test("of a group nothing overtakes: what follows a failure is not sent")
    func ordered() throws {
        let segment = try SegmentStandIn { _, call in
            call.items.contains { $0.messageID == "m-20" } ? SegmentStandIn.reply(403) : nil
        }
        let verdicts = try send(items(45, size: 30_000, group: "g"), to: segment)
        // 16 of them fit into a request.
        #expect(verdicts[..<16].allSatisfy { $0 == .accepted })
        #expect(verdicts[16...].allSatisfy { $0.isNotAccepted })
        #expect(segment.calls.count == 2)
    }
}

@Suite("Segment's endpoints")
struct SegmentEndpointTests {
    @Test(
        "are named, or given with or without the path",
        arguments: [
            ("us", "https://api.segment.io/v1/batch"), ("US", "https://api.segment.io/v1/batch"),
            ("eu", "https://events.eu1.segmentapis.com/v1/batch"),
            ("https://api.segment.io", "https://api.segment.io/v1/batch"),
            ("https://api.segment.io/", "https://api.segment.io/v1/batch"),
            ("https://api.segment.io/v1", "https://api.segment.io/v1/batch"),
            ("https://api.segment.io/v1/batch/", "https://api.segment.io/v1/batch"),
            ("http://127.0.0.1:3001/prod", "http://127.0.0.1:3001/prod/v1/batch"),
            ("http://[::1]:3001", "http://[::1]:3001/v1/batch"),
        ])
    func reads(text: String, url: String) {
        #expect(SegmentEndpoint(text)?.url == url)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "asia", "api.segment.io", "ftp://api.segment.io", "https://", "https:///v1",
            "https://key@api.segment.io", "https://a b", "https://a?b=c", "https://a#b",
            "https://:443", "https://a\nb", "https://é",
        ])
    func refuses(text: String) {
        #expect(SegmentEndpoint(text) == nil)
    }
}
