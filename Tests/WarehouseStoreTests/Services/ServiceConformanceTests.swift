import Formats
import Platform
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

@Suite(
    "Databricks and Teradata",
    .enabled(if: ServiceStandIn.isInstalled, ServiceStandIn.installation),
    .serialized)
struct ServiceConformanceTests {
    /// The rows that the vectors must become, by table.
    private static func expected(_ dialect: any Dialect) -> [String: Set<[String: String]>] {
        let isTeradata = dialect.name == "teradata"
        var tables: [String: Set<[String: String]>] = [:]
        for table in Schema.all { tables[table.name] = [] }
        for vector in WarehouseVectors.all {
            var row = vector.row
            for name in ["properties", "traits", "context", "extra"] {
                row[name] = row[name].map(canonical)
            }
            row["partner"] = WarehouseVectors.partner
            row["sender"] = WarehouseVectors.sender
            if isTeradata {
                row = row.filter { !$0.key.hasPrefix("context_") }
                row["user_id"] = row["user_id"]?.replacing("\u{FFFD}", with: "?")
                if let name = row["name"], let twin = TeradataDialect.twins[vector.table] {
                    row[twin] = name
                }
            }
            tables[vector.table]?.insert(row)
            for discard in vector.discards {
                tables["discards"]?.insert([
                    "table_name": vector.table, "row_id": vector.row["id"] ?? "",
                    "partner": WarehouseVectors.partner, "column_name": discard.column,
                    "column_value": discard.value, "reason": discard.reason,
                    "received_at": vector.row["received_at"] ?? "",
                ])
            }
        }
        return tables
    }

    private static func check(_ service: ServiceStandIn, _ dialect: any Dialect) throws {
        for (name, rows) in expected(dialect) {
            let table = try #require(Schema.all.first { $0.name == name })
            let found = try service.rows(of: table)
            #expect(Set(found) == rows, "\(name)")
            #expect(found.count == rows.count)
        }
    }

    @Test(
        "hold the vectors' rows, whatever their order and split, once",
        arguments: ServiceStandIn.Kind.allCases)
    func vectors(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        for _ in 0..<3 {
            var messages = try WarehouseVectors.all.map { try Messages.message($0.message) }
                .shuffled()
            while !messages.isEmpty {
                let count = Int.random(in: 1...messages.count)
                try Messages.store(Array(messages.prefix(count)), in: session)
                messages.removeFirst(count)
            }
        }
        try Self.check(service, session.dialect)
        let users = try service.query(
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
        let accounts = try service.query(
            "accounts", [Column("id", .id, .loader)] + LatestView.accounts.columns)
        #expect(accounts.map { $0["name"] } == ["Harbour"])
        #expect(try service.count("sessions") == 0)
    }

    @Test(
        "set their tables up once, and say if they are not there",
        arguments: ServiceStandIn.Kind.allCases)
    func migrations(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.session()
        let error = #expect(throws: WarehouseError.self) {
            try Messages.store([Messages.track("m")], in: session)
        }
        #expect(error == .notMigrated)
        #expect(try session.migrate(within: .long) == [1])
        #expect(try session.migrate(within: .long) == [])
        #expect(try service.session().migrate(within: .long) == [])
        try Messages.store([Messages.track("m")], in: session)
        #expect(try service.rows(of: Schema.tracks).count == 1)
    }

    @Test(
        "store every message once through all that can pass",
        arguments: [
            (ServiceStandIn.Kind.databricks, ["429", "503", "503", "2D521", "lost"]),
            (.databricks, ["PENDING", "lost", "CANCELED", "TEMPORARILY_UNAVAILABLE", "CLOSED"]),
            (.teradata, ["429", "412", "500", "420:2631", "lost"]),
            (.teradata, ["lost", "420:2801", "420:3111", "lost", "420:2825"]),
        ])
    func faults(kind: ServiceStandIn.Kind, faults: [String]) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        let messages = try (0..<50).map { try Messages.track("m-\($0)") }
        try service.fail(faults)
        for _ in 0..<2 { try Messages.store(messages, in: session) }
        #expect(try service.rows(of: Schema.tracks).count == 50)
        #expect(try service.count("sessions") == 0)
    }

    @Test("a token that has ended is replaced, once")
    func tokens() throws {
        let service = try ServiceStandIn(.databricks)
        let session = try service.migrated()
        #expect(try service.count("tokens") == 1)
        try service.expireTokens()
        try Messages.store([Messages.track("m")], in: session)
        #expect(try service.count("tokens") == 2)
        let wrong = try service.session(["INLET_WAREHOUSE_CLIENT_SECRET": "another"])
        let error = #expect(throws: WarehouseError.self) {
            try Messages.store([Messages.track("m")], in: wrong)
        }
        #expect(error?.kind == .denied)
        let personal = try service.session([
            "INLET_WAREHOUSE_CLIENT_ID": "", "INLET_WAREHOUSE_TOKEN": "dapi0123456789",
        ])
        try Messages.store([Messages.track("n")], in: personal)
        #expect(try service.rows(of: Schema.tracks).count == 2)
    }

    @Test("texts of every kind come back as they were", arguments: ServiceStandIn.Kind.allCases)
    func texts(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        let long = String(repeating: "long \u{E9}", count: 40_000)
        let texts = [
            "'", "\"", "\\", "\\'", ":rows", "a;b -- c", "%{}", "\n\t", "é 日本", "😀", "\u{7F}",
            "$1 ?",
        ]
        var expected: [String: String] = [:]
        var messages: [PublishedMessage] = []
        for (number, text) in (texts + [long]).enumerated() {
            var writer = JSONWriter()
            writer.object {
                $0.member("type", "track")
                $0.member("messageId", "m-\(number)")
                $0.member("event", number == texts.count ? "Long" : text)
                $0.name("properties")
                $0.object { $0.member("text", text) }
            }
            messages.append(try Messages.message(writer.text))
            expected["m-\(number)"] = text
        }
        try Messages.store(messages, in: session)
        let rows = try service.rows(of: Schema.tracks)
        #expect(rows.count == expected.count)
        for row in rows {
            let text = expected[row["id"] ?? ""]
            guard text != long else { continue }
            #expect(row["properties"] == canonical("{\"text\":\(Self.quoted(text ?? ""))}"))
            let kept = kind == .teradata && text == "😀" ? "?" : text
            #expect(row["event_text"] == kept)
        }
        guard kind == .teradata else { return }
        // What is too long for a row is there in parts, and what was replaced is spelled out.
        let parts = try service.query("overflow", TeradataOverflow.table.columns)
            .sorted { Int($0["part"] ?? "") ?? 0 < Int($1["part"] ?? "") ?? 0 }
        let whole = parts.map { $0["text"] ?? "" }.joined()
        #expect(canonical(whole) == canonical("{\"text\":\(Self.quoted(long))}"))
        #expect(parts.allSatisfy { $0["column_name"] == "properties" && $0["row_id"] == "m-12" })
        let discards = try service.rows(of: Schema.discards)
        #expect(discards.map { $0["column_value"] } == [#""\ud83d\ude00""#])
        #expect(discards.map { $0["reason"] } == ["unrepresentable"])
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    @Test("keep two partners' messages with one id", arguments: ServiceStandIn.Kind.allCases)
    func partners(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        for partner in ["a", "b", "a"] {
            try Messages.store([try Messages.track("m", partner: partner)], in: session)
        }
        let rows = try service.rows(of: Schema.tracks)
        #expect(rows.compactMap { $0["partner"] }.sorted() == ["a", "b"])
    }

    @Test("two loaders at once lose nothing and store nothing twice")
    func concurrency() async throws {
        let service = try ServiceStandIn(.databricks, options: ["--no-lock"])
        _ = try service.migrated()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    let session = try service.session()
                    for round in 0..<6 {
                        let messages = try (0..<6).map { try Messages.track("m-\(round)-\($0)") }
                        for attempt in 0... {
                            do {
                                try Messages.store(messages, in: session)
                                break
                            } catch let error as WarehouseError where error.kind == .conflict {
                                #expect(attempt < 20)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let ids = try service.rows(of: Schema.tracks).map { $0["id"] ?? "" }
        #expect(ids.count == 36)
        #expect(Set(ids).count == 36)
    }

    @Test("Customer.io's messages are in one view", arguments: ServiceStandIn.Kind.allCases)
    func landing(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        let body =
            #"{"type":"track","messageId":"cio-1","event":"Email Sent","#
            + #""properties":{"object_type":"email","metric":"sent","n":1.10}}"#
        try Messages.store(
            [try Messages.message(body, sender: "customerio"), try Messages.track("m")],
            in: session)
        let rows = try service.query(
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
    }

    @Test("Teradata's ids that differ in case are two, and long ones are whole")
    func ids() throws {
        let service = try ServiceStandIn(.teradata)
        let session = try service.migrated()
        let long = String(repeating: "x", count: 255)
        let ids = ["a-B", "A-b", long, long + "y", "😀", "😁"]
        try Messages.store(try ids.map { try Messages.track($0) }, in: session)
        let found = Set(try service.rows(of: Schema.tracks).compactMap { $0["id"] })
        #expect(found.count == ids.count)
        #expect(found.isSuperset(of: ids.prefix(3)))
    }

    @Test(
        "say their version and newest rows, keep a probe, and give others rights",
        arguments: ServiceStandIn.Kind.allCases)
    func status(kind: ServiceStandIn.Kind) throws {
        let service = try ServiceStandIn(kind)
        let session = try service.migrated()
        try Messages.store([Messages.track("m")], in: session)
        let status = try session.status(within: .long)
        #expect(status.version == status.neededVersion)
        let tracks = try #require(status.tables.first { $0.name == "tracks" })
        #expect(tracks.newest?.rfc3339 == "2026-11-25T10:00:02.345Z")
        #expect(tracks.loaded == Messages.loadedAt)
        #expect(status.tables.allSatisfy { ($0.newest != nil) == ($0.name == "tracks") })
        var randomness = SystemRandomNumberGenerator()
        let id = UUID(random: &randomness)
        #expect(try session.probe(id: id, within: .long))
        #expect(try session.probe(id: id, within: .long))
        for statement in session.dialect.grants(to: "0b8f4f0e-6f0a") {
            _ = try session.rows(statement, within: .long)
        }
        #expect(try service.count("sessions") == 0)
    }
}
