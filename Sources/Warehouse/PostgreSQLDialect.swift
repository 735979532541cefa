/// PostgreSQL 12 or newer: tables in a schema of their own.
///
/// Source: PostgreSQL documentation, "JSON Types", "Aggregate Functions", "INSERT".
package struct PostgreSQLDialect: Dialect {
    package let name = "postgresql"
    private let schema: String

    package init(schema: String) { self.schema = schema }

    package func quoted(_ name: String) -> String { "\"\(name)\"" }

    package func type(_ column: Column, of table: Table) -> String { type(column.kind) }

    package var migrations: [[String]] {
        [
            Schema.all.flatMap(make) + [latest(.users), latest(.accounts), landing]
        ]
    }

    /// Makes the schema itself if there is none.
    ///
    /// `IF NOT EXISTS` would ask for the right to make one even if it is there.
    package var makeSchema: String {
        "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '\(schema)') THEN "
            + "CREATE SCHEMA \(quoted(schema)); END IF; END$$"
    }

    package func timeText(_ expression: String) -> String {
        "to_char(\(expression) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    }

    package func qualified(_ name: String) -> String { "\(quoted(schema)).\(quoted(name))" }

    /// Stores rows unless their keys are there already: `$1` and so on are arrays, one for each
    /// column.
    ///
    /// A shorter array counts as one that ends with nulls.
    package func insert(into table: Table) -> String {
        let arrays = table.columns.enumerated().map { "$\($0 + 1)::\(type($1.kind))[]" }
        return "INSERT INTO \(qualified(table.name)) (\(list(table.columns.map(\.name))))"
            + " SELECT * FROM unnest(\(arrays.joined(separator: ", "))) ON CONFLICT DO NOTHING"
    }

    /// Each column of each table with the name of its type.
    package var catalog: String {
        """
        SELECT c.relname, a.attname, t.typname FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE n.nspname = '\(schema)' AND c.relkind IN ('r', 'p') AND a.attnum > 0
        AND NOT a.attisdropped
        """
    }

    /// What a column of this type takes.
    package func kind(ofType type: String) -> Catalog.Kind {
        switch type {
        case "text", "varchar": .text
        case "timestamptz": .time
        case "numeric", "float8": .number
        case "int8": .integer
        case "bool": .boolean
        case "jsonb", "json": .json
        default: .other
        }
    }

    /// What makes the columns of an addition, as one text.
    ///
    /// It does no harm if others make some of them at the same time.
    package func script(for addition: ColumnPlan.Addition) -> String {
        let table = addition.table
        var statements = addition.isNewTable ? make(table, condition: "IF NOT EXISTS ") : []
        if !addition.columns.isEmpty {
            let columns = addition.columns.map { column in
                "ADD COLUMN IF NOT EXISTS \(definition(column, of: table))"
            }
            statements.append(
                "ALTER TABLE \(qualified(table.name)) \(columns.joined(separator: ", "))")
        }
        return statements.joined(separator: "; ")
    }

    package func grants(to role: String) -> [String] {
        [
            "GRANT USAGE ON SCHEMA \(quoted(schema)) TO \(quoted(role))",
            "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA \(quoted(schema)) TO \(quoted(role))",
        ]
    }

    private func type(_ kind: Column.Kind) -> String {
        switch kind {
        case .id, .text: "text"
        case .time: "timestamptz"
        case .number: "numeric"
        case .boolean: "boolean"
        case .json: "jsonb"
        }
    }

    private func make(_ table: Table) -> [String] { make(table, condition: "") }

    private func make(_ table: Table, condition: String) -> [String] {
        let create =
            "CREATE TABLE \(condition)\(qualified(table.name)) (\n    \(definitions(of: table)),\n"
            + "    CONSTRAINT \(quoted(Name.index(of: table.name, []))) PRIMARY KEY (\(list(table.key)))\n)"
        let indexes = table.indexes.map { columns in
            let name = quoted(Name.index(of: table.name, columns))
            return
                "CREATE INDEX \(condition)\(name) ON \(qualified(table.name)) (\(list(columns)))"
        }
        return [create] + indexes
    }

    private func latest(_ view: LatestView) -> String {
        let subject = quoted(view.subject)
        let values = view.columns.map { column in
            let name = quoted(column.name)
            return "(array_agg(\(name) ORDER BY \"received_at\" DESC, \"id\" DESC)"
                + " FILTER (WHERE \(name) IS NOT NULL))[1] AS \(name)"
        }
        return "CREATE VIEW \(qualified(view.view.rawValue)) AS SELECT \(subject) AS \"id\","
            + " \"partner\", max(\"received_at\") AS \"received_at\", "
            + values.joined(separator: ", ") + " FROM \(qualified(view.table.name))"
            + " WHERE \(subject) IS NOT NULL GROUP BY \"partner\", \(subject)"
    }

    private var landing: String {
        let properties = LandingView.properties.map {
            "\"properties\" ->> '\($0)' AS \(quoted($0))"
        }
        return "CREATE VIEW \(qualified(View.webhookLanding.rawValue)) AS SELECT "
            + (LandingView.columns.map(quoted) + properties).joined(separator: ", ")
            + " FROM \(qualified("tracks")) WHERE \"sender\" = '\(CustomerIOEvents.sender)'"
    }
}
