import Formats
import Platform
import Testing

@testable import LambdaRuntime
@testable import Transport

@Suite("The time to answer in")
struct BudgetTests {
    /// An event that Lambda gives this many milliseconds; nil when it does not say.
    private func invocation(limit: Int64?) throws -> Invocation {
        let now = Timestamp(milliseconds: 1_767_607_200_500)
        var headers = HTTPFieldLines()
        headers.append(line: Array("lambda-runtime-aws-request-id: 1".utf8))
        if let limit {
            let deadline = now.milliseconds + limit
            headers.append(line: Array("lambda-runtime-deadline-ms: \(deadline)".utf8))
        }
        return try Invocation(
            HTTPResponse(status: 200, headers: headers, body: []), receivedAt: now,
            received: .now + .seconds(-1))
    }

    /// How long after the event came, in milliseconds.
    private func length(_ budget: TimeBudget, of invocation: Invocation) -> Int64 {
        #expect(budget.now == invocation.receivedAt)
        return (budget.deadline - invocation.received).microseconds / 1000
    }

    @Test(
        "ends with the caller's patience or with Lambda's limit, less the margin",
        arguments: [
            // Lambda's limit, the caller's patience, the margin: what is left
            (10_000, 3000, 0, 3000), (10_000, 3000, 500, 2500), (2000, 3000, 500, 1500),
            (nil, 3000, 500, 2500), (3000, 3000, 500, 2500), (200, 3000, 500, -300),
        ] as [(Int64?, Int, Int, Int64)])
    func patience(limit: Int64?, patience: Int, margin: Int, left: Int64) throws {
        let invocation = try invocation(limit: limit)
        let budget = invocation.budget(
            patience: .milliseconds(patience), margin: .milliseconds(margin))
        #expect(length(budget, of: invocation) == left)
    }

    @Test(
        "is Lambda's whole limit for a caller who waits as long, less the margin",
        arguments: [
            (60_000, 30_000, 59_500), (5000, 30_000, 4500), (nil, 30_000, 29_500),
        ] as [(Int64?, Int, Int64)])
    func usual(limit: Int64?, usual: Int, left: Int64) throws {
        let invocation = try invocation(limit: limit)
        let budget = invocation.budget(usualLimit: .milliseconds(usual))
        #expect(length(budget, of: invocation) == left)
    }
}
