import Formats
import Partners
import Platform
import Testing
import Tracking
import Transport

@testable import Senders

/// What becomes of calls that there is no time to read.
@Suite("The time to read a request in")
struct ReadingTimeTests {
    /// Reads a body with two calls, or with one if the sender knows no more.
    private func read(_ sender: SenderName, within time: ReadingTime) throws -> Intake {
        let context = CustomerIOSample.context
        var intake = Intake(
            Admission(vouchedFor: try CustomerIOSample.partner()), from: sender, within: time)
        let calls =
            #"[{"type":"track","event":"E","userId":"u","writeKey":"wk"},{"type":"identify","userId":"u"}]"#
        switch sender {
        case .segmentAPI:
            let batch = try JSONText(Array(#"{"batch":\#(calls)}"#.utf8)).root
            SegmentCalls(context).readBatch(batch, into: &intake)
        case .segmentDestination:
            SegmentDestination().read(
                try SegmentDestination.calls(Array(calls.utf8)), context, into: &intake)
        case .customerIO:
            CustomerIO().read(Array(#"{"event_id":"e"}"#.utf8), context, into: &intake)
        case .partner:
            PartnerWebhook().read(Array(calls.utf8), context, into: &intake)
        }
        return intake
    }

    @Test("in time all is read", arguments: SenderName.allCases)
    func inTime(sender: SenderName) throws {
        let time = ReadingTime(end: .now + .seconds(60), isFair: false)
        let intake: Intake = try read(sender, within: time).timely()
        #expect(intake.rejects.isEmpty)
        #expect(intake.messages.count == (sender == .customerIO ? 1 : 2))
        #expect(intake.unread == 0)
    }

    @Test(
        "what is not read in a fair time is rejected, with its place and without write keys",
        arguments: SenderName.allCases)
    func tooSlow(sender: SenderName) throws {
        let time = ReadingTime(end: .now + .milliseconds(-1), isFair: true)
        var intake: Intake = try read(sender, within: time).timely()
        intake.redact()
        #expect(intake.messages.isEmpty)
        #expect(intake.rejects.allSatisfy { $0.code == "too_slow" && $0.outcome == .tooLarge })
        let indices: [Int?] = sender == .customerIO ? [nil] : [0, 1]
        #expect(intake.rejects.map(\.index) == indices)
        #expect(intake.unread == intake.rejects.count)
        for reject in intake.rejects {
            #expect(!String(decoding: reject.input, as: UTF8.self).contains("wk"))
        }
    }

    @Test(
        "what has had no fair time is sent again, and nothing of it is rejected",
        arguments: SenderName.allCases)
    func unfair(sender: SenderName) throws {
        let time = ReadingTime(end: .now + .milliseconds(-1), isFair: false)
        #expect(throws: Refusal.notRead) { try read(sender, within: time).timely() }
    }

    @Test("it is half of what is left, and fair from half a second on")
    func share() {
        #expect(ReadingTime(until: .now + .seconds(60)).isFair)
        #expect(!ReadingTime(until: .now + .seconds(60)).isOver)
        #expect(!ReadingTime(until: .now + .milliseconds(900)).isFair)
        #expect(ReadingTime(until: .now + .seconds(-1)).isOver)
        #expect(!ReadingTime.unlimited.isOver)
    }
}
