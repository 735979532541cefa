internal import Platform
internal import Transport

/// Puts an answer where CloudFormation waits for it.
struct ReplySender {
    /// For one attempt: a slower one is better repeated.
    private static let attemptTimeout = Duration.seconds(5)
    /// The least time of an attempt, however late it is.
    private static let leastTimeout = Duration.milliseconds(100)
    private static let maximumAttempts = 5
    /// Nothing is needed of the body with which CloudFormation's storage answers.
    private static let maximumBody = 64 * 1024

    let system: System
    var attempts = Self.maximumAttempts

    /// Returns nil once the answer has been taken, or what was wrong with the last attempt.
    func send(_ reply: ResourceReply, within budget: TimeBudget) -> String? {
        let request = reply.put
        do throws(TransportError) {
            let connection = try HTTPConnection(proxy: .environment)
            var retries = RetryState(
                policy: RetryPolicy(
                    maximumAttempts: attempts, shortestAttempt: Self.leastTimeout))
            while true {
                let timeout = max(Self.leastTimeout, min(Self.attemptTimeout, budget.left))
                let problem = Self.attempt(request, by: connection, timeout: timeout)
                guard let problem else { return nil }
                guard retries.pause(left: budget.left, by: system) else { return problem }
            }
        } catch {
            return error.reason
        }
    }

    private static func attempt(
        _ request: HTTPRequest, by connection: borrowing HTTPConnection, timeout: Duration
    ) -> String? {
        do throws(TransportError) {
            let status = try connection.send(
                request, timeout: timeout, maximumBody: maximumBody
            ).status
            return 200..<300 ~= status ? nil : "status \(status)"
        } catch {
            return error.reason
        }
    }
}
