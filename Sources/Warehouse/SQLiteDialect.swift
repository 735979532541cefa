/// SQLite: a file for one machine.
///
/// Source: SQLite documentation, "STRICT Tables" and "JSON Functions", version 3.38 or newer.
package struct SQLiteDialect: Dialect {
    package let name = "sqlite"

    package init() {}

    package func quoted(_ name: String) -> String { "\"\(name)\"" }

    package func qualified(_ name: String) -> String { quoted(name) }

    package func timeText(_ expression: String) -> String { expression }

    package func type(_ column: Column, of table: Table) -> String {
        switch column.kind {
        case .id, .text, .time, .json: "TEXT"
        case .number: "ANY"
        case .boolean: "INTEGER"
        }
    }

    package var migrations: [[String]] {
        [Schema.all.flatMap(make) + [latest(.users), latest(.accounts), landing]]
    }

    package func grants(to role: String) -> [String] { [] }

    /// Stores a row, `$1` and so on being its cells, unless its key is there already.
    package func insert(into table: Table) -> String {
        let values = (1...table.columns.count).map { "$\($0)" }.joined(separator: ", ")
        return "INSERT INTO \(quoted(table.name)) VALUES (\(values)) ON CONFLICT DO NOTHING"
    }

    private func make(_ table: Table) -> [String] {
        let create =
            "CREATE TABLE \(quoted(table.name)) (\n    \(definitions(of: table)),\n"
            + "    PRIMARY KEY (\(list(table.key)))\n) STRICT"
        let indexes = table.indexes.map { columns in
            let name = ([table.name] + columns).joined(separator: "_")
            return "CREATE INDEX \(quoted(name)) ON \(quoted(table.name)) (\(list(columns)))"
        }
        return [create] + indexes
    }

    private func latest(_ view: LatestView) -> String {
        let table = quoted(view.table.name)
        let subject = quoted(view.subject)
        let values = view.columns.map { column in
            let name = quoted(column.name)
            return "(SELECT \(name) FROM \(table) AS o WHERE o.\"partner\" = m.\"partner\""
                + " AND o.\(subject) = m.\(subject) AND o.\(name) IS NOT NULL"
                + " ORDER BY o.\"received_at\" DESC, o.\"id\" DESC LIMIT 1) AS \(name)"
        }
        return "CREATE VIEW \(quoted(view.view.rawValue)) AS SELECT m.\(subject) AS \"id\","
            + " m.\"partner\" AS \"partner\", max(m.\"received_at\") AS \"received_at\", "
            + values.joined(separator: ", ") + " FROM \(table) AS m"
            + " WHERE m.\(subject) IS NOT NULL GROUP BY m.\"partner\", m.\(subject)"
    }

    private var landing: String {
        let properties = LandingView.properties.map {
            "\"properties\" ->> '$.\($0)' AS \(quoted($0))"
        }
        return "CREATE VIEW \(quoted(View.webhookLanding.rawValue)) AS SELECT "
            + (LandingView.columns.map(quoted) + properties).joined(separator: ", ")
            + " FROM \"tracks\" WHERE \"sender\" = '\(CustomerIOEvents.sender)'"
    }
}
