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
        [[kinds] + Schema.all.flatMap(make) + [latest(.users), latest(.accounts), landing]]
    }

    /// The kinds of columns that were made for properties: SQLite's types do not tell text from JSON.
    private var kinds: String {
        """
        CREATE TABLE \(BookkeepingTable.columns) (
            table_name TEXT NOT NULL,
            column_name TEXT NOT NULL,
            kind TEXT NOT NULL,
            PRIMARY KEY (table_name, column_name)
        ) STRICT
        """
    }

    /// Each column of each table with its kind and SQLite's type; a column without a kind is one of
    /// the schema's, or an operator's.
    package var catalog: String {
        """
        SELECT t.name, c.name, k.kind, c.type FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
        LEFT JOIN \(BookkeepingTable.columns) AS k
        ON k.table_name = t.name AND k.column_name = c.name WHERE t.type = 'table'
        """
    }

    /// Notes the kind of a new column: `$1` is its table, `$2` its name and `$3` the kind.
    ///
    /// One of that name may have been dropped.
    package var keepKind: String {
        "INSERT OR REPLACE INTO \(BookkeepingTable.columns) VALUES ($1, $2, $3)"
    }

    /// What makes the columns of an addition, in order.
    ///
    /// After each statement SQLite reads its whole schema again.
    package func statements(for addition: ColumnPlan.Addition) -> [String] {
        let table = addition.table
        guard !addition.isNewTable else { return make(table.adding(addition.columns)) }
        return addition.columns.map { column in
            "ALTER TABLE \(quoted(table.name)) ADD COLUMN \(definition(column, of: table))"
        }
    }

    package func grants(to role: String) -> [String] { [] }

    /// Stores a row, `$1` and so on being its cells, unless its key is there already.
    package func insert(into table: Table) -> String {
        let values = (1...table.columns.count).map { "$\($0)" }.joined(separator: ", ")
        return "INSERT INTO \(quoted(table.name)) (\(list(table.columns.map(\.name))))"
            + " VALUES (\(values)) ON CONFLICT DO NOTHING"
    }

    private func make(_ table: Table) -> [String] {
        let create =
            "CREATE TABLE \(quoted(table.name)) (\n    \(definitions(of: table)),\n"
            + "    PRIMARY KEY (\(list(table.key)))\n) STRICT"
        let indexes = table.indexes.map { columns in
            let name = quoted(Name.index(of: table.name, columns))
            return "CREATE INDEX \(name) ON \(quoted(table.name)) (\(list(columns)))"
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
