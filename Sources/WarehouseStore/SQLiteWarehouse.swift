internal import Formats
package import Platform
internal import SQLite
package import Warehouse

/// A warehouse in a file.
package final class SQLiteWarehouse: WarehouseSession {
    /// How the file is kept whole when a program ends in the middle of a transaction.
    package enum Journal: String, Sendable {
        /// Works on every file system.
        case delete
        /// Lets others read while rows are written, and writes small batches faster. All programs that
        /// use the file must be on one machine.
        case wal
    }

    package let dialect: any Dialect = SQLiteDialect()
    private let sqlite = SQLiteDialect()
    package let layout: Layout
    private let path: String
    private let journal: Journal
    private var connection: SQLiteConnection?
    private var isCurrent = false

    /// Opens nothing yet.
    package init(path: String, journal: Journal, layout: Layout = .documents) {
        self.path = path
        self.layout = layout
        self.journal = journal
    }

    package func store(
        _ chunk: Chunk, within budget: TimeBudget
    ) throws(WarehouseError) -> [StoredRows] {
        do throws(SQLiteError) {
            var open = try takeConnection()
            open.wait(atMost: budget.left)
            let stored: [StoredRows]
            do throws(SQLiteError) {
                try open.run("BEGIN IMMEDIATE")
                stored = try insert(try resolve(chunk, by: &open), by: &open)
                try open.run("COMMIT")
            } catch {
                if open.isInTransaction { try? open.run("ROLLBACK") }
                if error.kind != .tableMissing { connection = consume open }
                throw error
            }
            connection = consume open
            return stored
        } catch {
            throw Self.error(error)
        }
    }

    package func migrate(within budget: TimeBudget) throws(WarehouseError) -> [Int] {
        let migrations = dialect.migrations
        let found: Int
        do throws(SQLiteError) {
            found = try migrated(migrations, within: budget)
        } catch {
            throw Self.error(error)
        }
        guard found <= migrations.count else { throw .migratedFurther }
        return (found..<migrations.count).map { $0 + 1 }
    }

    package func rows(
        _ query: String, within budget: TimeBudget
    ) throws(WarehouseError) -> [[String?]] {
        do throws(SQLiteError) {
            var open = try SQLiteConnection(path: path, access: .read)
            open.wait(atMost: budget.left)
            return try open.rows(query)
        } catch {
            throw Self.error(error)
        }
    }

    private func takeConnection() throws(SQLiteError) -> SQLiteConnection {
        if let open = connection.take(), !open.isStale { return open }
        let open = try SQLiteConnection(path: path, access: .write)
        // The queue is told that rows are stored once COMMIT returns: they must be on the disk then.
        try open.run("PRAGMA synchronous = FULL")
        return open
    }

    /// The chunk with its properties in columns, which are made in the same transaction.
    private func resolve(
        _ chunk: Chunk, by open: inout SQLiteConnection
    ) throws(SQLiteError) -> Chunk {
        guard case .columns(let limits) = layout else { return chunk }
        var catalog = try readCatalog(by: &open)
        let plan = ColumnPlan(chunk, catalog, limits)
        if !plan.additions.isEmpty {
            for addition in plan.additions { try make(addition, by: &open) }
            catalog = try readCatalog(by: &open)
        }
        return plan.chunk(by: catalog, converter: CellConverter(hasExactNumbers: false))
    }

    /// Makes the columns of one table, all or none: none if the database refuses one, as for a name
    /// that an operator's view has.
    ///
    /// The messages of one event must not keep all others out.
    private func make(
        _ addition: ColumnPlan.Addition, by open: inout SQLiteConnection
    ) throws(SQLiteError) {
        try open.run("SAVEPOINT addition")
        do throws(SQLiteError) {
            for statement in sqlite.statements(for: addition) { try open.run(statement) }
            for column in addition.columns {
                _ = try open.rows(
                    sqlite.keepKind, [addition.table.name, column.name, column.kind.rawValue])
            }
        } catch {
            guard error.kind == .other else { throw error }
            try open.run("ROLLBACK TO addition")
        }
        try open.run("RELEASE addition")
    }

    private func readCatalog(by open: inout SQLiteConnection) throws(SQLiteError) -> Catalog {
        var catalog = Catalog()
        for row in try open.rows(sqlite.catalog) {
            guard row.count == 4, let table = row[0], let column = row[1] else { continue }
            // A column of the schema takes what the schema puts there, and texts of traits.
            let made = row[2].flatMap(Catalog.Kind.init(rawValue:))
            let takesText = row[3] == "TEXT" || row[3] == "ANY"
            catalog.add(
                table, column, made ?? (takesText ? Self.kind(table, column) : .other))
        }
        return catalog
    }

    private static func kind(_ table: String, _ column: String) -> Catalog.Kind {
        let known = Schema.all.first { $0.name == table }?.columns.first { $0.name == column }
        return known?.kind == .time ? .time : .text
    }

    private func insert(
        _ chunk: Chunk, by open: inout SQLiteConnection
    ) throws(SQLiteError) -> [StoredRows] {
        var counts: [Int] = []
        for part in chunk.tables {
            let values = part.rows.lazy.map { $0.cells.map(SQLiteValue.init) }
            counts.append(try open.change(sqlite.insert(into: part.table), forEach: values))
        }
        return chunk.stored(counts)
    }

    /// Applies what is missing, and returns the version that it found.
    private func migrated(
        _ migrations: [[String]], within budget: TimeBudget
    ) throws(SQLiteError) -> Int {
        var open = try SQLiteConnection(path: path, access: .create)
        open.wait(atMost: budget.left)
        try open.run("BEGIN IMMEDIATE")
        try open.run(SchemaVersion.sqliteTable)
        let row = try open.rows(SchemaVersion.query(SchemaVersion.table)).first
        let found = SchemaVersion.read(row)
        for (index, statements) in migrations.enumerated().dropFirst(found) {
            for statement in statements { try open.run(statement) }
            _ = try open.rows(
                "INSERT INTO \(SchemaVersion.table) VALUES ($1, $2)",
                [String(index + 1), budget.now.rfc3339])
        }
        try open.run("COMMIT")
        // Outside of a transaction, where alone it can be changed.
        _ = try open.rows("PRAGMA journal_mode = \(journal.rawValue)")
        return found
    }

    static func error(_ error: SQLiteError) -> WarehouseError {
        let code = String(error.code)
        return switch error.kind {
        case .duplicate, .constraint:
            WarehouseError(.data, code: code, "a row breaks a rule of its table")
        case .busy:
            WarehouseError(.unavailable, code: code, "other programs hold the file for too long")
        case .full: WarehouseError(.unavailable, code: code, "its disk is full")
        case .readOnly: WarehouseError(.unavailable, code: code, "the file is read-only")
        case .inputOutput: WarehouseError(.unavailable, code: code, "the file system failed")
        case .fileMissing:
            WarehouseError(
                .denied, code: code, "there is no such file; inlet warehouse migrate makes it")
        case .tableMissing: .notMigrated
        case .notADatabase:
            WarehouseError(.denied, code: code, "the file is damaged, or no SQLite database")
        case .other: WarehouseError(.unavailable, code: code, error.message)
        }
    }
}

extension SQLiteValue {
    init(_ cell: Cell) {
        switch cell {
        case .null: self = .null
        case .boolean(let value): self = .integer(value ? 1 : 0)
        case .number(let text): self = Self.number(text)
        case .text, .time, .json: self = .text(cell.plainText ?? [])
        }
    }

    /// A whole number of 64 bits, or else what a double makes of it.
    private static func number(_ text: ArraySlice<UInt8>) -> SQLiteValue {
        let text = String(decoding: text, as: UTF8.self)
        return Int64(text).map(SQLiteValue.integer) ?? .real(Double(text) ?? .nan)
    }
}
