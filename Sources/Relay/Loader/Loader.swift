internal import Formats
package import LambdaRuntime
internal import Platform
internal import Queues
internal import Warehouse
package import WarehouseStore

/// Stores published messages in a warehouse: the handler `loader`.
///
/// A record leaves its queue when its message is committed, in its table or in `rejected`. All others
/// come again: from a queue only they, else the whole event.
package final class Loader {
    /// When nobody says how much time there is.
    private static let usualLimit = Duration.seconds(30)
    /// What of the time is kept for answering: a fifth or this, whichever is more, but never more
    /// than half.
    private static let shortestReserve = Duration.seconds(5)

    private let warehouse: any WarehouseSession
    private let log: Logger
    private let slot: EventSlot

    /// Makes no connection yet.
    ///
    /// `slot` is told of each wait before it begins.
    package init(_ warehouse: any WarehouseSession, log: Logger, slot: EventSlot) {
        self.warehouse = warehouse
        self.log = log
        self.slot = slot
    }

    package func answer(_ invocation: Invocation) -> Answer {
        QueueAnswer.answer(to: invocation, log) { event in load(event, invocation) }
    }

    /// The answer to an event that the loader has not answered in time: all of it comes again.
    package static func unanswered(_ invocation: Invocation) -> Answer {
        QueueAnswer.unanswered(invocation, task)
    }

    private static let task = QueueAnswer.Task(code: "NotLoaded", participle: "loaded")

    private func load(_ event: QueueEvent, _ invocation: Invocation) -> Answer {
        let start = Instant.now
        let budget = invocation.budget(usualLimit: Self.usualLimit)
        let batch = Batch(
            Self.messages(event, invocation), loadedAt: invocation.receivedAt,
            layout: warehouse.layout)
        let mapTime = Instant.now - start
        slot.wait = .warehouse
        let outcome = BatchWriter(batch, session: warehouse, limits: warehouse.limits)
            .write(within: budget.leaving(Self.reserve(budget, invocation)))
        slot.wait = .handler
        let failed = event.records.addingFollowers(of: outcome.failed)
        let report = LoadReport(
            warehouse: warehouse.dialect.name, outcome: outcome, received: event.records.count,
            failed: failed.count, bytes: invocation.event.count, mapTime: mapTime,
            loadTime: .now - start - mapTime)
        log.write(
            report.level, "load", invocation, report.fields, metrics: [LoadReport.metrics])
        return QueueAnswer.answer(
            to: event, failed: failed.sorted().map { event.records[$0].id }, Self.task)
    }

    private static func messages(
        _ event: QueueEvent, _ invocation: Invocation
    ) -> [PublishedMessage] {
        event.records.map { record in
            PublishedMessage(
                body: record.body, partner: record["partner"] ?? "",
                sender: record["sender"] ?? "", recordID: record.id,
                queuedAt: record.sentAt ?? invocation.receivedAt)
        }
    }

    private static func reserve(_ budget: TimeBudget, _ invocation: Invocation) -> Duration {
        let time = budget.deadline - invocation.received
        return min(max(time / 5, shortestReserve), time / 2)
    }
}
