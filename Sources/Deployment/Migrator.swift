package import LambdaRuntime
package import Platform
internal import Transport

/// Sets the tables up when a stack is deployed: the handler `migrator`, a custom resource.
///
/// CloudFormation waits for an answer at an address of its own, for up to an hour. If it cannot
/// be answered the event fails, and Lambda hands it in again.
package final class Migrator {
    /// The time limit if Lambda gives none.
    private static let usualLimit = Duration.seconds(60)
    /// A third of the time is kept for answering, and no more than this.
    private static let answerTime = Duration.seconds(15)
    /// For the one attempt that the supervisor makes: it has a quarter of a second for everything.
    private static let lastAttempt = Duration.milliseconds(120)

    private let migration: any Migration
    private let system: System
    private let log: Logger
    private let slot: EventSlot

    /// Makes no connection and reads nothing yet.
    ///
    /// `slot` is told of each wait before it begins.
    package init(
        _ migration: any Migration, system: System, log: Logger, slot: EventSlot
    ) {
        self.migration = migration
        self.system = system
        self.log = log
        self.slot = slot
    }

    package func answer(_ invocation: Invocation) -> Answer {
        let request: ResourceRequest
        do throws(ResourceRequestError) {
            request = try ResourceRequest(invocation.event)
        } catch {
            log.write(
                .error, "the event cannot be read", invocation,
                [LogField("reason", .text(error.reason))])
            return Self.malformed(error)
        }
        let budget = invocation.budget(usualLimit: Self.usualLimit)
        let reserve = min(Self.answerTime, (budget.deadline - invocation.received) / 3)
        let outcome = outcome(of: request, within: budget.leaving(reserve))
        slot.wait = .cloudFormation
        let reply = ResourceReply(outcome: outcome, request: request)
        let problem = ReplySender(system: system).send(reply, within: budget)
        slot.wait = .handler
        log.write(
            problem == nil && outcome.status == "SUCCESS" ? .info : .error, "migration",
            invocation,
            [
                LogField("requestType", .text(request.kind.rawValue)),
                LogField("status", .text(outcome.status)),
                LogField("reason", .text(outcome.reason)),
            ] + (problem.map { [LogField("notAnswered", .text($0))] } ?? []))
        return Self.answer(with: reply, problem)
    }

    /// The answer to an event that the migrator has not answered in time, with one short attempt at
    /// telling CloudFormation.
    package static func unanswered(
        _ invocation: Invocation, _ system: System
    ) -> Answer {
        do throws(ResourceRequestError) {
            let reply = ResourceReply(
                outcome: .failed(reason: "The function ran out of time."),
                request: try ResourceRequest(invocation.event))
            let sender = ReplySender(system: system, attempts: 1)
            return answer(with: reply, sender.send(reply, within: system.budget(of: lastAttempt)))
        } catch {
            return malformed(error)
        }
    }

    private static func answer(with reply: ResourceReply, _ problem: String?) -> Answer {
        guard let problem else { return .response(reply.body) }
        return .failure(
            Failure(
                .function, "NotAnswered", message: "CloudFormation was not answered: \(problem)."))
    }

    private static func malformed(_ error: ResourceRequestError) -> Answer {
        .failure(Failure(.function, "MalformedEvent", message: error.reason))
    }

    private func outcome(
        of request: ResourceRequest, within budget: TimeBudget
    ) -> ResourceReply.Outcome {
        guard request.kind != .delete else {
            return .success(version: nil, reason: "The tables stay as they are.")
        }
        do throws(MigrationError) {
            let result = try migration.migrate(within: budget, slot)
            return .success(version: result.version, reason: result.sentence)
        } catch {
            return .failed(reason: "The tables could not be set up: \(error.reason)")
        }
    }
}
