import Formats
import Foundation
import TestSupport
import Testing
import Transport

/// Ten kinds of event, as the sender of their token publishes them.
private let events = (0..<10).map { number in
    #"{"type":"track","messageId":"m-\#(number)","userId":"u-\#(number)","event":"Event \#(number)","#
        + #""properties":{"n":1.10,"big":12345678901234567890,"s":"é\u00e9"},"#
        + #""integrations":{"Customer.io":false},"timestamp":"2026-01-05T10:00:0\#(number).000Z"}"#
}

/// The project's template with the relay, whose queue takes this sender's messages.
private func relay(
    to url: String, partners: String = #"[{"name":"web","webhook_token":"wk-1"}]"#
) throws -> (inlet: LocalInlet, directory: TemporaryDirectory) {
    let text = try String(contentsOfFile: Tools.template, encoding: .utf8)
    let directory = try TemporaryDirectory()
    let path = try directory.write(
        "template.yaml",
        text.replacing("sender: [customerio]", with: "sender: [customerio, segment-api]"))
    let inlet = try LocalInlet(
        partners: partners,
        options: [
            "--template", path, "--visibility-timeout", "1",
            "--parameter", "SegmentWriteKey=\(SegmentStandIn.writeKey)",
            "--parameter", "SegmentEndpoint=\(url)",
        ])
    return (inlet, directory)
}

/// Waits until the relay's queue is empty; the last depths seen.
private func drain(_ inlet: LocalInlet, done: Int) throws -> (done: Int, dead: Int) {
    let limit = Date(timeIntervalSinceNow: 40)
    var depths = (done: 0, dead: 0)
    while Date() < limit, depths.done < done {
        for line in try http("GET", "\(inlet.url)/_inlet/queues").text.split(separator: "\n") {
            let queue = try parse(String(line))
            switch queue["queue"]?.string {
            case "inlet-RelayQueue": depths.done = queue["done"]?.int ?? 0
            case "inlet-RelayDeadLetters": depths.dead = queue["visible"]?.int ?? 0
            default: continue
            }
        }
        Thread.sleep(forTimeInterval: 0.05)
    }
    return depths
}

@Suite("The relay to Segment", .timeLimit(.minutes(5)))
struct RelayTests {
    static let faults: [(String, SegmentStandIn.Fault)] = [
        ("none", { _, _ in nil }),
        (
            "429",
            { _, call in call.number < 3 ? SegmentStandIn.reply(429, [("Retry-After", "1")]) : nil }
        ),
        ("500", { _, call in call.number < 3 ? SegmentStandIn.reply(500) : nil }),
        ("silence", { _, call in call.number == 1 ? .hold(.init(), then: .close) : nil }),
        (
            "reset after reading",
            { segment, call in
                guard call.number == 1 else { return nil }
                _ = segment.accept(call)
                return .reset
            }
        ),
        (
            "a wrong key for a while",
            { _, call in call.number < 3 ? SegmentStandIn.reply(401) : nil }
        ),
    ]

    @Test(
        "ten kinds of event arrive once and equal, whatever Segment does meanwhile",
        arguments: 0..<6)
    func arrives(fault: Int) throws {
        try #require(Self.faults.count == 6)
        let segment = try SegmentStandIn(fault: Self.faults[fault].1)
        defer { segment.stop() }
        let (inlet, directory) = try relay(to: segment.url)
        defer { inlet.stop() }
        _ = directory
        for event in events {
            #expect(try inlet.post("/v1/track", event, headers: [basic("wk-1")]).status == 200)
        }
        let depths = try drain(inlet, done: 10)
        #expect(depths.done == 10 && depths.dead == 0, "\(Self.faults[fault].0)")
        let published = Dictionary(
            uniqueKeysWithValues: try inlet.published().map {
                ($0.message["messageId"]?.string, $0)
            })
        #expect(segment.received.count == 10)
        for item in segment.received {
            let sent = try #require(item.json)
            let source = try #require(published[item.messageID]).message
            for member in source.members where member.name.string != "receivedAt" {
                #expect(sent[member.name.string ?? ""]?.written == member.value.written)
            }
        }
        #expect(try inlet.published("Rejected").isEmpty)
    }

    @Test("Inlet's own tracking API takes what is relayed, with its timestamps as they are")
    func ownTrackingAPI() throws {
        let receiver = try LocalInlet(
            partners: #"[{"name":"relay","webhook_token":"\#(SegmentStandIn.writeKey)"}]"#)
        defer { receiver.stop() }
        let (inlet, directory) = try relay(to: receiver.url)
        defer { inlet.stop() }
        _ = directory
        // A client whose clock is wrong: corrected once, and not again.
        let skewed = events[0].replacing(
            #""userId""#, with: #""sentAt":"2026-01-05T10:05:00.000Z","userId""#)
        #expect(try inlet.post("/v1/track", skewed, headers: [basic("wk-1")]).status == 200)
        #expect(try inlet.post("/v1/track", events[1], headers: [basic("wk-1")]).status == 200)
        #expect(try drain(inlet, done: 2).done == 2)
        let sent = try inlet.published()
        let arrived = try receiver.published()
        #expect(arrived.count == 2)
        let bySegment = ["receivedAt", "sentAt", "originalTimestamp"]
        for message in sent {
            let id = message.message["messageId"]?.string
            let other = try #require(arrived.first { $0.message["messageId"]?.string == id })
            for member in message.message.members
            where !bySegment.contains(member.name.string ?? "") {
                #expect(other.message[member.name.string ?? ""]?.written == member.value.written)
            }
        }
    }
}
