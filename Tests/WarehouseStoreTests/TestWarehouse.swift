import AWS
import Formats
import Foundation
import Platform
import SQLite
import TestSupport
import Testing
@testable import Secrets
@testable import Warehouse
@testable import WarehouseStore

/// A kind of warehouse that the conformance suite runs against.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgreSQL, pooledPostgreSQL

    var testDescription: String { rawValue }

    /// An empty warehouse whose tables are there.
    func warehouse() throws -> TestWarehouse {
        let warehouse =
            switch self {
            case .sqlite: try TestWarehouse()
            case .postgreSQL: try TestWarehouse(try PostgresServer.shared.get())
            case .pooledPostgreSQL: try TestWarehouse(pooled: try PostgresServer.shared.get())
            }
        _ = try warehouse.session().migrate(within: .long)
        return warehouse
    }
}

/// An empty warehouse of one test.
struct TestWarehouse {
    /// As `INLET_WAREHOUSE` has it.
    let source: String
    /// The database, if there is no file.
    let server: PostgresServer?
    private let directory: TemporaryDirectory?
    private let pooler: Pooler?

    init() throws {
        let directory = try TemporaryDirectory()
        source = "sqlite:\(directory.path)/warehouse.sqlite"
        self.directory = directory
        server = nil
        pooler = nil
    }

    init(_ server: PostgresServer) throws {
        source = try server.makeDatabase()
        self.server = server
        directory = nil
        pooler = nil
    }

    init(pooled server: PostgresServer) throws {
        let pooler = try Pooler(before: server)
        source = pooler.uri(of: try server.makeDatabase())
        self.server = server
        self.pooler = pooler
        directory = nil
    }

    /// The path of the file.
    var path: String { String(source.dropFirst("sqlite:".count)) }

    /// A session with a connection of its own; `source` is another way to the same warehouse.
    func session(
        _ source: String? = nil, layout: Layout = .documents
    ) throws -> any WarehouseSession {
        let schema = try #require(SchemaName("inlet"))
        let aws = AWSSettings(System(environment: { _ in nil }))
        let client = AWSClient(aws, credentials: CredentialChain(aws))
        return try WarehouseSetting(source ?? self.source).session(
            schema: schema, layout: layout, secrets: SecretCache(ReferenceReader(client)))
    }

    /// Does what an operator might; `%` stands for what comes before the name of a table.
    func run(_ script: String) throws {
        guard let server else {
            let connection = try SQLiteConnection(path: path, access: .write)
            return try connection.run(script.replacingOccurrences(of: "%", with: ""))
        }
        let script = script.replacingOccurrences(of: "%", with: "inlet.")
        try server.run(script, in: source)
    }

    /// The rows of a table or view, each column by its name; what is null is left out.
    ///
    /// Times have microseconds in UTC, and JSON is in a form in which equal values are equal texts.
    func rows(
        _ table: String, _ columns: [Column]
    ) throws -> [[String: String]] {
        let session = try session()
        let names = columns.map { column in
            let name = session.dialect.quoted(column.name)
            guard server != nil, column.kind == .time else { return name }
            return "to_char(\(name) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        }
        let name = server == nil ? table : "inlet.\(table)"
        let rows = try session.rows(
            "SELECT \(names.joined(separator: ", ")) FROM \(name)", within: .long)
        return rows.map { row in
            var values: [String: String] = [:]
            for (column, value) in zip(columns, row) {
                guard let value else { continue }
                values[column.name] = column.kind == .json ? canonical(value) : value
            }
            return values
        }
    }

    func rows(_ table: Table) throws -> [[String: String]] { try rows(table.name, table.columns) }

    /// All rows of all tables, in an order that does not depend on the database's.
    func contents() throws -> [String: [[String: String]]] {
        var contents: [String: [[String: String]]] = [:]
        for table in Schema.all {
            contents[table.name] = try rows(table).map { row in
                row.filter { $0.key != "loaded_at" }
            }.sorted {
                $0.sorted { $0.key < $1.key }.description
                    < $1.sorted { $0.key < $1.key }.description
            }
        }
        return contents
    }

    func count(_ table: Table) throws -> Int { try rows(table).count }
}

/// A JSON text in which equal values are equal: members sorted, numbers as decimals.
func canonical(_ text: String) -> String {
    func write(_ value: JSONValue) -> String {
        switch value.kind {
        case .object:
            var members: [String: String] = [:]
            for member in value.members { members[member.name.string ?? ""] = write(member.value) }
            return "{"
                + members.sorted { $0.key < $1.key }.map { "\($0):\($1)" }
                .joined(separator: ",") + "}"
        case .array: return "[" + value.elements.map(write).joined(separator: ",") + "]"
        case .number:
            let text = String(decoding: value.raw, as: UTF8.self)
            return Decimal(string: text).map { "\($0)" } ?? text
        case .string: return "\"\(value.string ?? "")\""
        case .true, .false, .null: return String(decoding: value.raw, as: UTF8.self)
        }
    }
    guard let text = try? JSONText(Array(text.utf8)) else { return "no JSON: \(text)" }
    return write(text.root)
}

extension TimeBudget {
    /// Longer than any test takes.
    static var long: TimeBudget { TimeBudget(now: .start, deadline: .now + .seconds(600)) }

    static func short(_ time: Duration) -> TimeBudget {
        TimeBudget(now: .start, deadline: .now + time)
    }
}

/// Messages as the loader gets them.
enum Messages {
    static let loadedAt = Timestamp.start

    static func message(
        _ body: String, partner: String = WarehouseVectors.partner,
        sender: String = WarehouseVectors.sender, record: String = "sqs-1"
    ) throws -> PublishedMessage {
        PublishedMessage(
            body: Array(body.utf8), partner: partner, sender: sender, recordID: record,
            queuedAt: try #require(Timestamp(rfc3339: Array(WarehouseVectors.queuedAt.utf8))))
    }

    /// A track of a few hundred bytes.
    static func track(_ id: String, partner: String = "web-app") throws -> PublishedMessage {
        try message(
            #"{"type":"track","messageId":"\#(id)","userId":"u-1","event":"Ticked","properties":{"a":[1,"two"]},"receivedAt":"2026-11-25T10:00:02.345Z"}"#,
            partner: partner, record: id)
    }

    /// Stores messages in chunks of the session's usual size.
    @discardableResult
    static func store(
        _ messages: [PublishedMessage], in session: any WarehouseSession,
        within budget: TimeBudget = .long
    ) throws -> Int {
        var new = 0
        let batch = Batch(messages, loadedAt: loadedAt, layout: session.layout)
        for chunk in batch.chunks(session.limits) {
            new += try session.store(chunk, within: budget)[0].new
        }
        return new
    }
}
