package import Platform
package import Secrets
package import Warehouse

/// A warehouse in Delta tables, written by a Databricks SQL warehouse.
///
/// There are no transactions over several tables: a chunk is one MERGE for each of its tables. A
/// repeat passes over the rows that are there, so a chunk that broke off is completed by the next
/// attempt.
package final class DatabricksWarehouse: WarehouseSession {
    package var dialect: any Dialect { databricks }

    /// A row takes up to half as many bytes more as JSON; together they stay near 1 MiB, which every
    /// client is known to get through.
    package var limits: Chunk.Limits { Chunk.Limits(rows: 5_000, bytes: 750_000) }

    private let databricks: DatabricksDialect
    private let api: StatementAPI

    /// Connects with the first statement.
    package init(_ setting: DatabricksSetting, schema: String, secrets: SecretCache) {
        databricks = DatabricksDialect(schema: schema)
        let connection = ServiceConnection(
            to: setting.address, authorities: setting.authorities, system: setting.system)
        api = StatementAPI(
            setting, connection, DatabricksLogin(setting, connection, secrets))
    }

    /// Stores all rows of a chunk, table by table.
    ///
    /// The rows of messages come last: one that is there has its discards and its typed row too, and
    /// only it counts the message as stored. How many rows were new is what the warehouse says; if it
    /// says nothing, all of them.
    package func store(
        _ chunk: Chunk, within budget: TimeBudget
    ) throws(WarehouseError) -> [StoredRows] {
        var counts: [Int] = []
        for part in chunk.tables.reversed() {
            let statement = DatabricksStatement(
                databricks.merge(into: part.table), rows: DatabricksRows.json(part.rows))
            let new = try api.execute(statement, within: budget).insertedRows
            counts.append(min(new ?? part.rows.count, part.rows.count))
        }
        return chunk.stored(counts.reversed())
    }

    package func rows(
        _ query: String, within budget: TimeBudget
    ) throws(WarehouseError) -> [[String?]] {
        try api.execute(DatabricksStatement(query), within: budget).rows
    }

    /// Makes what is missing; every statement may be repeated, by several programs at once too.
    package func migrate(within budget: TimeBudget) throws(WarehouseError) -> [Int] {
        let migrations = databricks.migrations
        let found = try version(within: budget)
        guard found <= migrations.count else { throw .migratedFurther }
        for (index, statements) in migrations.enumerated().dropFirst(found) {
            for statement in statements { _ = try rows(statement, within: budget) }
            let number = index + 1
            _ = try rows(
                "INSERT INTO \(versions) VALUES (\(number), current_timestamp())", within: budget)
        }
        return (found..<migrations.count).map { $0 + 1 }
    }

    private var versions: String { databricks.qualified(SchemaVersion.table) }

    /// The version that is there; makes the table of versions if there is none.
    private func version(within budget: TimeBudget) throws(WarehouseError) -> Int {
        let query = SchemaVersion.query(versions)
        do throws(WarehouseError) {
            return SchemaVersion.read(try rows(query, within: budget).first)
        } catch {
            guard error == .notMigrated else { throw error }
        }
        do throws(WarehouseError) {
            _ = try rows(databricks.makeSchema, within: budget)
        } catch {
            // Who may not make a schema may still make tables in one that is there.
            guard error.kind == .denied else { throw error }
        }
        _ = try rows(
            "CREATE TABLE IF NOT EXISTS \(versions) (`version` INT NOT NULL, "
                + "`applied_at` TIMESTAMP)", within: budget)
        return SchemaVersion.read(try rows(query, within: budget).first)
    }
}
