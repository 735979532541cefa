/// Teradata Vantage: tables in a database that an administrator has made.
///
/// They have the columns of Segment's tables for Teradata, `page` and `screen` beside `name` too, and
/// without a column for each part of `context`: a row has 64 KB. A unique primary index makes the
/// database itself refuse a second row with the same key.
/// Source: Teradata SQL Data Definition Language 17.20, "CREATE TABLE"; SQL Data Manipulation
/// Language 17.20, "MERGE".
package struct TeradataDialect: Dialect {
    package let name = "teradata"
    private let database: String

    package init(database: String) { self.database = database }

    package func quoted(_ name: String) -> String { "\"\(name)\"" }

    package func qualified(_ name: String) -> String { "\(quoted(database)).\(quoted(name))" }

    package func timeText(_ expression: String) -> String {
        "TO_CHAR(\(expression), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6\"Z\"')"
    }

    package func type(_ column: Column, of table: Table) -> String {
        switch column.kind {
        case .id: Self.varchar(Identifier.maximumLength)
        case .text: Self.length(of: column).map(Self.varchar) ?? Self.clob
        case .time: "TIMESTAMP(6)"
        case .number: "NUMBER"
        case .boolean: "BYTEINT"
        case .json: Self.clob
        }
    }

    /// Of a table that has these columns already, they are the same.
    package func columns(of table: Table) -> [Column] {
        table.columns.flatMap { column -> [Column] in
            if column.name.hasPrefix("context_") { return [] }
            var twin = column.name == "name" ? Self.twins[table.name] : nil
            if twin.flatMap(table.place) != nil { twin = nil }
            return [column] + (twin.map { [Column($0, column.kind, column.source)] } ?? [])
        }
    }

    /// The column of the same value as `name`.
    static let twins = [Schema.pages.name: "page", Schema.screens.name: "screen"]

    /// Code units of UTF-16 that a column of texts has room for; nil for one that is a CLOB.
    static func length(of column: Column) -> Int? {
        switch column.name {
        case "url", "path", "referrer", "search", "link_url": 4096
        case "body", "column_value": nil
        case TeradataOverflow.column: TeradataOverflow.length
        default: 1024
        }
    }

    private static let clob = "CLOB CHARACTER SET UNICODE"

    private static func varchar(_ length: Int) -> String {
        "VARCHAR(\(length)) CHARACTER SET UNICODE CASESPECIFIC"
    }

    // MARK: - Loading

    /// Stores a row unless its key is there already; its values are `?`, in the order of the columns.
    package func merge(into table: Table) -> String {
        let columns = columns(of: table)
        let values = columns.map { column in
            switch column.kind {
            case .id, .text, .json: "?"
            // A null alone has no type that could be converted.
            case .time, .number, .boolean: "CAST(? AS \(type(column, of: table)))"
            }
        }
        let names = columns.map { quoted($0.name) }
        let isSame = table.key.map { "t.\(quoted($0)) = s.\(quoted($0))" }
        return "MERGE INTO \(qualified(table.name)) AS t USING VALUES ("
            + values.joined(separator: ", ") + ") AS s (" + names.joined(separator: ", ")
            + ") ON " + isSame.joined(separator: " AND ") + " WHEN NOT MATCHED THEN INSERT ("
            + names.joined(separator: ", ") + ") VALUES ("
            + names.map { "s.\($0)" }.joined(separator: ", ") + ")"
    }

    package func grants(to role: String) -> [String] {
        ["GRANT SELECT, INSERT ON \(quoted(database)) TO \(quoted(role))"]
    }

    // MARK: - Tables and views

    package var migrations: [[String]] {
        [
            (Schema.all + [TeradataOverflow.table]).map(make) + [
                latest(.users), latest(.accounts), landing,
            ]
        ]
    }

    private func make(_ table: Table) -> String {
        "CREATE MULTISET TABLE \(qualified(table.name)) (\n    \(definitions(of: table))\n)"
            + " UNIQUE PRIMARY INDEX (\(list(table.key)))"
    }

    /// A CLOB cannot be ordered: its row's id is found first, and the row is joined by it.
    private func latest(_ view: LatestView) -> String {
        let subject = quoted(view.subject)
        let order =
            "PARTITION BY \"partner\", \(subject) ORDER BY \"received_at\" DESC, \"id\" DESC"
        let newest = "OVER (\(order) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        let texts = view.columns.filter { $0.kind != .json }.map { quoted($0.name) }
        let table = qualified(view.table.name)
        let values = texts.map { "FIRST_VALUE(\($0) IGNORE NULLS) \(newest) AS \($0)" }
        let hasTraits = "CASE WHEN \"traits\" IS NOT NULL THEN \"id\" END"
        return "REPLACE VIEW \(qualified(view.view.rawValue)) AS SELECT v.\"subject\" AS \"id\","
            + " v.\"partner\", v.\"received_at\", "
            + texts.map { "v.\($0)" }.joined(separator: ", ") + ", d.\"traits\" FROM (SELECT "
            + "\(subject) AS \"subject\", \"partner\", \"received_at\", "
            + values.joined(separator: ", ")
            + ", FIRST_VALUE(\(hasTraits) IGNORE NULLS) \(newest) AS \"traits_id\""
            + ", ROW_NUMBER() OVER (\(order)) AS \"place\" FROM \(table) WHERE \(subject) "
            + "IS NOT NULL) AS v LEFT JOIN \(table) AS d ON d.\"id\" = v.\"traits_id\" AND "
            + "d.\"partner\" = v.\"partner\" WHERE v.\"place\" = 1"
    }

    /// Two properties come from the typed tables, whose rows have the same primary index.
    private var landing: String {
        let properties = LandingView.properties.map(quoted)
        let events = CustomerIOEvents.tables.map { table in
            "SELECT \"id\", \"partner\", \(properties.joined(separator: ", ")) FROM "
                + qualified(table.name)
        }
        return "REPLACE VIEW \(qualified(View.webhookLanding.rawValue)) AS SELECT "
            + (LandingView.columns.map(quoted).map { "t.\($0)" } + properties.map { "e.\($0)" })
            .joined(separator: ", ") + " FROM \(qualified("tracks")) AS t LEFT JOIN ("
            + events.joined(separator: " UNION ALL ") + ") AS e ON e.\"id\" = t.\"id\" AND "
            + "e.\"partner\" = t.\"partner\" WHERE t.\"sender\" = '\(CustomerIOEvents.sender)'"
    }
}
