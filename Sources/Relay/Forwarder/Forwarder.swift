package import Delivery
internal import Formats
package import LambdaRuntime
internal import Platform
internal import Queues
package import Secrets
internal import Transport

/// Sends published messages on to the Segment API: the handler `forwarder`.
///
/// A record leaves its queue when Segment has it, when it is not for Segment, or when the rejected
/// topic has it. All others come again: from a queue only they, else the whole event.
package final class Forwarder {
    /// When nobody says how much time there is.
    private static let usualLimit = Duration.seconds(30)
    /// What of the time is kept for the rejected topic: a fifth, up to this.
    private static let rejectTime = Duration.seconds(3)

    private let segment: SegmentPublisher
    private let writeKey: SettingSecret
    private let rejectedTopic: Sink?
    private let publisher: SinkPublisher
    private let log: Logger
    private let slot: EventSlot

    /// Makes no connection and reads nothing yet.
    ///
    /// `publisher` knows the rejected topic. `slot` is told of each wait before it begins.
    package init(
        segment: SegmentPublisher, writeKey: SettingSecret, rejectedTopic: Sink?,
        publisher: SinkPublisher, log: Logger, slot: EventSlot
    ) {
        self.segment = segment
        self.writeKey = writeKey
        self.rejectedTopic = rejectedTopic
        self.publisher = publisher
        self.log = log
        self.slot = slot
    }

    package func answer(_ invocation: Invocation) -> Answer {
        QueueAnswer.answer(to: invocation, log) { event in relay(event, invocation) }
    }

    /// The answer to an event that the forwarder has not answered in time: all of it comes again.
    package static func unanswered(_ invocation: Invocation) -> Answer {
        QueueAnswer.unanswered(invocation, task)
    }

    private static let task = QueueAnswer.Task(code: "NotForwarded", participle: "forwarded")

    private func relay(_ event: QueueEvent, _ invocation: Invocation) -> Answer {
        let budget = invocation.budget(usualLimit: Self.usualLimit)
        let batch = RelayBatch(event.records)
        let start = Instant.now
        let items = batch.items
        let verdicts =
            items.isEmpty
            ? []
            : send(items, invocation, within: budget.leaving(Self.reserve(budget, invocation)))
        var outcome = batch.outcome(verdicts)
        reject(&outcome, invocation, within: budget)
        slot.wait = .handler
        report(outcome, event, invocation, start: start)
        return QueueAnswer.answer(to: event, failed: outcome.failed, Self.task)
    }

    private static func reserve(_ budget: TimeBudget, _ invocation: Invocation) -> Duration {
        min(rejectTime, (budget.deadline - invocation.received) / 5)
    }

    private func send(
        _ items: [SegmentItem], _ invocation: Invocation, within budget: TimeBudget
    ) -> [Verdict] {
        slot.wait = .writeKey
        let key: [UInt8]
        do throws(SecretError) {
            let reading = try writeKey.value(within: budget)
            if let failure = reading.failure {
                log.write(
                    .warn, "the write key could not be refreshed", invocation,
                    [LogField("reason", .text(failure.reason))])
            }
            key = reading.value
        } catch {
            return items.map { _ in
                .notAccepted(reason: "the write key could not be read: \(error.reason)")
            }
        }
        guard SegmentPublisher.isWriteKey(key) else {
            return items.map { _ in .notAccepted(reason: "the secret holds no write key") }
        }
        slot.wait = .segment
        return segment.send(items, writeKey: key, within: budget).verdicts
    }

    /// Hands what Segment will never take to the rejected topic; without one it stays in the queue.
    private func reject(
        _ outcome: inout RelayOutcome, _ invocation: Invocation, within budget: TimeBudget
    ) {
        let rejects = outcome.rejects(requestID: invocation.requestID, at: budget.now)
        guard !rejects.isEmpty else { return }
        log(rejects, of: outcome, invocation)
        guard let rejectedTopic else {
            for reject in rejects {
                outcome.fail(reject.record, reason: "there is no topic for rejects")
            }
            return
        }
        slot.wait = .sink
        let publications = rejects.map { Publication($0.rejection, to: rejectedTopic) }
        for (reject, publication) in zip(rejects, publications) where publication.isCut {
            log.write(
                .error, "a rejected message is not kept whole", invocation,
                [
                    LogField("reason", .text("cut")),
                    LogField("record", .text(outcome.id(of: reject))),
                ])
        }
        let report = publisher.publish(
            publications, within: budget, traceID: invocation.traceID)
        for (reject, verdict) in zip(rejects, report.verdicts) { outcome.take(verdict, on: reject) }
    }

    private func log(
        _ rejects: [RelayOutcome.Reject], of outcome: RelayOutcome, _ invocation: Invocation
    ) {
        for reject in rejects {
            log.write(
                .warn, "rejected", invocation,
                [
                    LogField("record", .text(outcome.id(of: reject))),
                    LogField("code", .text(reject.rejection.code)),
                ])
        }
    }

    private func report(
        _ outcome: RelayOutcome, _ event: QueueEvent, _ invocation: Invocation, start: Instant
    ) {
        let report = RelayReport(
            source: event.source.rawValue, received: outcome.records.count,
            forwarded: outcome.count { $0 == .forwarded },
            dropped: outcome.count { $0 == .dropped },
            rejected: outcome.count(where: \.isRejected),
            failed: outcome.count { $0 == .failed }, bytes: invocation.event.count,
            readTime: start - invocation.received, sendTime: .now - start, reason: outcome.failure)
        log.write(
            report.level, "relay", invocation, report.fields, metrics: [RelayReport.metrics])
    }
}
