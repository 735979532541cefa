internal import Formats
internal import Platform
internal import Transport

/// Runs one statement at a time on a SQL warehouse, and waits for its end.
///
/// Source: Databricks REST API reference, "Statement Execution API", 2.0.
struct StatementAPI {
    /// Kept for cancelling a statement that has not ended in time.
    private static let cancelTime = Duration.seconds(2)
    /// The service's shortest and longest wait for a statement's end, in seconds.
    private static let waits = 5...50
    /// Kept for the answer to arrive, after the service's wait.
    private static let answerTime = Duration.seconds(1)
    /// How much longer than it was asked to the service may take; its waits are approximate.
    private static let delay = Duration.seconds(15)
    /// Pauses between questions whether a statement has ended; the last one is repeated.
    private static let pauses: [Duration] = [
        .seconds(1), .seconds(2), .seconds(4), .seconds(5),
    ]

    let setting: DatabricksSetting
    let connection: ServiceConnection
    let login: DatabricksLogin
    let path: String

    init(_ setting: DatabricksSetting, _ connection: ServiceConnection, _ login: DatabricksLogin) {
        self.setting = setting
        self.connection = connection
        self.login = login
        path = setting.address.origin + "/api/2.0/sql/statements"
    }

    /// Runs a statement, again where that is of use: to repeat it must do no harm.
    func execute(
        _ statement: DatabricksStatement, within budget: TimeBudget
    ) throws(WarehouseError) -> DatabricksReply {
        try connection.retrying(within: budget, renew: login.forget) { () throws(ServiceFault) in
            try run(statement, within: budget)
        }
    }

    private func run(
        _ statement: DatabricksStatement, within budget: TimeBudget
    ) throws(ServiceFault) -> DatabricksReply {
        let whole = budget.left
        let cancelTime = min(Self.cancelTime, whole / 4)
        let working = budget.leaving(cancelTime)
        let room = (working.left - Self.answerTime).seconds
        let wait = room < Self.waits.lowerBound ? 0 : min(room, Self.waits.upperBound)
        let body = statement.body(setting, wait: wait)
        var reply = try answer(
            "POST", path, body, timeout: min(budget.left, .seconds(wait) + Self.delay),
            within: budget)
        var pauses = Self.pauses[...]
        while reply.isUnderWay {
            guard let id = reply.id else { throw ServiceFault.unreadable }
            let pause = pauses.count > 1 ? pauses.removeFirst() : pauses[pauses.startIndex]
            guard pause < working.left else {
                connection.system.sleep(max(working.left, .zero))
                cancel(id, within: budget)
                throw ServiceFault(.permanent, .outOfTime)
            }
            connection.system.sleep(pause)
            if let news = try news(of: id, within: working) { reply = news }
        }
        switch reply.state {
        case .succeeded, .closed: return reply
        case .failed, .canceled, .pending, .running: throw DatabricksFault.fault(reply)
        }
    }

    /// What has become of a statement; nil when that could not be learnt now.
    private func news(
        of id: String, within budget: TimeBudget
    ) throws(ServiceFault) -> DatabricksReply? {
        do throws(ServiceFault) {
            return try answer(
                "GET", "\(path)/\(id)", [], timeout: min(budget.left, Self.delay), within: budget)
        } catch {
            switch error.kind {
            case .transient, .throttling:
                connection.system.sleep(min(error.asked, budget.left))
                return nil
            case .expiredCredentials, .clockSkew:
                login.forget()
                return nil
            case .permanent:
                // The time may just be up, and then the statement is still to be cancelled.
                guard error.error.kind == .outOfTime else { throw error }
                return nil
            }
        }
    }
}
