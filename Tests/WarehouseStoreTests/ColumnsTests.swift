import Formats
import Platform
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

/// The layout in which properties and traits have columns, and events tables.
@Suite("The layout columns", .timeLimit(.minutes(60)))
struct ColumnsTests {
    private static let backends = [Backend.sqlite, .postgreSQL, .pooledPostgreSQL]

    private func track(
        _ id: String, _ event: String, _ properties: String
    ) throws
        -> PublishedMessage
    {
        try Messages.message(
            ##"{"type":"track","messageId":"\##(id)","event":"\##(event)","properties":{\##(properties)}}"##
        )
    }

    /// The values of one column of a table, by the id of the row.
    private func values(
        _ warehouse: TestWarehouse, _ table: String, _ column: String
    ) throws -> [String: String] {
        let session = try warehouse.session()
        var values: [String: String] = [:]
        for row in try session.rows(
            "SELECT \"id\", \(session.dialect.quoted(column)) FROM "
                + session.dialect.qualified(table), within: .long)
        {
            values[row[0] ?? ""] = row[1]
        }
        return values
    }

    private func discards(_ warehouse: TestWarehouse) throws -> Set<[String]> {
        Set(
            try warehouse.rows(Schema.discards).map { row in
                ["table_name", "row_id", "column_name", "column_value", "reason"].map {
                    row[$0] ?? "NULL"
                }
            })
    }

    @Test("holds the vectors' values in their columns, once", arguments: backends, [false, true])
    func vectors(backend: Backend, isSplit: Bool) throws {
        let warehouse = try backend.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        let messages = try WarehouseVectors.all.map { try Messages.message($0.message) }
        for _ in 0..<2 {
            if isSplit {
                for message in messages { try Messages.store([message], in: session) }
            } else {
                try Messages.store(messages, in: session)
            }
        }
        for (table, column, expected) in [
            ("order_completed", "order_id", ["m-01": "A-1", "m-02": "A-2"]),
            ("order_completed", "quantity", ["m-01": "3", "m-02": "3.5"]),
            ("order_completed", "shipping_city", ["m-01": "Porto"]),
            ("order_completed", "_id", ["m-01": "p-9"]),
            ("order_completed", "big_id", ["m-02": "9007199254740993"]),
            (
                "order_completed", "event_text",
                ["m-01": "Order Completed", "m-02": "order_completed"]
            ),
            ("identifies", "address_city", ["m-03": "Porto"]),
            ("identifies", "address_postal_code", ["m-03": "4000"]),
            ("identifies", "plan", ["m-03": "pro"]),
            ("screens", "items", ["m-06": "2"]), ("groups", "employees", ["m-07": "48"]),
            ("pages", "_name", ["m-05": "Other"]),
            ("x_cf2abf0c", "note", ["m-09": "a\u{FFFD}b"]),
            ("x_cf2abf0c", "half", ["m-09": "\u{FFFD}"]),
        ] as [(String, String, [String: String])] {
            #expect(try values(warehouse, table, column) == expected, "\(table).\(column)")
        }
        let totals = try values(warehouse, "order_completed", "total")
        #expect(totals.mapValues(Double.init) == ["m-01": 99.5])
        let gifts = try values(warehouse, "order_completed", "gift")
        #expect(gifts == ["m-01": backend == .sqlite ? "0" : "f"])
        let products = try values(warehouse, "order_completed", "products")
        #expect(
            products.mapValues(canonical) == ["m-01": canonical(#"[{"sku":"S1","price":1.10}]"#)])
        let own = try discards(warehouse).filter { $0[0] == "order_completed" }
        #expect(
            own == [
                ["order_completed", "m-02", "total", #""99.50""#, "type_conflict"],
                ["order_completed", "m-02", "order_id", #""A-3""#, "name_collision"],
            ])
        // The messages are in the tables of the layout documents as well.
        #expect(try warehouse.rows(Schema.tracks).count == 3)
        #expect(try warehouse.rows(Schema.identifies).count == 2)
        #expect(try warehouse.count(Schema.discards) == own.count + 4)
    }

    @Test("makes no more columns and tables than it may, and says so once", arguments: backends)
    func limits(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let limits = ColumnLimits(columns: 50, tables: 1)
        let session = try warehouse.session(layout: .columns(limits))
        let properties = (0..<20).map { #""p\#($0)":\#($0)"# }.joined(separator: ",")
        for round in 0..<3 {
            try Messages.store(
                [
                    try track("a-\(round)", "First", properties),
                    try track("b-\(round)", "Second", properties),
                ], in: session)
        }
        let reported = try discards(warehouse)
        // A table of an event has 38 columns of its own.
        #expect(reported.filter { $0[4] == "column_limit" }.count == 8)
        #expect(reported.filter { $0[4] == "column_limit" }.allSatisfy { $0[1] == "" })
        #expect(
            reported.filter { $0[4] == "table_limit" } == [
                ["second", "", "", "NULL", "table_limit"]
            ])
        #expect(try values(warehouse, "first", "p11").count == 3)
        #expect(try warehouse.count(Schema.tracks) == 6)
    }

    @Test("a trait that a fixed column has goes there", arguments: backends)
    func fixed(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        let body =
            #"{"type":"identify","messageId":"i","traits":{"first_name":"A","lastName":"B","last_name":"C","created_at":"2025-01-01"}}"#
        try Messages.store([try Messages.message(body)], in: session)
        let row = try #require(try warehouse.rows(Schema.identifies).first)
        #expect(row["first_name"] == "A")
        #expect(row["last_name"] == "B")
        // created_at is the name of no column of ours that holds a property, and so gets its own.
        #expect(row["created_at"] == "2025-01-01T00:00:00.000000Z")
        #expect(
            try discards(warehouse)
                == [["identifies", "i", "last_name", #""C""#, "name_collision"]])
    }

    @Test("obeys an operator who changes a column's type, and heals by it")
    func operatorChanges() throws {
        let warehouse = try Backend.postgreSQL.warehouse()
        let server = try #require(warehouse.server)
        let session = try warehouse.session(layout: .columns(.standard))
        try Messages.store([track("a", "E", #""n":1,"i":1"#)], in: session)
        try server.run(
            "ALTER TABLE inlet.e ALTER n TYPE text; ALTER TABLE inlet.e ALTER i TYPE bigint",
            in: warehouse.source)
        // Another session has not seen the old types.
        let next = try warehouse.session(layout: .columns(.standard))
        try Messages.store(
            [track("b", "E", #""n":"many","i":2.5"#), track("c", "E", #""n":[1],"i":3"#)],
            in: next)
        let texts = try values(warehouse, "e", "n")
        #expect(texts == ["a": "1", "b": "many", "c": "[1]"])
        #expect(try values(warehouse, "e", "i") == ["a": "1", "c": "3"])
        #expect(try discards(warehouse) == [["e", "b", "i", "2.5", "type_conflict"]])
        try server.run("ALTER TABLE inlet.e DROP COLUMN i", in: warehouse.source)
        try Messages.store([track("d", "E", #""n":"x","i":4"#)], in: next)
        #expect(try values(warehouse, "e", "i") == ["d": "4"])
    }

    @Test("a new column does not wait for a long read: the row is stored without it")
    func busy() throws {
        let warehouse = try Backend.postgreSQL.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        try Messages.store([track("a", "E", #""n":1"#)], in: session)
        let reader = try #require(warehouse.server).hold(
            "SELECT * FROM inlet.e", in: warehouse.source)
        defer { reader.stop() }
        try Messages.store([track("b", "E", #""n":2,"m":3"#)], in: session)
        #expect(try values(warehouse, "e", "n") == ["a": "1", "b": "2"])
        #expect(try discards(warehouse) == [["e", "b", "m", "3", "column_busy"]])
        // Its end would not be noticed before the statement's.
        try warehouse.server?.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'",
            in: warehouse.source)
        try Messages.store([track("c", "E", #""m":4"#)], in: session)
        #expect(try values(warehouse, "e", "m") == ["c": "4"])
    }

    @Test(
        "no name of an event or a property is refused, and none keeps others out",
        arguments: backends)
    func names(backend: Backend) throws {
        let warehouse = try backend.warehouse()
        try warehouse.run("CREATE VIEW %a_view AS SELECT 1 AS x")
        try warehouse.run("CREATE TABLE %a_table (x INTEGER)")
        let session = try warehouse.session(layout: .columns(.standard))
        let ours = [
            "E", "E received at", "E pkey", "E key", "Tracks Pkey", "tracks_received_at",
            "groups partner group id", "groups_partner_group_id_received_at", "sqlite_master",
            "'); DROP TABLE tracks; --", "$1", "\u{1F389}",
        ]
        let properties = ["ctid", "xmin", "tableoid", "rowid", "oid", "', '"]
        for name in ours + ["A view", "A table"] {
            let values = properties.map { #""\#($0)":1"# }.joined(separator: ",")
            try Messages.store(
                [try track(name, name, values), try track("o-" + name, "Other", "")], in: session)
        }
        #expect(try warehouse.count(Schema.tracks) == 2 * (ours.count + 2))
        for name in ours {
            for property in properties {
                let column = Name.column([property])
                let stored = try values(warehouse, Name.table(ofEvent: name), column)
                #expect(Set(stored.values) == ["1"], "\(name) \(property)")
            }
        }
        #expect(
            try discards(warehouse) == [
                ["a_view", "A view", "", "NULL", "column_busy"],
                ["a_table", "A table", "", "NULL", "column_busy"],
            ])
    }

    @Test("sees that an operator has changed a type while it was running")
    func retyped() throws {
        let warehouse = try Backend.postgreSQL.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        try Messages.store([track("a", "E", #""n":"x","t":"x","b":true"#)], in: session)
        try warehouse.run(
            "ALTER TABLE %e ALTER n TYPE numeric USING 1, ALTER t TYPE timestamptz USING now(), "
                + "ALTER b TYPE smallint USING 1")
        try Messages.store([track("b", "E", #""n":2,"t":"0000-01-01","b":false"#)], in: session)
        #expect(try values(warehouse, "e", "n") == ["a": "1", "b": "2"])
        #expect(
            try discards(warehouse) == [
                ["e", "b", "t", #""0000-01-01""#, "type_conflict"],
                ["e", "b", "b", "false", "type_conflict"],
            ])
    }

    @Test("takes a column that an operator of SQLite has made, or dropped, for what it is")
    func sqliteOperator() throws {
        let warehouse = try Backend.sqlite.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        try Messages.store([track("a", "E", #""n":"x""#)], in: session)
        try warehouse.run("ALTER TABLE e DROP COLUMN n; ALTER TABLE e ADD COLUMN own INTEGER")
        try Messages.store([track("b", "E", #""n":true,"own":"y""#)], in: session)
        try Messages.store([track("c", "E", #""n":"z""#)], in: session)
        #expect(try values(warehouse, "e", "n") == ["b": "1"])
        #expect(try warehouse.count(Schema.rejected) == 0)
        #expect(
            try discards(warehouse) == [
                ["e", "b", "own", #""y""#, "type_conflict"],
                ["e", "c", "n", #""z""#, "type_conflict"],
            ])
    }

    @Test("two loaders that need the same new columns at once both get them")
    func concurrent() async throws {
        let warehouse = try Backend.postgreSQL.warehouse()
        let rounds = 20
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loader in 0..<3 {
                group.addTask {
                    let session = try warehouse.session(layout: .columns(.standard))
                    for round in 0..<rounds {
                        let names = ["a", "b", "c", "d"].shuffled().map { #""\#($0)\#(round)":1"# }
                        try Messages.store(
                            [
                                try track(
                                    "\(loader)-\(round)", "E\(round % 3)",
                                    names.joined(separator: ","))
                            ],
                            in: session)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try warehouse.count(Schema.tracks) == 3 * rounds)
        let busy = try discards(warehouse).filter { $0[4] == "column_busy" }.count
        var stored = 0
        for round in 0..<rounds {
            for name in ["a", "b", "c", "d"] {
                stored += try values(warehouse, "e\(round % 3)", "\(name)\(round)").count
            }
        }
        #expect(stored + busy == 3 * rounds * 4)
    }

    @Test("numbers that SQLite would change are left to the JSON")
    func inexact() throws {
        let warehouse = try Backend.sqlite.warehouse()
        let session = try warehouse.session(layout: .columns(.standard))
        try Messages.store(
            [
                track(
                    "a", "E",
                    #""big":12345678901234567890,"int":9007199254740993,"f":1.10,"huge":1e400,"tiny":1e-400"#
                )
            ],
            in: session)
        #expect(try values(warehouse, "e", "int") == ["a": "9007199254740993"])
        #expect(try values(warehouse, "e", "f") == ["a": "1.1"])
        #expect(
            try discards(warehouse) == [
                ["e", "a", "big", "12345678901234567890", "inexact"],
                ["e", "a", "huge", "1e400", "inexact"],
                ["e", "a", "tiny", "1e-400", "inexact"],
            ])
    }
}
