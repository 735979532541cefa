internal import Platform
internal import PostgreSQL

/// Partners in a PostgreSQL database.
final class PostgreSQLSession: SQLSession {
    /// The server ends a statement that takes longer, even if this program is gone by then.
    private static let statementTimeout = Duration.seconds(2)
    private static let migrationTimeout = Duration.seconds(60)
    private static let bulkTimeout = Duration.seconds(50)
    /// The lock under which one program at a time sets these tables up.
    private static let migrationLock = 5_207_345_120_163_731_809
    private static let versions = "inlet_migrations"
    /// What to add to a database whose version is the place in this list.
    private static let migrations = [
        """
        CREATE TYPE webhook_partner_status AS ENUM ('ACTIVE', 'INACTIVE', 'SUSPENDED');
        CREATE TABLE webhook_partners (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name text NOT NULL CHECK (name <> ''),
            description text,
            webhook_token text NOT NULL CHECK (webhook_token LIKE 'sha256:%'),
            previous_webhook_token text CHECK (previous_webhook_token LIKE 'sha256:%'),
            previous_expires_at timestamptz,
            status webhook_partner_status NOT NULL DEFAULT 'ACTIVE',
            validation_config jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            modified_at timestamptz NOT NULL DEFAULT now(),
            deleted_at timestamptz,
            CHECK ((previous_webhook_token IS NULL) = (previous_expires_at IS NULL))
        );
        CREATE UNIQUE INDEX webhook_partners_token ON webhook_partners (webhook_token);
        CREATE UNIQUE INDEX webhook_partners_previous_token
            ON webhook_partners (previous_webhook_token);
        CREATE UNIQUE INDEX webhook_partners_name ON webhook_partners (name)
            WHERE deleted_at IS NULL;
        CREATE INDEX webhook_partners_scheme
            ON webhook_partners ((validation_config #>> '{signing,scheme}'))
            WHERE deleted_at IS NULL;
        """
    ]

    /// The URI may hold a password.
    let source = PostgreSQLSession.name
    private static let name = "postgresql"
    let dialect = SQLDialect(
        timePrefix: "to_char(",
        timeSuffix: #" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#,
        list: "json_array_elements($1::json) AS list(value)", memberPrefix: "(value->>'",
        memberSuffix: "')",
        types: [
            "id": "uuid", "status": "webhook_partner_status", "validation_config": "jsonb",
            "previous_expires_at": "timestamptz", "created_at": "timestamptz",
            "modified_at": "timestamptz", "deleted_at": "timestamptz",
        ],
        signingScheme: "(validation_config #>> '{signing,scheme}')")
    var schemaVersion: Int { Self.migrations.count }
    private let uri: String
    private var connection: PostgreSQLConnection?

    /// Connects with the first statement.
    init(uri: String) { self.uri = uri }

    static func check(uri: String) throws(StoreError) {
        do throws(PostgreSQLError) {
            try PostgreSQLConnection.check(uri: uri)
        } catch {
            throw storeError(error)
        }
    }

    func rows(
        _ statement: String, _ values: [String?], access: SQLAccess, within budget: TimeBudget
    ) throws(StoreError) -> [[String?]] {
        do throws(PostgreSQLError) {
            return try rows(of: statement, values, access, within: budget)
        } catch {
            throw Self.storeError(error)
        }
    }

    func migrate(within budget: TimeBudget) throws(StoreError) -> [Int] {
        let found: Int
        do throws(PostgreSQLError) {
            found = try migrated(within: budget)
        } catch {
            throw Self.storeError(error)
        }
        guard found <= Self.migrations.count else { throw .migratedFurther(source: source) }
        return (found..<Self.migrations.count).map { $0 + 1 }
    }

    /// Runs a statement on the connection that is there, or else on a new one.
    ///
    /// An idle connection may have died unseen, during a freeze for example. It gets half of the
    /// time, and a look-up is then repeated on a new connection.
    private func rows(
        of statement: String, _ values: [String?], _ access: SQLAccess, within budget: TimeBudget
    ) throws(PostgreSQLError) -> [[String?]] {
        let timeout = access == .bulk ? Self.bulkTimeout : Self.statementTimeout
        connection?.check()
        if let kept = connection, kept.isUsable {
            let share = access == .look ? budget.capped(at: budget.left / 2) : budget
            do throws(PostgreSQLError) {
                return try kept.rows(
                    statement, values, statementTimeout: timeout, until: share.deadline)
            } catch {
                let isLost = error == .connectionLost || error == .timedOut
                guard isLost && access == .look || error.mayBeRepeated else { throw error }
            }
        }
        connection = nil
        let made = try PostgreSQLConnection(uri, until: budget.deadline)
        let rows = try made.rows(
            statement, values, statementTimeout: timeout, until: budget.deadline)
        connection = made
        return rows
    }

    /// Applies what is missing, and returns the version that it found.
    private func migrated(within budget: TimeBudget) throws(PostgreSQLError) -> Int {
        let deadline = budget.deadline
        let connection = try PostgreSQLConnection(uri, until: deadline)
        // A connection that ends before COMMIT takes everything back, and nothing set or locked
        // outlives it: a pooler gives the connection to another client next.
        try connection.run(
            "BEGIN; SET LOCAL statement_timeout = \(Self.migrationTimeout.milliseconds); "
                + "SELECT pg_advisory_xact_lock(\(Self.migrationLock)); "
                + "CREATE TABLE IF NOT EXISTS \(Self.versions) (version integer PRIMARY KEY, "
                + "applied_at timestamptz NOT NULL DEFAULT now())", until: deadline)
        let row = try connection.rows(
            "SELECT coalesce(max(version), 0) FROM \(Self.versions)", [],
            statementTimeout: Self.migrationTimeout, until: deadline
        ).first
        let found = row?.first?.flatMap { Int($0) } ?? 0
        guard found < Self.migrations.count else { return found }
        for (index, script) in Self.migrations.enumerated().dropFirst(found) {
            try connection.run(script, until: deadline)
            try connection.run(
                "INSERT INTO \(Self.versions) (version) VALUES (\(index + 1))", until: deadline)
        }
        try connection.run("COMMIT", until: deadline)
        return found
    }

    private static func storeError(_ error: PostgreSQLError) -> StoreError {
        switch error {
        case .malformedURI:
            problem("the URI is malformed, or holds characters that must be percent-encoded")
        case .sslModeMissing:
            problem(
                "the URI has no sslmode: add ?sslmode=verify-full, or sslmode=disable where the "
                    + "password may be sent in the clear")
        case .cannotConnect(let reason): problem(reason)
        case .timedOut: problem("no answer in time")
        case .connectionLost: problem("the connection was lost")
        case .refused(let refusal): storeError(refusal)
        }
    }

    /// Source: PostgreSQL documentation, "PostgreSQL Error Codes".
    private static func storeError(_ refusal: PostgreSQLError.Refusal) -> StoreError {
        switch refusal.state {
        case "23505":
            refusal.constraint == "webhook_partners_name" ? .nameTaken : .tokenTaken
        // A table, or a column of a later version, is not there.
        case "42P01", "42703": .notMigrated(source: name)
        case "57014": problem("no answer in time")
        case let state:
            problem("\(refusal.message ?? "a value was refused") (SQLSTATE \(state))")
        }
    }

    private static func problem(_ text: String) -> StoreError {
        .database(source: name, problem: text)
    }
}
