import Delivery
import Formats
import Queues
import TestSupport
import Testing

@testable import Relay

@Suite("What becomes of each record")
struct RelayBatchTests {
    private func batch(
        _ messages: [QueueEvents.Message], isFIFO: Bool = false
    ) throws -> RelayBatch {
        RelayBatch(try QueueEvent(QueueEvents.sqs(messages, isFIFO: isFIFO)).records)
    }

    @Test(
        "a call's fate is Segment's verdict on it",
        arguments: [
            (.accepted, .forwarded),
            (.notAccepted(reason: "HTTP 503"), .failed),
            (
                .refused(.tooLarge),
                .rejected(
                    code: "relay_message_too_large",
                    message: "The message is larger than 32768 bytes.")
            ),
            (
                .refused(.other(code: "refused_by_segment")),
                .rejected(code: "refused_by_segment", message: "Segment refused the message.")
            ),
        ] as [(Verdict, RelayFate)])
    func verdicts(verdict: Verdict, fate: RelayFate) throws {
        let outcome = try batch([message("a")]).outcome([verdict])
        #expect(outcome.fates == [fate])
        #expect(outcome.failed == (fate == .failed ? ["r-a"] : []))
        #expect(outcome.failure == (fate == .failed ? "HTTP 503" : nil))
    }

    @Test("verdicts belong to the calls that are sent, and every record has a fate")
    func places() throws {
        let batch = try batch([
            message("a", sender: "segment-destination"), message("b"), .init("not JSON", id: "r-c"),
            message("d"),
        ])
        #expect(batch.items.count == 2)
        let outcome = batch.outcome([.notAccepted(reason: "x"), .accepted])
        #expect(outcome.failed == ["r-b"])
        #expect(outcome.fates[0] == .dropped && outcome.fates[3] == .forwarded)
        #expect(outcome.fates[2].isRejected)
    }

    @Test("a call without a verdict has failed")
    func unanswered() throws {
        let outcome = try batch([message("a"), message("b")]).outcome([.accepted])
        #expect(outcome.fates == [.forwarded, .failed])
    }

    @Test("what follows a failed record in its group fails with it, and nothing else does")
    func groups() throws {
        let batch = try batch(
            [
                message("a", group: "g"), message("b", group: "h"), message("c", group: "g"),
                message("d", group: "i"),
            ], isFIFO: true)
        var outcome = batch.outcome([
            .notAccepted(reason: "x"), .accepted, .accepted, .accepted,
        ])
        #expect(outcome.failed == ["r-a", "r-c"])
        outcome.fail(1, reason: "y")
        #expect(outcome.failed == ["r-a", "r-b", "r-c"])
        #expect(outcome.failure == "x")
    }
}
