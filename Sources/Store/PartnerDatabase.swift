internal import AWS
internal import Partners

/// A database that partners are kept in, by what a setting names it.
package enum PartnerDatabase: Sendable {
    case sqlite(path: String)
    case postgreSQL(uri: String)
    case dynamoDB(table: String)

    /// Reads `sqlite:<path>`, `postgresql://…` or `dynamodb:<table>`; nil for everything else.
    init?(_ text: String) throws(StoreError) {
        if text.hasPrefix("sqlite:"), !text.utf8.contains(0) {
            let path = String(text.dropFirst(7))
            guard path.utf8.contains(where: { $0 > 0x20 }), path != ":memory:" else {
                throw .sqliteWithoutFile
            }
            self = .sqlite(path: path)
        } else if Self.isPostgreSQL(text) {
            try PostgreSQLSession.check(uri: text)
            self = .postgreSQL(uri: text)
        } else if text.hasPrefix("dynamodb:"), DynamoDBTable.isName(text.dropFirst(9)) {
            self = .dynamoDB(table: String(text.dropFirst(9)))
        } else {
            return nil
        }
    }

    static func isPostgreSQL(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    /// Opens nothing before its first call.
    func store(_ client: AWSClient) -> any PartnerStore {
        switch self {
        case .sqlite(let path): SQLPartners(SQLiteSession(path: path))
        case .postgreSQL(let uri): SQLPartners(PostgreSQLSession(uri: uri))
        case .dynamoDB(let table): DynamoDBPartners(DynamoDBTable(table, client: client))
        }
    }
}
