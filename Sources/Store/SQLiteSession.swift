internal import Platform
internal import SQLite
internal import Transport

/// Partners in a file, by SQLite.
final class SQLiteSession: SQLSession {
    /// How long a statement may wait for another program that holds the database.
    private static let patience = Duration.seconds(2)
    /// How a migration is tried while another program holds the database.
    private static let migrationAttempts = RetryPolicy(
        maximumAttempts: .max, pause: .random(upTo: .milliseconds(20)), latePause: .isCut)
    /// What to add to a database whose `user_version` is the place in this list.
    private static let migrations = [
        """
        CREATE TABLE webhook_partners (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            description TEXT,
            webhook_token TEXT NOT NULL CHECK (webhook_token LIKE 'sha256:%'),
            previous_webhook_token TEXT CHECK (previous_webhook_token LIKE 'sha256:%'),
            previous_expires_at TEXT,
            status TEXT NOT NULL DEFAULT 'ACTIVE'
                CHECK (status IN ('ACTIVE', 'INACTIVE', 'SUSPENDED')),
            validation_config TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(validation_config)),
            created_at TEXT NOT NULL,
            modified_at TEXT NOT NULL,
            deleted_at TEXT,
            CHECK ((previous_webhook_token IS NULL) = (previous_expires_at IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX webhook_partners_token ON webhook_partners (webhook_token);
        CREATE UNIQUE INDEX webhook_partners_previous_token
            ON webhook_partners (previous_webhook_token);
        CREATE UNIQUE INDEX webhook_partners_name ON webhook_partners (name)
            WHERE deleted_at IS NULL;
        CREATE INDEX webhook_partners_scheme
            ON webhook_partners (json_extract(validation_config, '$.signing.scheme'))
            WHERE deleted_at IS NULL;
        """
    ]

    let source: String
    let dialect = SQLDialect(
        list: "json_each($1)", memberPrefix: "json_extract(value, '$.", memberSuffix: "')",
        signingScheme: "json_extract(validation_config, '$.signing.scheme')")
    var schemaVersion: Int { Self.migrations.count }
    private let path: String
    private var reading: SQLiteConnection?
    private var writing: SQLiteConnection?

    /// Opens nothing yet.
    init(path: String) {
        self.path = path
        source = "sqlite:\(path)"
    }

    func rows(
        _ statement: String, _ values: [String?], access: SQLAccess, within budget: TimeBudget
    ) throws(StoreError) -> [[String?]] {
        switch access {
        case .look: try rows(statement, values, by: &reading, .read, within: budget)
        case .change, .bulk: try rows(statement, values, by: &writing, .write, within: budget)
        }
    }

    func migrate(within budget: TimeBudget) throws(StoreError) -> [Int] {
        let found: Int
        do throws(SQLiteError) {
            found = try migratedWhenFree(within: budget)
        } catch {
            throw storeError(error)
        }
        guard found <= Self.migrations.count else { throw .migratedFurther(source: source) }
        return (found..<Self.migrations.count).map { $0 + 1 }
    }

    /// Applies what is missing as soon as no other program holds the database.
    ///
    /// SQLite's own busy handler is no help: the change to WAL upgrades a read lock to a write lock,
    /// and is refused at once while another program writes, because two that waited so would wait
    /// for each other. Source: `sqlite3BtreeBeginTrans` asks no busy handler within a transaction.
    private func migratedWhenFree(within budget: TimeBudget) throws(SQLiteError) -> Int {
        let system = System()
        var retries = RetryState(policy: Self.migrationAttempts)
        while true {
            do throws(SQLiteError) {
                return try migrated(within: budget)
            } catch {
                guard error.kind == .busy, retries.pause(left: budget.left, by: system)
                else { throw error }
            }
        }
    }

    /// Applies what is missing, and returns the version that it found.
    private func migrated(within budget: TimeBudget) throws(SQLiteError) -> Int {
        var connection = try SQLiteConnection(path: path, access: .create)
        connection.wait(atMost: budget.left)
        // Readers then see the last committed state while another program writes.
        _ = try connection.rows("PRAGMA journal_mode = WAL")
        try connection.run("BEGIN IMMEDIATE")
        let row = try connection.rows("PRAGMA user_version").first
        let found = row?.first?.flatMap { Int($0) } ?? 0
        guard found < Self.migrations.count else { return found }
        for script in Self.migrations[found...] { try connection.run(script) }
        try connection.run("PRAGMA user_version = \(Self.migrations.count)")
        try connection.run("COMMIT")
        return found
    }

    private func rows(
        _ statement: String, _ values: [String?], by kept: inout SQLiteConnection?,
        _ access: SQLiteConnection.Access, within budget: TimeBudget
    ) throws(StoreError) -> [[String?]] {
        do throws(SQLiteError) {
            var connection =
                if let open = kept.take() { open } else {
                    try SQLiteConnection(path: path, access: access)
                }
            // A file that has replaced it is another database.
            if connection.isStale { connection = try SQLiteConnection(path: path, access: access) }
            connection.wait(atMost: min(Self.patience, budget.left))
            let rows = try connection.rows(statement, values)
            kept = consume connection
            return rows
        } catch {
            throw storeError(error)
        }
    }

    private func storeError(_ error: SQLiteError) -> StoreError {
        switch error.kind {
        case .duplicate(let column):
            column.hasSuffix(".name") ? .nameTaken : .tokenTaken
        case .tableMissing: .notMigrated(source: source)
        case .fileMissing:
            .database(source: source, problem: "there is no such file; inlet migrate makes it")
        case .busy: .database(source: source, problem: "other programs hold it for too long")
        case .full: .database(source: source, problem: "its disk is full")
        case .readOnly: .database(source: source, problem: "it is read-only")
        case .notADatabase:
            .database(source: source, problem: "it is damaged, or no SQLite database")
        case .constraint, .inputOutput, .other:
            .database(source: source, problem: "\(error.message) (SQLite \(error.code))")
        }
    }
}
