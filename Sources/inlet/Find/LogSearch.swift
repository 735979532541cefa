import AWS
import Formats
import Platform
import Transport

/// A search in the functions' logs, by CloudWatch Logs Insights.
///
/// Source: Amazon CloudWatch Logs API Reference, 2014-03-28: `StartQuery`, `GetQueryResults`,
/// `StopQuery`.
struct LogSearch {
    static let group = Option(
        name: "log-group", value: "NAME",
        help: "the functions' log group; may be repeated (default: \(variable))")
    static let variable = "INLET_LOG_GROUP"
    /// Between the names of several groups in the variable.
    private static let separator: Character = ","
    static let since = Option(
        name: "since", value: "AGE",
        help: "how far back in the logs, such as 30m or 7d (default: 24h)")
    /// Questions after which a search that goes on is stopped.
    private static let maximumPolls = 90
    private static let pause = Duration.seconds(1)
    /// A person is told each so many questions that it goes on.
    private static let pollsPerNote = 5
    private static let longestAge = Duration.seconds(366 * 86400)

    private let groups: [String]
    private let age: Duration
    private let session: Session
    private let client: AWSClient

    init(_ session: Session) throws(InletError) {
        let given = session.arguments.values(Self.group)
        let named = session.system[Self.variable] ?? ""
        groups = given.isEmpty ? named.split(separator: Self.separator).map(String.init) : given
        guard !groups.isEmpty else {
            throw .settingMissing(option: Self.group.name, variable: Self.variable)
        }
        let text = session.arguments.value(Self.since) ?? "24h"
        guard let age = ShortDuration(text)?.duration, .zero < age, age <= Self.longestAge else {
            throw .malformed(
                "--\(Self.since.name)",
                expected: "a number and s, m, h or d, up to \(Self.longestAge.seconds / 86400)d")
        }
        self.age = age
        self.session = session
        client = AWSClient(session.aws, credentials: session.credentials)
    }

    /// The lines that a query finds, oldest first.
    func lines(_ query: LogQuery) throws(InletError) -> [JSONText] {
        let id = try start(query)
        do throws(InletError) {
            for poll in 1...Self.maximumPolls {
                let reply = try call("GetQueryResults") { $0.member("queryId", id) }
                switch reply["status"]?.string {
                case "Complete": return lines(of: reply, query)
                case "Scheduled", "Running": break
                case let status: throw .searchEnded(status ?? "no status")
                }
                session.system.sleep(Self.pause)
                if poll % Self.pollsPerNote == 0 {
                    session.console.note("Still searching, for \(poll) s.")
                }
            }
            throw .searchEnded("not complete after \(Self.maximumPolls) s")
        } catch {
            // One that has ended cannot be stopped, which is as good.
            _ = try? call("StopQuery") { $0.member("queryId", id) }
            throw error
        }
    }

    private func start(_ query: LogQuery) throws(InletError) -> String {
        let now = session.system.now().milliseconds / 1000
        let reply = try call("StartQuery") { body in
            body.name("logGroupNames")
            body.array { array in for group in groups { array.string(group) } }
            body.member("startTime", Int(now) - age.seconds)
            body.member("endTime", Int(now) + 1)
            body.member("queryString", query.text)
            body.member("limit", LogQuery.limit)
        }
        guard let id = reply["queryId"]?.string else { throw .replyUnreadable("the logs") }
        return id
    }

    private func lines(of reply: JSONValue, _ query: LogQuery) -> [JSONText] {
        let rows = reply["results"].map { Array($0.elements) } ?? []
        return rows.compactMap { row in
            let message = row.elements.first { $0["field"]?.equals("@message") == true }
            guard let text = message?["value"]?.utf8, let line = try? JSONText(text),
                query.takes(line.root)
            else { return nil }
            return line
        }
    }

    private func call(
        _ operation: String, _ fill: (inout JSONWriter) -> Void
    ) throws(InletError) -> JSONValue {
        var writer = JSONWriter()
        writer.object(fill)
        do throws(AWSError) {
            return try client.call(
                .logs, target: "Logs_20140328.\(operation)", body: writer.bytes,
                within: client.system.budget(of: Session.patience)
            ).root
        } catch {
            throw .aws("the logs (\(operation))", error)
        }
    }
}
