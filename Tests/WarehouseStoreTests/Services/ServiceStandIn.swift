import AWS
import Formats
import Foundation
import Platform
import TestSupport
import Testing
import Transport
@testable import Secrets
@testable import Warehouse
@testable import WarehouseStore

/// A warehouse's service that is played by a program in Python, which executes the statements.
///
/// Its Python packages are large: `scripts/test-warehouses` installs them.
final class ServiceStandIn: Sendable {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case databricks, teradata

        var testDescription: String { rawValue }
    }

    /// True if the Python packages are there.
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// Why tests that need them are skipped.
    static let installation: Comment =
        "needs engines of 800 MB, which scripts/test-warehouses installs"

    private static var root: URL {
        (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }

    private static var python: String {
        root.appending(path: ".build/venv-warehouses/bin/python").path
    }

    let kind: Kind
    let url: String
    private let program: Program
    private let directory: TemporaryDirectory

    init(_ kind: Kind, options: [String] = []) throws {
        self.kind = kind
        directory = try TemporaryDirectory()
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "\(kind.rawValue).py").path
        program = try Program(
            Self.python, [script, directory.path] + options,
            environment: [
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                "NO_PROXY": "*", "HOME": directory.path,
            ])
        let greeting = try program.line(with: "Running on http://")
        url = String(greeting.split(separator: " ").last ?? "")
    }

    deinit { program.stop() }

    /// As `INLET_WAREHOUSE` has it.
    var source: String {
        switch kind {
        case .databricks: "databricks:\(url)/sql/1.0/warehouses/1a2b3c4d5e6f7890?catalog=main"
        case .teradata: "teradata:\(url)/api/query/tdrest/systems/local"
        }
    }

    /// A session with a connection of its own, as whom the stand-in knows.
    func session(_ changes: [String: String] = [:]) throws -> any WarehouseSession {
        let given =
            switch kind {
            case .databricks:
                [
                    "INLET_WAREHOUSE_CLIENT_ID": "loader-id",
                    "INLET_WAREHOUSE_CLIENT_SECRET": "loader:secret/1",
                ]
            case .teradata:
                ["INLET_WAREHOUSE_USER": "loader", "INLET_WAREHOUSE_PASSWORD": "pass:word/1"]
            }
        let environment = given.merging(changes) { $1 }
        // Pauses are short, but not so short that others do not get ahead meanwhile.
        let system = System(environment: { environment[$0] }, random: { .random(in: 0.02..<0.1) })
        return try WarehouseSetting(source, system).session(
            schema: SchemaName.inlet, secrets: .none)
    }

    /// A session with whose help the tables are there already.
    func migrated() throws -> any WarehouseSession {
        let session = try session()
        _ = try session.migrate(within: .long)
        return session
    }

    /// Has the next calls fail, each in its way.
    func fail(_ faults: [String]) throws {
        let list = faults.map { "\"\($0)\"" }.joined(separator: ",")
        _ = try call("POST", "/control", #"{"faults":[\#(list)]}"#)
    }

    /// Makes all tokens invalid.
    func expireTokens() throws { _ = try call("POST", "/control", #"{"expire":true}"#) }

    /// How often something has happened.
    func count(_ name: String) throws -> Int {
        try call("POST", "/control", "{}").root["counts"]?[name]?.int ?? 0
    }

    /// The rows of a table; what is null is left out.
    ///
    /// Times have microseconds in UTC, and JSON is in a form in which equal values are equal texts.
    ///
    /// An engine of another make than the one that wrote them reads Delta tables.
    func rows(of table: Table) throws -> [[String: String]] {
        let columns = try session().dialect.columns(of: table)
        switch kind {
        case .databricks:
            return try call("GET", "/delta/inlet/\(table.name)", "").root.elements.map { row in
                try Self.values(columns.map { row[$0.name]?.string }, columns)
            }
        case .teradata: return try query(table.name, columns)
        }
    }

    /// The rows of a table or view by SQL.
    func query(_ table: String, _ columns: [Column]) throws -> [[String: String]] {
        let session = try session()
        let names = columns.map { session.dialect.quoted($0.name) }.joined(separator: ", ")
        let place = session.dialect.quoted("inlet") + "." + session.dialect.quoted(table)
        return try session.rows("SELECT \(names) FROM \(place)", within: .long).map {
            try Self.values($0, columns)
        }
    }

    private static func values(
        _ row: [String?], _ columns: [Column]
    ) throws -> [String: String] {
        var values: [String: String] = [:]
        for (column, value) in zip(columns, row) where column.name != "loaded_at" {
            guard let value else { continue }
            switch column.kind {
            case .json: values[column.name] = canonical(value)
            case .time:
                // Teradata's have no zone.
                let zone = value.hasSuffix("Z") ? "" : "Z"
                let time = try #require(Timestamp(rfc3339: (value + zone).utf8))
                values[column.name] = String(decoding: time.rfc3339Microseconds, as: UTF8.self)
            default: values[column.name] = value
            }
        }
        return values
    }

    private func call(_ method: String, _ path: String, _ body: String) throws -> JSONText {
        let response = try HTTPConnection(proxy: .never).send(
            HTTPRequest(method: method, url: url + path, body: Array(body.utf8)),
            timeout: .seconds(60), maximumBody: 1 << 26)
        return try JSONText(response.body)
    }

    /// What the program has said besides.
    var errors: String { program.errors }
}

extension SchemaName {
    static var inlet: SchemaName { get throws { try #require(SchemaName("inlet")) } }
}

extension SecretCache {
    /// For settings that hold their secrets themselves.
    static var none: SecretCache {
        let aws = AWSSettings(System(environment: { _ in nil }))
        return SecretCache(
            ReferenceReader(AWSClient(aws, credentials: CredentialChain(aws))))
    }
}
