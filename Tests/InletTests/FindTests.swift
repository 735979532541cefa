import Formats
import StandIns
import TestSupport
import Testing

@testable import inlet

@Suite("Finding a request by an id", .timeLimit(.minutes(60)))
struct FindTests {
    private static let lines = [
        #"{"timestamp":"2026-01-05T10:00:00.600Z","level":"INFO","message":"request","#
            + #""requestId":"r-1","lambdaRequestId":"l-1","sender":"partner","partner":"shop","#
            + #""outcome":"published","status":200,"messageHashes":["7b409f932d2c88e9"]}"#,
        #"{"timestamp":"2026-01-05T10:00:01.600Z","level":"WARN","message":"request","#
            + #""requestId":"r-11","sender":"partner","outcome":"not_authentic","status":401,"#
            + #""code":"invalid_signature","reason":"x-hub-signature-256 is missing"}"#,
        #"{"timestamp":"2026-01-05T10:00:02.600Z","level":"INFO","message":"request","#
            + #""requestId":"r-2","messageHashes":["00","bea6df60d4fda780"]}"#,
        #"{"timestamp":"2026-01-05T10:00:03.600Z","level":"WARN","message":"rejected","#
            + #""requestId":"r-3","code":"id_not_string","messageId":"evt-3"}"#,
        "START RequestId: r-1 Version: $LATEST",
    ]

    private func person(_ logs: LogsStandIn) throws -> Operator {
        try Operator(logs.environment, migrated: false)
    }

    @Test(
        "by the front's request id, by Lambda's, and by a messageId, in the functions' logs",
        arguments: [
            ("--request-id", "r-1", "r-1"), ("--request-id", "l-1", "r-1"),
            ("--request-id", "r-11", "r-11"), ("--message-id", "evt-1", "r-1"),
            ("--message-id", #"a"/ | limit 1 \ é"#, "r-2"), ("--message-id", "evt-3", "r-3"),
        ])
    func logs(option: String, id: String, found: String) throws {
        let logs = try LogsStandIn(Self.lines)
        let person = try person(logs)
        let result = person.run("find", option, id, "--json")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try result.json().elements.map { $0["requestId"]?.string } == [found])
        #expect(
            logs.operations == [
                "StartQuery", "GetQueryResults", "GetQueryResults", "GetQueryResults",
            ])
        #expect(person.waits.count == 2)
    }

    @Test("for people it is a table, with the reason of a refusal")
    func table() throws {
        let logs = try LogsStandIn(Self.lines)
        let result = try person(logs).run("find", "--request-id", "r-11")
        #expect(result.code == 0)
        #expect(logs.operations.count == 4)
        #expect(result.output.contains("401"))
        #expect(result.output.contains("x-hub-signature-256 is missing"))
    }

    @Test("what is not there is said to be missing")
    func nothing() throws {
        for id in ["r-4", "x\") | limit 9 #", "é"] {
            let logs = try LogsStandIn(Self.lines)
            let result = try person(logs).run("find", "--request-id", id)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(result.errors.contains("Nothing was found"))
            #expect(logs.operations.count == 4)
        }
    }

    @Test("it looks as far back as --since says")
    func since() throws {
        let logs = try LogsStandIn(Self.lines)
        let person = try person(logs)
        _ = person.run("find", "--request-id", "r-1", "--since", "2h")
        let body = try parse(try #require(logs.bodies.first))
        let (start, end) = (body["startTime"]?.int ?? 0, body["endTime"]?.int ?? 0)
        #expect(end - start == 7201)
        for age in ["2", "x", "-1h", "900d"] {
            #expect(person.run("find", "--request-id", "r-1", "--since", age).code == 2)
        }
    }

    @Test(
        "a search that ends otherwise fails, and is stopped",
        arguments: ["Failed", "Cancelled", "Timeout", "Unknown"])
    func ended(status: String) throws {
        let logs = try LogsStandIn(Self.lines, statuses: ["Running", status])
        let result = try person(logs).run("find", "--request-id", "r-1")
        #expect(result.code == 1)
        #expect(result.errors.contains(status))
        #expect(logs.operations.last == "StopQuery")
    }

    @Test("a search that does not end is stopped, and a person is told meanwhile")
    func endless() throws {
        let logs = try LogsStandIn(Self.lines, statuses: ["Running"])
        let person = try person(logs)
        let result = person.run("find", "--request-id", "r-1")
        #expect(result.code == 1)
        #expect(result.errors.contains("Still searching, for 5 s."))
        #expect(logs.operations.last == "StopQuery")
        #expect(person.waits.count == 90)
    }

    @Test(
        "an error of the service is told, and one that passes is waited out",
        arguments: [
            ("LimitExceededException", true), ("ServiceUnavailableException", true),
            ("MalformedQueryException", false), ("AccessDeniedException", false),
        ])
    func errors(type: String, passes: Bool) throws {
        let count = Recorder<String>()
        let status = type == "ServiceUnavailableException" ? 503 : 400
        let logs = try LogsStandIn(Self.lines) { operation in
            guard operation == "StartQuery" else { return nil }
            count.append(operation)
            return passes && count.all.count > 1 ? nil : LogsStandIn.error(status, type)
        }
        let result = try person(logs).run("find", "--request-id", "r-1")
        #expect(result.code == (passes ? 0 : 1))
        if !passes { #expect(result.errors.contains(type)) }
        #expect(logs.operations.count == (passes ? 5 : 1))
    }

    @Test("one id is needed, and a log group")
    func usage() throws {
        let logs = try LogsStandIn(Self.lines)
        let person = try person(logs)
        #expect(person.run("find").code == 2)
        #expect(person.run("find", "--request-id", "a", "--message-id", "b").code == 2)
        let without = try Operator([:], migrated: false).run("find", "--request-id", "a")
        #expect(without.code == 2 && without.errors.contains("INLET_LOG_GROUP"))
        #expect(logs.operations.isEmpty)
    }
}
