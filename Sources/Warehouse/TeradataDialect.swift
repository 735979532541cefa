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

    // MARK: - Tables

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
}
