internal import Formats
internal import Foundation
internal import LocalServer
internal import Platform
internal import Synchronization
package import TestSupport

@testable import emulator

/// CloudWatch Logs on a socket, as far as Insights' queries go: it checks signatures, and answers
/// with the service's own statuses and shapes.
///
/// Source: Amazon CloudWatch Logs API Reference, 2014-03-28.
package final class LogsStandIn: Sendable {
    package static let queryID = "12ab3456-12ab-123a-789e-1234567890ab"

    package let server: SocketServer
    private let service: LogsService

    /// The operations that were called, in order.
    package var operations: [String] { service.calls.map(\.operation) }
    /// What they were asked, as JSON.
    package var bodies: [String] { service.calls.map(\.body) }

    /// Has a log group `functions` with these lines.
    ///
    /// A query has these statuses one after the other, the last of them for ever. `fault` may answer
    /// an operation in place of the service.
    package init(
        _ lines: [String], statuses: [String] = ["Scheduled", "Running", "Complete"],
        fault: @escaping @Sendable (_ operation: String) -> SocketServer.Reply? = { _ in nil }
    ) throws {
        let service = LogsService(lines: lines, statuses: statuses)
        self.service = service
        server = try SocketServer { request in
            if let refusal = LogsService.refusal(of: request) { return refusal }
            let target = request["x-amz-target"]?.split(separator: ".").last
            let operation = target.map(String.init) ?? ""
            service.note(operation, request.text)
            return fault(operation) ?? service.answer(operation, request.text)
        }
    }

    /// What a client needs to reach it.
    package var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": server.url, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "INLET_LOG_GROUP": "functions",
        ]
    }

    package static func error(_ status: Int, _ type: String) -> SocketServer.Reply {
        .text(status, #"{"__type":"\#(type)","message":"no"}"#)
    }
}

/// What the service knows, and how it answers.
private final class LogsService: Sendable {
    struct Call {
        let operation: String
        let body: String
    }

    private struct State {
        /// Of the query that runs; nil without one.
        var query: String?
        /// Statuses that it still has, the last one for ever.
        var statuses: [String]
        var calls: [Call] = []
    }

    private let state: Mutex<State>
    private let lines: [String]

    init(lines: [String], statuses: [String]) {
        self.lines = lines
        state = Mutex(State(statuses: statuses))
    }

    var calls: [Call] { state.withLock { $0.calls } }

    func note(_ operation: String, _ body: String) {
        state.withLock { $0.calls.append(Call(operation: operation, body: body)) }
    }

    static func refusal(of request: SocketServer.Request) -> SocketServer.Reply? {
        let check = SignatureCheck(
            credentials: FunctionSettings.Credentials(
                accessKeyID: "x", secretAccessKey: "x",
                sessionToken: nil), region: "us-east-1", service: "logs")
        let local = LocalRequest(
            method: request.method, path: request.target, query: nil,
            headers: request.headers.map { HTTPField($0.name, $0.value) }, body: request.body,
            peer: "127.0.0.1", port: 0)
        guard request.method == "POST", request.target == "/",
            request["content-type"] == "application/x-amz-json-1.1",
            request["x-amz-target"]?.hasPrefix("Logs_20140328.") == true
        else { return LogsStandIn.error(400, "UnknownOperationException") }
        return check.refusal(of: local, at: System.wallClock()).map {
            LogsStandIn.error($0.status, $0.code + "Exception")
        }
    }

    func answer(_ operation: String, _ text: String) -> SocketServer.Reply {
        guard let body = (try? JSONText(Array(text.utf8)))?.root else {
            return LogsStandIn.error(400, "SerializationException")
        }
        switch operation {
        case "StartQuery": return start(body)
        case "GetQueryResults": return results(body)
        case "StopQuery": return .text(200, #"{"success":true}"#)
        default: return LogsStandIn.error(400, "UnknownOperationException")
        }
    }

    private func start(_ body: JSONValue) -> SocketServer.Reply {
        guard let start = body["startTime"]?.int, let end = body["endTime"]?.int, start < end,
            let limit = body["limit"]?.int, 1...10_000 ~= limit
        else { return LogsStandIn.error(400, "InvalidParameterException") }
        guard body["logGroupNames"]?.elements.compactMap(\.string) == ["functions"] else {
            return LogsStandIn.error(400, "ResourceNotFoundException")
        }
        guard let query = body["queryString"]?.string, Self.pattern(of: query) != nil else {
            return LogsStandIn.error(400, "MalformedQueryException")
        }
        state.withLock { $0.query = query }
        return .text(200, #"{"queryId":"\#(LogsStandIn.queryID)"}"#)
    }

    private func results(_ body: JSONValue) -> SocketServer.Reply {
        guard body["queryId"]?.equals(LogsStandIn.queryID) == true else {
            return LogsStandIn.error(400, "ResourceNotFoundException")
        }
        let (query, status) = state.withLock { state in
            let status = state.statuses[0]
            if state.statuses.count > 1 { state.statuses.removeFirst() }
            return (state.query, status)
        }
        var writer = JSONWriter()
        writer.object { object in
            object.name("results")
            object.array { array in
                guard status == "Complete", let pattern = query.flatMap(Self.pattern) else {
                    return
                }
                for line in lines where Self.matches(line, pattern) {
                    array.array { row in
                        for (field, value) in [("@message", line), ("@ptr", "CmEKJgoi")] {
                            row.object { cell in
                                cell.member("field", field)
                                cell.member("value", value)
                            }
                        }
                    }
                }
            }
            object.member("status", status)
        }
        return .text(200, writer.text)
    }

    /// The regular expression of a query that has these commands and no others.
    private static func pattern(of query: String) -> String? {
        // A bar inside a line is one of a regular expression.
        let commands = query.components(separatedBy: "\n|").map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let start = "filter @message like /"
        guard commands.count == 4, commands[0] == "fields @timestamp, @message, @log",
            commands[1].hasPrefix(start), commands[1].hasSuffix("/"),
            commands[2] == "sort @timestamp asc", commands[3].hasPrefix("limit ")
        else { return nil }
        let pattern = commands[1].dropFirst(start.count).dropLast()
        return pattern.contains("/") || pattern.isEmpty ? nil : String(pattern)
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        line.range(of: pattern, options: .regularExpression) != nil
    }
}
