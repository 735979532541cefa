internal import LambdaRuntime
internal import Queues

/// What a handler of queues answers: a queue is told which records come again, and a topic only
/// whether all are done.
enum QueueAnswer {
    /// What the messages of an event did not become.
    struct Task {
        /// The type of the error that a topic sees.
        let code: String
        /// As in "were not forwarded".
        let participle: String
    }

    /// The answer of a handler to an event; one that is no queue's is logged.
    static func answer(
        to invocation: Invocation, _ log: Logger, handler: (QueueEvent) -> Answer
    ) -> Answer {
        do throws(QueueEventError) {
            return handler(try QueueEvent(invocation.event))
        } catch {
            log.write(
                .error, "the event cannot be read", invocation,
                [LogField("reason", .text(error.reason))])
            return malformed(error, invocation)
        }
    }

    /// The answer when the records with these ids must come again.
    static func answer(to event: QueueEvent, failed ids: [String], _ task: Task) -> Answer {
        guard event.source == .sns, !ids.isEmpty else {
            return .response(BatchResponse.failing(ids))
        }
        return .failure(
            Failure(
                .function, task.code,
                message: "\(ids.count) of \(event.records.count) messages were not "
                    + "\(task.participle)."))
    }

    /// The answer to an event that was not answered in time: all of it comes again.
    static func unanswered(_ invocation: Invocation, _ task: Task) -> Answer {
        do throws(QueueEventError) {
            let event = try QueueEvent(invocation.event)
            return answer(to: event, failed: event.records.map(\.id), task)
        } catch {
            return malformed(error, invocation)
        }
    }

    /// The answer to an event whose records cannot be told apart.
    private static func malformed(_ error: QueueEventError, _ invocation: Invocation) -> Answer {
        switch error {
        case .notJSON, .unreadable:
            .failure(Failure(.function, "MalformedEvent", message: error.reason))
        case .unknownSource:
            .failure(
                EventKind(of: invocation.event).failure(takes: "records of SQS, SNS or Kinesis"))
        }
    }
}
