internal import Warehouse

/// The table that says which versions of the schema a warehouse has.
enum SchemaVersion {
    static let table = BookkeepingTable.versions

    static let sqliteTable = """
        CREATE TABLE IF NOT EXISTS \(table) (
            version INTEGER PRIMARY KEY NOT NULL,
            applied_at TEXT NOT NULL
        ) STRICT
        """

    static func query(_ table: String) -> String { "SELECT max(version) FROM \(table)" }

    /// The version in the only row of ``query(_:)``; 0 for a table without rows.
    static func read(_ row: [String?]?) -> Int { row?.first?.flatMap { Int($0) } ?? 0 }
}
