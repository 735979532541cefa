internal import Formats
internal import Platform
internal import Transport

extension StatementAPI {
    /// Asks for a statement's end; whether it does end is not known.
    func cancel(_ id: String, within budget: TimeBudget) {
        _ = try? send("POST", "\(path)/\(id)/cancel", [], timeout: budget.left, within: budget)
    }

    func answer(
        _ method: String, _ url: String, _ body: [UInt8], timeout: Duration,
        within budget: TimeBudget
    ) throws(ServiceFault) -> DatabricksReply {
        let response = try send(method, url, body, timeout: timeout, within: budget)
        guard response.status == 200 else {
            throw DatabricksFault.fault(
                response, isRenewable: login.isRenewable, at: connection.system.now())
        }
        guard let reply = DatabricksReply(response.body) else { throw ServiceFault.unreadable }
        return reply
    }

    private func send(
        _ method: String, _ url: String, _ body: [UInt8], timeout: Duration,
        within budget: TimeBudget
    ) throws(ServiceFault) -> HTTPResponse {
        let authorization = try login.authorization(within: budget)
        let type = HTTPField("Content-Type", "application/json")
        return try connection.send(
            HTTPRequest(
                method: method, url: url,
                headers: [authorization] + (method == "POST" ? [type] : []), body: body),
            timeout: timeout)
    }
}
