internal import Formats
package import Partners
package import Platform

/// A connection to a database that speaks SQL with `$1`, `$2` … for values.
protocol SQLSession: AnyObject {
    var source: String { get }
    var dialect: SQLDialect { get }
    var schemaVersion: Int { get }

    /// Runs a statement, as a transaction of its own; rows are columns as text.
    func rows(
        _ statement: String, _ values: [String?], access: SQLAccess, within budget: TimeBudget
    ) throws(StoreError) -> [[String?]]

    func migrate(within budget: TimeBudget) throws(StoreError) -> [Int]
}

enum SQLAccess {
    case look, change
    /// A change of many rows, which may take longer.
    case bulk
}

/// What two databases write differently.
struct SQLDialect {
    /// What a time column stands between to be read as RFC 3339 in UTC.
    var timePrefix = ""
    var timeSuffix = ""
    /// What makes a table with the column `value` of `$1`, a JSON array of objects.
    let list: String
    /// What a member's name stands between to be read from `value` as text.
    let memberPrefix: String
    let memberSuffix: String
    /// The types of columns that are not text.
    var types: [String: String] = [:]
    /// The scheme that `validation_config` says signatures are made by.
    let signingScheme: String

    func time(_ column: String) -> String { timePrefix + column + timeSuffix }

    func member(_ column: String) -> String {
        memberPrefix + column + memberSuffix + (types[column].map { "::\($0)" } ?? "")
    }
}

/// Partners in a table of a database that speaks SQL.
///
/// Values are always bound, never part of a statement's text.
package final class SQLPartners: PartnerStore {
    static let table = "webhook_partners"
    /// Records of one page.
    private static let pageSize = 500

    private let session: any SQLSession
    private let selection: String

    init(_ session: any SQLSession) {
        self.session = session
        let dialect = session.dialect
        let columns = PartnerRecord.columns.map { column in
            column.hasSuffix("_at") ? dialect.time(column) : column
        }
        selection = "SELECT \(columns.joined(separator: ", ")) FROM \(Self.table) "
    }

    package var source: String { session.source }
    package var schemaVersion: Int { session.schemaVersion }

    package func partner(
        token: TokenHash, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        // The owner comes before who had it once.
        try records(
            "WHERE webhook_token = $1 OR previous_webhook_token = $1 "
                + "ORDER BY webhook_token = $1 DESC LIMIT 1",
            [token.recorded], within: budget
        ).first?.record()
    }

    package func partner(
        id: String, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        // Another text is no key of the table, and PostgreSQL would refuse it.
        guard UUID(id) != nil else { return nil }
        return try records("WHERE id = $1", [id], within: budget).first?.record()
    }

    package func partners(
        signingScheme: String, limit: Int, within budget: TimeBudget
    ) throws(StoreError) -> [RecordReading] {
        try records(
            "WHERE \(session.dialect.signingScheme) = $1 AND deleted_at IS NULL "
                + "ORDER BY status <> 'ACTIVE', id LIMIT \(limit)",
            [signingScheme], within: budget)
    }

    package func partner(
        name: String, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        // No name holds one, and C ends a text there.
        guard !name.utf8.contains(0) else { return nil }
        return try records(
            "WHERE name = $1 AND deleted_at IS NULL", [name], within: budget
        ).first?.record()
    }

    package func page(
        after mark: String?, within budget: TimeBudget
    ) throws(StoreError) -> RecordPage {
        let order = "ORDER BY id LIMIT \(Self.pageSize)"
        let rows =
            if let mark {
                try rows("WHERE id > $1 \(order)", [mark], within: budget)
            } else {
                try rows(order, [], within: budget)
            }
        let isLast = rows.count < Self.pageSize
        return RecordPage(
            records: rows.map(Self.record),
            mark: isLast ? nil : rows.last?.first.flatMap(\.self))
    }

    package func insert(_ record: PartnerRecord, within budget: TimeBudget) throws(StoreError) {
        let places = PartnerRecord.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let columns = PartnerRecord.columns.joined(separator: ", ")
        _ = try session.rows(
            "INSERT INTO \(Self.table) (\(columns)) VALUES (\(places))", record.values,
            access: .change, within: budget)
    }

    /// One statement with one value, however many records there are.
    package func insert(
        _ records: [PartnerRecord], within budget: TimeBudget
    ) throws(StoreError) {
        var list = JSONWriter()
        list.array { list in
            for record in records {
                list.object { row in
                    for (column, value) in zip(PartnerRecord.columns, record.values) {
                        row.name(column)
                        if let value { row.string(value) } else { row.null() }
                    }
                }
            }
        }
        let dialect = session.dialect
        let members = PartnerRecord.columns.map(dialect.member).joined(separator: ", ")
        _ = try session.rows(
            "INSERT INTO \(Self.table) (\(PartnerRecord.columns.joined(separator: ", "))) "
                + "SELECT \(members) FROM \(dialect.list)", [list.text], access: .bulk,
            within: budget)
    }

    package func replace(
        _ old: PartnerRecord, with record: PartnerRecord, within budget: TimeBudget
    ) throws(StoreError) {
        let changes = PartnerRecord.columns.enumerated().dropFirst()
            .map { "\($1) = $\($0 + 1)" }.joined(separator: ", ")
        let version = "$\(PartnerRecord.columns.count + 1)"
        let changed = try session.rows(
            "UPDATE \(Self.table) SET \(changes) WHERE id = $1 "
                + "AND \(session.dialect.time("modified_at")) = \(version) RETURNING id",
            record.values + [old.version], access: .change, within: budget)
        guard !changed.isEmpty else { throw .changedMeanwhile }
    }

    package func migrate(within budget: TimeBudget) throws(StoreError) -> [Int] {
        try session.migrate(within: budget)
    }

    private func records(
        _ condition: String, _ values: [String?], within budget: TimeBudget
    ) throws(StoreError) -> [RecordReading] {
        try rows(condition, values, within: budget).map(Self.record)
    }

    private func rows(
        _ condition: String, _ values: [String?], within budget: TimeBudget
    ) throws(StoreError) -> [[String?]] {
        try session.rows(selection + condition, values, access: .look, within: budget)
    }

    private static func record(_ row: [String?]) -> RecordReading {
        RecordReading { () throws(PartnerError) in try PartnerRecord(row: row, at: table) }
    }
}
