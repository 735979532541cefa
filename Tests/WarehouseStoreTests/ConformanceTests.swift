import Formats
import Platform
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

@Suite("Every warehouse")
struct ConformanceTests {
    private static func vectors() throws -> [PublishedMessage] {
        try WarehouseVectors.all.map { try Messages.message($0.message) }
    }

    /// The rows that the vectors must become, by table.
    private static var expected: [String: [[String: String]]] {
        var tables: [String: [[String: String]]] = [:]
        for table in Schema.all { tables[table.name] = [] }
        for vector in WarehouseVectors.all {
            var row = vector.row
            for name in ["properties", "traits", "context", "extra"] {
                row[name] = row[name].map(canonical)
            }
            row["partner"] = WarehouseVectors.partner
            row["sender"] = WarehouseVectors.sender
            tables[vector.table]?.append(row)
            for discard in vector.discards {
                tables["discards"]?.append([
                    "table_name": vector.table, "row_id": vector.row["id"] ?? "",
                    "partner": WarehouseVectors.partner, "column_name": discard.column,
                    "column_value": discard.value, "reason": discard.reason,
                    "received_at": vector.row["received_at"] ?? "",
                ])
            }
        }
        return tables
    }

    @Test(
        "holds the vectors' rows, whatever their order and split, once", arguments: Backend.allCases
    )
    func vectors(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let session = try warehouse.session()
        for round in 0..<3 {
            var messages = try Self.vectors().shuffled()
            while !messages.isEmpty {
                let count = Int.random(in: 1...messages.count)
                let new = try Messages.store(Array(messages.prefix(count)), in: session)
                #expect(round == 0 || new == 0)
                messages.removeFirst(count)
            }
        }
        let contents = try warehouse.contents()
        for (table, rows) in Self.expected {
            #expect(Set(contents[table] ?? []) == Set(rows), "\(table)")
            #expect(contents[table]?.count == rows.count)
        }
    }

    @Test("shows users and accounts as they were last seen", arguments: Backend.allCases)
    func users(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        try Messages.store(try Self.vectors(), in: try warehouse.session())
        let users = try warehouse.rows(
            "users",
            [Column("id", .id, .loader), Column("received_at", .time, .loader)]
                + LatestView.users.columns)
        #expect(
            users == [
                [
                    "id": "u-42", "received_at": "2026-11-25T10:00:04.000000Z",
                    "email": "nia@example.org", "first_name": "Nia", "last_name": "Sousa",
                    "created_at": "2025-01-01T00:00:00.000000Z",
                    "traits": canonical(
                        #"{"email":"nia@example.org","firstName":"Nia","address":{"city":"Porto","postalCode":"4000"},"createdAt":"2025-01-01","plan":"pro"}"#
                    ),
                ]
            ])
        let accounts = try warehouse.rows(
            "accounts", [Column("id", .id, .loader)] + LatestView.accounts.columns)
        #expect(accounts.map { $0["id"] } == ["org-77"])
        #expect(accounts.map { $0["name"] } == ["Harbour"])
        #expect(accounts.map { $0["plan"] } == ["team"])
    }

    @Test(
        "knows a user's newest traits in whatever order they came",
        arguments: [Backend.sqlite, .postgreSQL])
    func order(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let session = try warehouse.session()
        let calls = [(1, #""email":"a@x""#), (3, #""name":"Bea""#), (2, #""email":"c@x""#)]
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for (number, order) in orders.enumerated() {
            for place in order + [order[0]] {
                let (second, traits) = calls[place]
                let body =
                    #"{"type":"identify","messageId":"m-\#(place)","userId":"u","#
                    + #""traits":{\#(traits)},"receivedAt":"2026-11-25T10:00:0\#(second)Z"}"#
                try Messages.store(
                    [try Messages.message(body, partner: "p-\(number)")], in: session)
            }
        }
        let users = try warehouse.rows(
            "users", [Column("email", .text, .loader), Column("name", .text, .loader)])
        #expect(users.count == orders.count)
        #expect(Set(users) == [["email": "c@x", "name": "Bea"]])
    }

    @Test("keeps two partners' messages with one id", arguments: [Backend.sqlite, .postgreSQL])
    func partners(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let messages = try [
            Messages.track("m", partner: "a"), Messages.track("m", partner: "b"),
            Messages.track("m", partner: "a"),
        ]
        #expect(try Messages.store(messages, in: try warehouse.session()) == 2)
        #expect(try warehouse.count(Schema.tracks) == 2)
    }

    @Test("sets its tables up once, however many do it at once", arguments: Backend.allCases)
    func migrations(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        #expect(try warehouse.session().migrate(within: .long) == [])
        try Messages.store([Messages.track("m")], in: try warehouse.session())
        #expect(try warehouse.session().migrate(within: .long) == [])
        #expect(try warehouse.count(Schema.tracks) == 1)
    }

    @Test("says that its tables are not there", arguments: [Backend.sqlite, .postgreSQL])
    func notMigrated(backend: Backend) throws {
        let warehouse =
            backend == .sqlite
            ? try TestWarehouse() : try TestWarehouse(try PostgresServer.shared.get())
        let error = #expect(throws: WarehouseError.self) {
            try Messages.store([Messages.track("m")], in: try warehouse.session())
        }
        #expect(error?.kind == .denied)
        #expect(error?.reason.contains("inlet warehouse migrate") == true)
    }

    @Test(
        "shows every message of Customer.io in one view", arguments: [Backend.sqlite, .postgreSQL])
    func landing(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let body =
            #"{"type":"track","messageId":"cio-1","event":"Email Sent","properties":{"object_type":"email","metric":"sent","n":1.10}}"#
        try Messages.store(
            [try Messages.message(body, sender: "customerio"), try Messages.track("m")],
            in: try warehouse.session())
        let rows = try warehouse.rows(
            View.webhookLanding.rawValue,
            ["id", "object_type", "metric"].map { Column($0, .text, .loader) }
                + [Column("properties", .json, .loader)])
        #expect(
            rows == [
                [
                    "id": "cio-1", "object_type": "email", "metric": "sent",
                    "properties": canonical(
                        #"{"object_type":"email","metric":"sent","n":1.10}"#),
                ]
            ])
        #expect(try warehouse.count(CustomerIOEvents.tables[0]) == 1)
    }
}
