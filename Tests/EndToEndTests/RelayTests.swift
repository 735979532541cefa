import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let secret = "cio-signing-key-for-tests"
private let partners = #"""
    [{"name":"web","webhook_token":"wk-1"},
     {"name":"cio","webhook_token":"cio-token",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
    """#

/// Ten kinds of event that Customer.io reports.
private let webhooks = [
    #""object_type":"email","metric":"sent""#, #""object_type":"email","metric":"clicked""#,
    #""object_type":"push","metric":"opened""#, #""object_type":"sms","metric":"failed""#,
    #""object_type":"whatsapp","metric":"replied""#, #""object_type":"in_app","metric":"clicked""#,
    #""object_type":"slack","metric":"sent""#, #""object_type":"webhook","metric":"undeliverable""#,
    #""object_type":"sms","metric":"subscribed""#, #""event_type":"email_delivered""#,
].enumerated().map { number, kind in
    #"{"event_id":"e\#(number)",\#(kind),"timestamp":1767226011,"data":{"#
        + #""identifiers":{"id":"u-\#(number)"},"n":1.10,"big":12345678901234567890,"t":"— é\u00e9"}}"#
}

private func report(_ body: String, to inlet: LocalInlet) throws -> Int {
    let seconds = String(Int64(Date().timeIntervalSince1970))
    let headers = CustomerIOWebhook.headers(Array(body.utf8), secret: secret, seconds: seconds)
    return try inlet.post(
        "/webhook/customerio", body, headers: headers.map { HTTPField($0.name, $0.value) }
    ).status
}

/// The project's template with the relay; `options` come last.
private func relay(to url: String, options: [String] = []) throws -> LocalInlet {
    try LocalInlet(
        partners: partners,
        options: [
            "--visibility-timeout", "1",
            "--parameter", "SegmentWriteKeyParameterName=/inlet/write-key",
            "--env", "INLET_SEGMENT_WRITE_KEY=\(SegmentStandIn.writeKey)",
            "--parameter", "SegmentEndpoint=\(url)",
        ] + options)
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

@Suite("The relay to Segment", .timeLimit(.minutes(60)))
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
        let inlet = try relay(to: segment.url)
        defer { inlet.stop() }
        for webhook in webhooks { #expect(try report(webhook, to: inlet) == 200) }
        // Another sender's messages are none of this queue's.
        let other = #"{"userId":"u","event":"Other"}"#
        #expect(try inlet.post("/v1/track", other, headers: [basic("wk-1")]).status == 200)
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
        let directory = try TemporaryDirectory()
        let text = try String(contentsOfFile: Tools.template, encoding: .utf8)
        let template = try directory.write(
            "template.yaml",
            text.replacing("sender: [customerio]", with: "sender: [customerio, segment-api]"))
        let inlet = try relay(to: receiver.url, options: ["--template", template])
        defer { inlet.stop() }
        // A client whose clock is wrong: corrected once, and not again.
        let skewed =
            #"{"userId":"u","event":"E","messageId":"m","timestamp":"2026-01-05T10:00:00.000Z","#
            + #""sentAt":"2026-01-05T10:05:00.000Z","properties":{"n":1.10,"s":"é\u00e9"},"v":[ 1 ]}"#
        #expect(try inlet.post("/v1/track", skewed, headers: [basic("wk-1")]).status == 200)
        #expect(try report(webhooks[0], to: inlet) == 200)
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
