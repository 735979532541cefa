/// Databricks: Delta tables in a schema of Unity Catalog.
///
/// Keys are only said, not kept, by Delta: the statement that loads rows looks for them itself.
/// Source: Databricks SQL language reference, "MERGE INTO", "from_json", "CLUSTER BY".
package struct DatabricksDialect: Dialect {
    package let name = "databricks"
    private let schema: String

    package init(schema: String) { self.schema = schema }

    package func quoted(_ name: String) -> String { "`\(name)`" }

    /// The catalog is the request's.
    package func qualified(_ name: String) -> String { "\(quoted(schema)).\(quoted(name))" }

    package func timeText(_ expression: String) -> String {
        let utc = "to_utc_timestamp(\(expression), current_timezone())"
        return "concat(date_format(\(utc), 'yyyy-MM-dd'), 'T', "
            + "date_format(\(utc), 'HH:mm:ss.SSSSSS'), 'Z')"
    }

    package func type(_ column: Column, of table: Table) -> String { type(column.kind) }

    package var migrations: [[String]] {
        [Schema.all.map(make) + [latest(.users), latest(.accounts), landing]]
    }

    package var makeSchema: String { "CREATE SCHEMA IF NOT EXISTS \(quoted(schema))" }

    /// Stores rows unless their keys are there already: `:rows` is a JSON array with an object for
    /// each row, in which ``field(_:)`` names the cells.
    ///
    /// All cells are texts, and are cast outside of `from_json`: one that cannot be cast becomes NULL
    /// and does not fail the others.
    package func merge(into table: Table) -> String {
        let columns = columns(of: table)
        let fields = columns.indices.map { "\(Self.field($0)):string" }.joined(separator: ",")
        let values = columns.enumerated().map { place, column in
            let field = "r.\(Self.field(place))"
            let type = type(column.kind)
            let value = type == "STRING" ? field : "try_cast(\(field) AS \(type))"
            return "\(value) AS \(quoted(column.name))"
        }
        let isSame = table.key.map { "t.\(quoted($0)) = s.\(quoted($0))" }
        let names = columns.map { quoted($0.name) }
        return "MERGE INTO \(qualified(table.name)) AS t USING (SELECT "
            + values.joined(separator: ", ") + " FROM (SELECT explode(from_json(:rows, "
            + "'array<struct<\(fields)>>')) AS r)) AS s ON " + isSame.joined(separator: " AND ")
            + " WHEN NOT MATCHED THEN INSERT (" + names.joined(separator: ", ") + ") VALUES ("
            + names.map { "s.\($0)" }.joined(separator: ", ") + ")"
    }

    /// The name of a row's cell in the JSON of ``merge(into:)``, short because each row repeats it.
    package static func field(_ place: Int) -> String { "c\(place)" }

    /// A role is a user, a group, or the application id of a service principal.
    package func grants(to role: String) -> [String] {
        ["USE SCHEMA", "SELECT", "MODIFY"].map {
            "GRANT \($0) ON SCHEMA \(quoted(schema)) TO \(quoted(role))"
        }
    }

    private func type(_ kind: Column.Kind) -> String {
        switch kind {
        case .id, .text, .json: "STRING"
        case .time: "TIMESTAMP"
        case .number: "DOUBLE"
        case .boolean: "BOOLEAN"
        }
    }

    private func make(_ table: Table) -> String {
        // What people ask for first is when it happened, where a table has that.
        let time = table.place(of: "occurred_at") == nil ? "received_at" : "occurred_at"
        return "CREATE TABLE IF NOT EXISTS \(qualified(table.name)) (\n    "
            + "\(definitions(of: table))\n) CLUSTER BY (\(quoted(time)))"
    }

    private func latest(_ view: LatestView) -> String {
        let subject = quoted(view.subject)
        let values = view.columns.map { column in
            let name = quoted(column.name)
            return "max_by(\(name), struct(`received_at`, `id`))"
                + " FILTER (WHERE \(name) IS NOT NULL) AS \(name)"
        }
        return "CREATE OR REPLACE VIEW \(qualified(view.view.rawValue)) AS SELECT \(subject)"
            + " AS `id`, `partner`, max(`received_at`) AS `received_at`, "
            + values.joined(separator: ", ") + " FROM \(qualified(view.table.name))"
            + " WHERE \(subject) IS NOT NULL GROUP BY `partner`, \(subject)"
    }

    private var landing: String {
        let properties = LandingView.properties.map {
            "get_json_object(`properties`, '$.\($0)') AS \(quoted($0))"
        }
        return "CREATE OR REPLACE VIEW \(qualified(View.webhookLanding.rawValue)) AS SELECT "
            + (LandingView.columns.map(quoted) + properties).joined(separator: ", ")
            + " FROM \(qualified("tracks")) WHERE `sender` = '\(CustomerIOEvents.sender)'"
    }
}
