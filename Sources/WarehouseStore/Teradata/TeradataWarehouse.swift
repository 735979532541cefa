internal import Formats
package import Platform
package import Secrets
package import Warehouse

/// A warehouse in a database of Teradata Vantage, written through Query Service.
///
/// Each request is a transaction of its own: a chunk is one or more batches for each of its tables. A
/// repeat passes over the rows that are there, so a chunk that broke off is completed by the next
/// attempt.
package final class TeradataWarehouse: WarehouseSession {
    package var dialect: any Dialect { teradata }

    package var limits: Chunk.Limits { Chunk.Limits(rows: 500, bytes: 500_000) }

    /// The most that one request has of rows.
    private static let batch = Chunk.Limits(rows: 500, bytes: 700_000)

    private let teradata: TeradataDialect
    private let database: String
    private let service: QueryService

    /// Connects with the first request.
    package init(_ setting: TeradataSetting, database: String, secrets: SecretCache) {
        self.database = database
        teradata = TeradataDialect(database: database)
        service = QueryService(setting, secrets)
    }

    /// Stores all rows of a chunk, table by table, those of messages last.
    ///
    /// Query Service does not say how many rows were new: all of them count as new. An error that is not
    /// known may be about one row: the chunk is to be halved until that is alone, and only it waits.
    package func store(
        _ chunk: Chunk, within budget: TimeBudget
    ) throws(WarehouseError) -> [StoredRows] {
        do throws(WarehouseError) {
            try merge(chunk, within: budget)
        } catch {
            guard let code = error.code, !TeradataFault.knows(code), error.kind == .busy,
                chunk.units.count > 1
            else { throw error }
            throw WarehouseError(.tooLarge, code: code, error.reason)
        }
        return chunk.stored(chunk.tables.map(\.rows.count))
    }

    private func merge(_ chunk: Chunk, within budget: TimeBudget) throws(WarehouseError) {
        for part in TeradataLoad(chunk, teradata).parts {
            let merge = teradata.merge(into: part.table)
            var rest = part.rows[...]
            while !rest.isEmpty {
                let count = Self.firstBatch(of: rest)
                // One row that another writer was first with is stored.
                try service.run(
                    merge, forEach: rest.prefix(count),
                    done: count == 1 ? TeradataFault.duplicateKey : nil, within: budget)
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func firstBatch(of rows: ArraySlice<Row>) -> Int {
        var size = 0
        for (count, row) in rows.enumerated() {
            size += row.size
            if count > 0, count == batch.rows || size > batch.bytes { return count }
        }
        return rows.count
    }

    package func rows(
        _ query: String, within budget: TimeBudget
    ) throws(WarehouseError) -> [[String?]] {
        try service.run(query, within: budget)
    }

    // MARK: - Migrations

    /// Makes what is missing; every statement may be repeated, by several programs at once too.
    package func migrate(within budget: TimeBudget) throws(WarehouseError) -> [Int] {
        let migrations = teradata.migrations
        let tables = try existingTables(within: budget)
        let versions = teradata.qualified(SchemaVersion.table)
        if tables[SchemaVersion.table] == nil {
            try service.run(
                "CREATE MULTISET TABLE \(versions) (\"version\" INTEGER NOT NULL, \"applied_at\" "
                    + "TIMESTAMP(6)) UNIQUE PRIMARY INDEX (\"version\")",
                done: TeradataFault.tableExists, within: budget)
        }
        let found = SchemaVersion.read(
            try rows(
                "SELECT MAX(\"version\") FROM \(versions)", within: budget
            ).first)
        guard found <= migrations.count else { throw .migratedFurther }
        for (index, statements) in migrations.enumerated().dropFirst(found) {
            for statement in statements {
                try service.run(statement, done: TeradataFault.tableExists, within: budget)
            }
            try service.run(
                "INSERT INTO \(versions) (\"version\", \"applied_at\") VALUES (\(index + 1), "
                    + "CURRENT_TIMESTAMP(6))", done: TeradataFault.duplicateKey, within: budget)
        }
        return (found..<migrations.count).map { $0 + 1 }
    }

    /// The tables and views of the database, by their names in lower case, each with its kind.
    ///
    /// - Throws: for one of ours that has no primary index: no row can be merged into it.
    private func existingTables(
        within budget: TimeBudget
    ) throws(WarehouseError) -> [String: String] {
        let rows = try rows(
            "SELECT TRIM(TableName), TableKind FROM DBC.TablesV WHERE DatabaseName = '\(database)'",
            within: budget)
        var tables: [String: String] = [:]
        for row in rows where row.count == 2 {
            guard let name = row[0], let kind = row[1] else { continue }
            tables[name.lowercased()] = String(kind.prefix(1))
        }
        for table in Schema.all where tables[table.name] == Self.withoutIndex {
            throw WarehouseError(
                .denied,
                "the table \(table.name) is there and has no primary index, so no row can be "
                    + "merged into it: rename it, or use another database")
        }
        return tables
    }

    /// The kind of a table without a primary index.
    private static let withoutIndex = "O"
}
