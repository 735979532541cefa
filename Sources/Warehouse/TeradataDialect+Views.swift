/// Views of Teradata.
///
/// Source: Teradata SQL Functions 17.20, "FIRST_VALUE/LAST_VALUE".
extension TeradataDialect {
    /// A CLOB cannot be ordered: its row's id is found first, and the row is joined by it.
    func latest(_ view: LatestView) -> String {
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
    var landing: String {
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
