internal import Formats
package import Platform
internal import PostgreSQL
package import Secrets
package import Warehouse

/// A warehouse in a schema of a PostgreSQL database.
package final class PostgreSQLWarehouse: WarehouseSession {
    /// The server waits for one lock for at most this part of the time that is left.
    private static let lockShare = 4
    private static let migrationTimeout = Duration.seconds(60)
    /// The lock under which one program at a time changes the schema.
    private static let migrationLock = 5_207_345_120_163_731_810

    package var dialect: any Dialect { postgreSQL }
    package let layout: Layout
    let postgreSQL: PostgreSQLDialect
    /// What the layout `columns` found; nil before the first chunk, and when it may be stale.
    private var catalog: Catalog?
    private let uri: SettingSecret
    private var connection: PostgreSQLConnection?

    /// Connects with the first statement; `uri` is the database's, or where that is kept.
    package init(_ uri: SettingSecret, schema: String, layout: Layout = .documents) {
        self.uri = uri
        self.layout = layout
        postgreSQL = PostgreSQLDialect(schema: schema)
    }

    /// Throws for a URI that cannot be connected by.
    package static func check(uri: String) throws(WarehouseError) {
        do throws(PostgreSQLError) {
            try PostgreSQLConnection.check(uri: uri)
        } catch {
            throw Self.error(error)
        }
    }

    package func store(
        _ chunk: Chunk, within budget: TimeBudget
    ) throws(WarehouseError) -> [StoredRows] {
        guard case .columns(let limits) = layout else {
            return try insert(chunk, within: budget)
        }
        do throws(WarehouseError) {
            return try insert(try resolve(chunk, limits, within: budget), within: budget)
        } catch {
            guard error == .notMigrated || error.code == Self.otherType else { throw error }
            // Somebody has dropped or renamed a column, or changed its type.
            catalog = nil
            return try insert(try resolve(chunk, limits, within: budget), within: budget)
        }
    }

    /// The code of a value for a column of another type.
    private static let otherType = "42804"

    private func insert(
        _ chunk: Chunk, within budget: TimeBudget
    ) throws(WarehouseError) -> [StoredRows] {
        let statements = chunk.tables.map { part in
            PostgreSQLStatement(postgreSQL.insert(into: part.table), Self.arrays(part.rows))
        }
        let new = try onConnection(within: budget) { connection, deadline throws(PostgreSQLError) in
            let left = deadline - .now
            return try connection.transaction(
                statements, timeouts: .init(statement: left, lock: left / Self.lockShare),
                until: deadline)
        }
        return chunk.stored(new)
    }

    package func rows(
        _ query: String, within budget: TimeBudget
    ) throws(WarehouseError) -> [[String?]] {
        try onConnection(within: budget) { connection, deadline throws(PostgreSQLError) in
            try connection.rows(
                query, [], statementTimeout: deadline - .now, until: deadline)
        }
    }

    /// The chunk with its properties in columns, which are made first if they are missing.
    private func resolve(
        _ chunk: Chunk, _ limits: ColumnLimits, within budget: TimeBudget
    ) throws(WarehouseError) -> Chunk {
        var known = if let catalog { catalog } else { try readCatalog(within: budget) }
        let plan = ColumnPlan(chunk, known, limits)
        if !plan.additions.isEmpty {
            let patience = budget.capped(at: budget.left / 2)
            for addition in plan.additions where patience.left > .zero {
                try make(addition, within: budget)
            }
            // Another loader may have made some of them first, of another type.
            known = try readCatalog(within: budget)
        }
        catalog = known
        return plan.chunk(by: known, converter: CellConverter(hasExactNumbers: true))
    }

    private func readCatalog(within budget: TimeBudget) throws(WarehouseError) -> Catalog {
        var catalog = Catalog()
        for row in try rows(postgreSQL.catalog, within: budget) {
            guard row.count == 3, let table = row[0], let column = row[1], let type = row[2] else {
                continue
            }
            catalog.add(table, column, postgreSQL.kind(ofType: type))
        }
        return catalog
    }

    /// Makes the columns of one table, unless others use the table for too long: `ALTER` that waits
    /// for them would make all inserts wait behind it.
    ///
    /// Nor does it make what the database refuses. The name may be that of an operator's view, and
    /// the messages of one event must not keep all others out.
    private func make(
        _ addition: ColumnPlan.Addition, within budget: TimeBudget
    ) throws(WarehouseError) {
        let script =
            "SELECT set_config('lock_timeout', '\(Self.columnPatience.milliseconds)', true), "
            + "pg_advisory_xact_lock(\(Self.migrationLock)); " + postgreSQL.script(for: addition)
        do throws(WarehouseError) {
            _ = try onConnection(within: budget) { connection, deadline throws(PostgreSQLError) in
                try connection.run(script, until: deadline)
            }
        } catch {
            guard error.kind == .busy || Self.isAboutNames(error.code) else { throw error }
        }
    }

    /// True for a statement that is wrong for what is in the database, or makes a table too large.
    private static func isAboutNames(_ code: String?) -> Bool {
        guard let code, code != "42501" else { return false }
        return code.hasPrefix("42") || code.hasPrefix("54")
    }

    /// How long a new column may wait for those who use its table.
    private static let columnPatience = Duration.milliseconds(500)

    /// One array for each column, of the cells of all rows.
    private static func arrays(_ rows: [Row]) -> PostgreSQLParameters {
        var parameters = PostgreSQLParameters(reserving: rows.reduce(0) { $0 + $1.size })
        for place in rows[0].table.columns.indices {
            parameters.add(array: rows.map { $0.cells[place].plainText })
        }
        return parameters
    }

    /// Calls `body` with the connection that is kept, or else with a new one.
    ///
    /// A connection that was idle may have died unseen, during a freeze for example. It gets half of
    /// the time, and what it was asked is then asked again on a new one: no statement here does harm
    /// when it is repeated.
    private func onConnection<Result>(
        within budget: TimeBudget,
        _ body: (PostgreSQLConnection, Instant) throws(PostgreSQLError) -> Result
    ) throws(WarehouseError) -> Result {
        do throws(PostgreSQLError) {
            connection?.check()
            if let kept = connection, kept.isUsable {
                do throws(PostgreSQLError) {
                    return try body(kept, .now + budget.left / 2)
                } catch {
                    let isLost = error == .connectionLost || error == .timedOut
                    guard isLost || error.mayBeRepeated else { throw error }
                }
            }
        } catch {
            throw Self.error(error)
        }
        connection = nil
        let uri = try readURI(within: budget)
        do throws(PostgreSQLError) {
            let made = try PostgreSQLConnection(uri, until: budget.deadline)
            let result = try body(made, budget.deadline)
            connection = made
            return result
        } catch {
            throw Self.error(error)
        }
    }

    private func readURI(within budget: TimeBudget) throws(WarehouseError) -> String {
        do throws(SecretError) {
            return String(decoding: try uri.value(within: budget).value, as: UTF8.self)
        } catch {
            throw WarehouseError(.unavailable, "its URI could not be read: \(error.reason)")
        }
    }

    // MARK: - Migrations

    package func migrate(within budget: TimeBudget) throws(WarehouseError) -> [Int] {
        let migrations = postgreSQL.migrations
        let uri = try readURI(within: budget)
        let found: Int
        do throws(PostgreSQLError) {
            let made = try PostgreSQLConnection(uri, until: budget.deadline)
            found = try migrated(migrations, by: made, until: budget.deadline)
        } catch {
            throw Self.error(error)
        }
        guard found <= migrations.count else { throw .migratedFurther }
        return (found..<migrations.count).map { $0 + 1 }
    }

    /// Applies what is missing, and returns the version that it found.
    private func migrated(
        _ migrations: [[String]], by connection: PostgreSQLConnection, until deadline: Instant
    ) throws(PostgreSQLError) -> Int {
        let versions = postgreSQL.qualified(SchemaVersion.table)
        // A connection that ends before COMMIT takes everything back, and nothing set or locked
        // outlives it: a pooler gives the connection to another client next.
        try connection.run(
            "BEGIN; SET LOCAL statement_timeout = \(Self.migrationTimeout.milliseconds); "
                + "SELECT pg_advisory_xact_lock(\(Self.migrationLock)); "
                + postgreSQL.makeSchema + "; CREATE TABLE IF NOT EXISTS \(versions) "
                + "(version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
            until: deadline)
        let row = try connection.rows(
            SchemaVersion.query(versions), [], statementTimeout: Self.migrationTimeout,
            until: deadline
        ).first
        let found = SchemaVersion.read(row)
        for (index, statements) in migrations.enumerated().dropFirst(found) {
            for statement in statements { try connection.run(statement, until: deadline) }
            try connection.run(
                "INSERT INTO \(versions) (version) VALUES (\(index + 1))", until: deadline)
        }
        try connection.run("COMMIT", until: deadline)
        return found
    }
}
