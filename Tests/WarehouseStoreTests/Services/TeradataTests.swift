import Formats
import Platform
import Synchronization
import TestSupport
import Testing
@testable import Relay
@testable import Warehouse
@testable import WarehouseStore

@Suite("Teradata's Query Service")
struct TeradataTests {
    private static let environment = [
        "INLET_WAREHOUSE_USER": "loader", "INLET_WAREHOUSE_PASSWORD": "pass:word",
    ]
    private static let done = SocketServer.Reply.text(
        200, #"{"queueDuration":1,"queryDuration":2,"results":[{"resultSet":false}]}"#)

    /// A service that answers the n-th query so.
    private struct Service {
        let server: SocketServer
        let clock = Clock()

        init(
            _ script: @escaping @Sendable (Int, SocketServer.Request) -> SocketServer.Reply
        ) throws {
            let counter = Counter()
            server = try SocketServer { script(counter.next(), $0) }
        }

        func session() throws -> any WarehouseSession {
            try WarehouseSetting(
                "teradata:\(server.url)/tdrest/systems/prod", clock.system(environment)
            ).session(schema: SchemaName.inlet, secrets: .none)
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count - 1
            }
        }
    }

    private static func failed(_ number: String) -> SocketServer.Reply {
        .text(420, #"{"error":"\#(number)","message":"hidden@example.org"}"#)
    }

    private static func error(_ session: any WarehouseSession) -> WarehouseError? {
        do {
            try Messages.store([Messages.track("a"), Messages.track("b")], in: session)
            return nil
        } catch { return error as? WarehouseError }
    }

    @Test("a chunk is a batch for each table, of values that Teradata keeps")
    func requests() throws {
        let service = try Service { _, _ in Self.done }
        let message = try Messages.message(
            #"{"type":"page","messageId":"m","name":"Café 😀","properties":{"é":"😀"},"#
                + #""receivedAt":"2026-11-25T10:00:02.345Z"}"#)
        try Messages.store([message], in: try service.session())
        let requests = service.server.requests
        #expect(requests.count == 2)
        for request in requests {
            #expect(request.method == "POST")
            #expect(request.target == "/tdrest/systems/prod/queries")
            #expect(request["accept"] == "application/vnd.com.teradata.rest-v1.0+json")
            #expect(request["authorization"] == "Basic bG9hZGVyOnBhc3M6d29yZA==")
            let body = try JSONText(request.body).root
            #expect(body["batch"]?.bool == true)
            #expect(body["session"] == nil)
            #expect(body["query"]?.string?.hasPrefix("MERGE INTO \"inlet\".") == true)
        }
        let body = try JSONText(requests[1].body).root
        let values = Array(try #require(body["params"]?.elements.first).elements)
        let table = TeradataTable(Schema.pages, TeradataDialect(database: "inlet")).table
        #expect(values.count == table.columns.count)
        func value(_ column: String) -> String? {
            table.place(of: column).flatMap { values[$0].string }
        }
        #expect(value("name") == "Café ?")
        #expect(value("page") == "Café ?")
        #expect(value("received_at") == "2026-11-25 10:00:02.345000")
        #expect(value("properties") == #"{"\u00e9":"\ud83d\ude00"}"#)
        #expect(table.place(of: "sent_at").map { values[$0].isNull } == true)
        let discard = try JSONText(requests[0].body).root["params"]?.elements.first
        #expect(discard?.elements.contains { $0.equals(#""Caf\u00e9 \ud83d\ude00""#) } == true)
    }

    @Test(
        "what may pass is tried again",
        arguments: [
            SocketServer.Reply.text(412, ""), .text(429, ""), .text(500, ""), .reset,
            failed("2631"), failed("2639"), failed("2641"), failed("2801"), failed("2825"),
            failed("2826"), failed("2828"), failed("2835"), failed("3111"),
            .text(420, #"{"error":2631}"#),
        ])
    func transient(reply: SocketServer.Reply) throws {
        let service = try Service { number, _ in number < 2 ? reply : Self.done }
        try Messages.store(
            [Messages.track("a"), Messages.track("b")], in: try service.session())
        #expect(service.server.requests.count == 3)
    }

    @Test(
        "what stays is told at once, by its kind and without its words",
        arguments: [
            (SocketServer.Reply.text(400, "hidden"), WarehouseError.Kind.denied),
            (.text(401, ""), .denied), (.text(404, ""), .denied), (.text(413, ""), .tooLarge),
            (failed("3802"), .denied), (failed("3807"), .denied), (failed("3523"), .denied),
            (failed("3996"), .data), (failed("6706"), .data), (failed("6760"), .data),
            (failed("2644"), .unavailable), (failed("9999"), .tooLarge),
            (.text(420, #"{"error":"hidden@example.org"}"#), .busy),
        ])
    func permanent(reply: SocketServer.Reply, kind: WarehouseError.Kind) throws {
        let service = try Service { _, _ in reply }
        let error = try #require(Self.error(try service.session()))
        #expect(error.kind == kind)
        #expect(service.server.requests.count == 1)
        #expect(!"\(error)".contains("hidden"))
    }

    @Test("the database is told how long it may take, and a silent service is left in time")
    func timeouts() throws {
        let gate = SocketServer.Gate()
        let service = try Service { _, _ in .hold(gate, then: Self.done) }
        let error = #expect(throws: WarehouseError.self) {
            try Messages.store(
                [Messages.track("a")], in: service.session(), within: .short(.seconds(4)))
        }
        gate.open()
        #expect(error == .outOfTime)
        let body = try JSONText(service.server.requests[0].body).root
        let queue = try #require(body["queueTimeout"]?.int)
        let query = try #require(body["queryTimeout"]?.int)
        #expect(queue + query <= 3)
        #expect(query >= 1)
    }

    @Test("an error that is not known keeps back the one row that it is about")
    func unknown() throws {
        let service = try Service { _, request in
            request.text.contains("bad") ? Self.failed("9999") : Self.done
        }
        let messages = try ["a", "b", "bad", "c"].map { try Messages.track($0) }
        let session = try service.session()
        let outcome = BatchWriter(
            Batch(messages, loadedAt: Messages.loadedAt), session: session, limits: session.limits
        ).write(within: .long)
        #expect(outcome.failed == [2])
        #expect(outcome.stored == 3)
        #expect(outcome.failure?.code == "9999")
    }

    @Test("one row that another writer was first with is stored")
    func duplicate() throws {
        let service = try Service { _, _ in Self.failed("2801") }
        try Messages.store([Messages.track("a")], in: try service.session())
        #expect(service.server.requests.count == 1)
        #expect(Self.error(try service.session())?.kind == .conflict)
    }

    @Test("a table without a primary index is found before anything is made")
    func noPrimaryIndex() throws {
        let service = try Service { _, _ in
            .text(
                200,
                #"{"results":[{"resultSet":true,"data":[["Users","V"],["TRACKS","O"]]}]}"#)
        }
        let error = #expect(throws: WarehouseError.self) {
            try service.session().migrate(within: .long)
        }
        #expect(error?.kind == .denied)
        #expect(error?.reason.contains("tracks") == true)
        #expect(error?.reason.contains("primary index") == true)
        #expect(service.server.requests.count == 1)
    }

    @Test("tables that are there already are left as they are")
    func repeatedMigration() throws {
        let service = try Service { _, request in
            request.text.contains("CREATE MULTISET TABLE") ? Self.failed("3803") : Self.done
        }
        #expect(try service.session().migrate(within: .long) == [1])
        let made = service.server.requests.filter { $0.text.contains("CREATE MULTISET TABLE") }
        #expect(made.count == Schema.all.count + 2)
        #expect(made.allSatisfy { $0.text.contains("UNIQUE PRIMARY INDEX") })
    }

    @Test("a request has a bounded number of rows and bytes")
    func batches() throws {
        let service = try Service { _, _ in Self.done }
        let long = String(repeating: "x", count: 20_000)
        let messages = try (0..<100).map { number in
            try Messages.message(
                #"{"type":"alias","messageId":"m-\#(number)","userId":"u","traits":{"a":"\#(long)"}}"#
            )
        }
        try Messages.store(messages, in: try service.session())
        #expect(service.server.requests.count > 2)
        #expect(service.server.requests.allSatisfy { $0.body.count < 1_000_000 })
    }
}
