import Formats
import Platform
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

@Suite("Databricks' Statement Execution API")
struct DatabricksTests {
    private static let track =
        #"{"type":"track","messageId":"m-1","event":"hidden@example.org","properties":{"a":"\u0000"},"timestamp":"then"}"#

    @discardableResult
    private static func store(
        _ session: any WarehouseSession, within budget: TimeBudget = .long
    ) throws -> Int {
        try Messages.store([Messages.track("m")], in: session, within: budget)
    }

    private static func error(_ session: any WarehouseSession) -> WarehouseError? {
        do {
            try store(session)
            return nil
        } catch { return error as? WarehouseError }
    }

    @Test("a chunk is one statement for each table, and rows are a parameter")
    func statements() throws {
        let standIn = try DatabricksStandIn { _, _ in DatabricksStandIn.succeeded }
        let message = try Messages.message(Self.track, sender: "customerio")
        try Messages.store([message, try Messages.track("m-2")], in: try standIn.session())
        let bodies = try standIn.requests.map { try JSONText($0.body).root }
        let statements = bodies.map { $0["statement"]?.string ?? "" }
        let tables = statements.map { $0.split(separator: "`")[3] }
        // The row that counts the message comes last.
        #expect(tables == ["discards", "other_events", "tracks"])
        for (request, body) in zip(standIn.requests, bodies) {
            #expect(request.target == "/api/2.0/sql/statements")
            #expect(request.method == "POST")
            #expect(request["authorization"] == "Bearer t-1")
            #expect(body["warehouse_id"]?.string == "1a2b3c")
            #expect(body["catalog"]?.string == "main")
            #expect(body["on_wait_timeout"]?.string == "CONTINUE")
            #expect(body["wait_timeout"]?.string == "50s")
            #expect(body["statement"]?.string?.contains("hidden") == false)
        }
        let parameters = try #require(bodies.last?["parameters"])
        #expect(Array(parameters.elements).count == 1)
        let parameter = try #require(parameters.elements.first)
        #expect(parameter["name"]?.string == "rows")
        #expect(parameter["type"]?.string == "STRING")
        let rows = try JSONText(parameter["value"]?.utf8 ?? []).root
        let ids = rows.elements.map { $0["c0"]?.string }
        #expect(ids == ["m-1", "m-2"])
        #expect(standIn.tokenCount == 1)
    }

    @Test("a statement's text depends on its table only")
    func texts() {
        let dialect = DatabricksDialect(schema: "inlet")
        for table in Schema.all {
            let merge = dialect.merge(into: table)
            #expect(merge.hasPrefix("MERGE INTO `inlet`.`\(table.name)` AS t USING"))
            let keys = table.key.map { "t.`\($0)` = s.`\($0)`" }.joined(separator: " AND ")
            #expect(merge.contains(" ON \(keys) WHEN NOT MATCHED THEN INSERT"))
        }
    }

    @Test("a token is kept, and renewed five minutes before it ends")
    func renewal() throws {
        let standIn = try DatabricksStandIn { _, _ in DatabricksStandIn.succeeded }
        let session = try standIn.session()
        for (seconds, tokens) in [(0, 1), (3290, 1), (20, 2), (1000, 2)] {
            standIn.clock.advance(by: .seconds(seconds))
            try Self.store(session)
            #expect(standIn.tokenCount == tokens)
        }
        #expect(
            standIn.requests.map { $0["authorization"] }
                == ["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-2"])
    }

    @Test("a token that is refused is replaced once")
    func refusedToken() throws {
        let standIn = try DatabricksStandIn { _, request in
            request["authorization"] == "Bearer t-1"
                ? .text(401, #"{"error_code":"UNAUTHENTICATED"}"#) : DatabricksStandIn.succeeded
        }
        try Self.store(try standIn.session())
        #expect(standIn.requests.count == 2)
        let never = try DatabricksStandIn { _, _ in .text(401, "") }
        #expect(Self.error(try never.session())?.kind == .denied)
        #expect(never.requests.count == 2)
        #expect(never.tokenCount == 2)
        #expect(
            Self.error(try never.session(["INLET_WAREHOUSE_TOKEN": "dapi1"]))?.kind == .denied)
        #expect(never.requests.count == 3)
    }

    @Test(
        "a statement that runs on is asked for until it has ended",
        arguments: ["SUCCEEDED", "CLOSED"])
    func polling(end: String) throws {
        let standIn = try DatabricksStandIn { number, _ in
            switch number {
            case 0: DatabricksStandIn.state("PENDING")
            case 1: DatabricksStandIn.state("RUNNING")
            case 2: .text(503, "")
            case 3: .text(502, "")
            default: DatabricksStandIn.state(end)
            }
        }
        try Self.store(try standIn.session())
        #expect(
            standIn.requests.map { "\($0.method) \($0.target)" } == ["POST /api/2.0/sql/statements"]
                + Array(repeating: "GET /api/2.0/sql/statements/s-1", count: 4))
        #expect(
            standIn.clock.pauses.filter { $0 > .zero }
                == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
    }

    @Test("a token that ends while a statement runs is replaced, and the statement goes on")
    func tokenWhilePolling() throws {
        let standIn = try DatabricksStandIn { number, request in
            switch number {
            case 0: DatabricksStandIn.state("PENDING")
            default:
                request["authorization"] == "Bearer t-1"
                    ? .text(401, "") : DatabricksStandIn.succeeded
            }
        }
        try Self.store(try standIn.session())
        #expect(standIn.requests.map(\.method) == ["POST", "GET", "GET"])
        #expect(standIn.tokenCount == 2)
    }

    @Test("a connection that was idle for long is not used again")
    func idle() throws {
        let standIn = try DatabricksStandIn { _, _ in DatabricksStandIn.succeeded }
        let session = try standIn.session()
        for seconds in [0, 10, 30] {
            standIn.clock.advance(by: .seconds(seconds))
            try Self.store(session)
        }
        let connections = standIn.requests.map(\.connection)
        #expect(connections[0] == connections[1])
        #expect(connections[1] != connections[2])
    }

    @Test("a statement that does not end in time is cancelled")
    func cancelling() throws {
        let standIn = try DatabricksStandIn { _, _ in DatabricksStandIn.state("RUNNING") }
        let error = #expect(throws: WarehouseError.self) {
            try Self.store(try standIn.session(), within: .short(.seconds(3)))
        }
        #expect(error == .outOfTime)
        let body = try JSONText(standIn.requests[0].body).root
        #expect(body["wait_timeout"]?.string == "0s")
        #expect(standIn.requests.last?.target == "/api/2.0/sql/statements/s-1/cancel")
        #expect(standIn.requests.last?.method == "POST")
    }

    @Test(
        "what may pass is tried again",
        arguments: [
            SocketServer.Reply.text(429, ""), .text(408, ""), .text(500, ""), .text(502, ""),
            .text(503, ""), .text(504, ""), .reset, .close, .text(200, "no JSON"),
            DatabricksStandIn.failed("ABORTED", "2D521", "x"),
            DatabricksStandIn.failed("BAD_REQUEST", nil, "[DELTA_CONCURRENT_APPEND] x"),
            DatabricksStandIn.failed("BAD_REQUEST", nil, "[DELTA_METADATA_CHANGED] x"),
            DatabricksStandIn.failed("TEMPORARILY_UNAVAILABLE", nil, "x"),
            DatabricksStandIn.failed("INTERNAL_ERROR", "XX000", "x"),
            DatabricksStandIn.failed("BAD_REQUEST", "53200", "x"),
            DatabricksStandIn.state("CANCELED"),
        ])
    func transient(reply: SocketServer.Reply) throws {
        let standIn = try DatabricksStandIn { number, _ in
            number < 2 ? reply : DatabricksStandIn.succeeded
        }
        try Self.store(try standIn.session())
        #expect(standIn.requests.count == 3)
        let bodies = standIn.requests.map(\.body)
        #expect(bodies.allSatisfy { $0.count > 100 })
    }

    @Test("the pause that the service asks for is kept")
    func retryAfter() throws {
        let standIn = try DatabricksStandIn { number, _ in
            number == 0 ? .text(429, "", [("Retry-After", "7")]) : DatabricksStandIn.succeeded
        }
        try Self.store(try standIn.session())
        #expect(standIn.clock.pauses == [.seconds(8)])
    }

    @Test(
        "what stays is told at once, by its kind and without its words",
        arguments: [
            (
                SocketServer.Reply.text(
                    400, #"{"error_code":"BAD","message":"hidden@example.org"}"#),
                WarehouseError.Kind.denied
            ),
            (.text(403, ""), .denied), (.text(404, ""), .denied), (.text(413, ""), .tooLarge),
            (
                .text(400, #"{"error_code":"BAD","message":"Request is TOO large: hidden"}"#),
                .tooLarge
            ),
            (
                DatabricksStandIn.failed("BAD_REQUEST", "42P01", "[TABLE_OR_VIEW_NOT_FOUND]"),
                .denied
            ),
            (DatabricksStandIn.failed("BAD_REQUEST", "42703", "[UNRESOLVED_COLUMN]"), .denied),
            (DatabricksStandIn.failed("BAD_REQUEST", "23502", "[DELTA_NOT_NULL]"), .data),
            (DatabricksStandIn.failed("BAD_REQUEST", "42501", "[PERMISSION]"), .denied),
            (DatabricksStandIn.failed("BAD_REQUEST", "54000", "x"), .tooLarge),
        ])
    func permanent(reply: SocketServer.Reply, kind: WarehouseError.Kind) throws {
        let standIn = try DatabricksStandIn { _, _ in reply }
        let error = try #require(Self.error(try standIn.session()))
        #expect(error.kind == kind)
        #expect(standIn.requests.count == 1)
        #expect(!"\(error)".contains("hidden"))
    }

    @Test("a conflict that lasts is left to the loader")
    func conflict() throws {
        let standIn = try DatabricksStandIn { _, _ in
            DatabricksStandIn.failed("ABORTED", "2D521", "x")
        }
        let error = Self.error(try standIn.session())
        #expect(error?.kind == .conflict)
        #expect(error?.code == "2D521")
        #expect(standIn.requests.count == 6)
    }

    @Test("only rows that the warehouse calls new count as new")
    func counts() throws {
        let standIn = try DatabricksStandIn { number, _ in
            .text(
                200,
                #"{"statement_id":"s","status":{"state":"SUCCEEDED"},"manifest":{"schema":{"columns":"#
                    + #"[{"name":"num_affected_rows"},{"name":"num_inserted_rows"}]}},"#
                    + #""result":{"data_array":[["9","\#(number == 0 ? 1 : 0)"]]}}"#)
        }
        let session = try standIn.session()
        #expect(try Self.store(session) == 1)
        #expect(try Self.store(session) == 0)
    }
}
