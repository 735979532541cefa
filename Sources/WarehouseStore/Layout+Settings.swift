package import Platform
package import Warehouse

extension Layout {
    /// What the environment says: `INLET_WAREHOUSE_LAYOUT`, and for `columns` the two limits.
    package init(_ system: System) throws(WarehouseError) {
        switch system["INLET_WAREHOUSE_LAYOUT"] {
        case nil, "documents": self = .documents
        case "columns":
            let standard = ColumnLimits.standard
            self = .columns(
                ColumnLimits(
                    columns: try Self.limit(
                        "INLET_WAREHOUSE_MAX_COLUMNS", system, ColumnLimits.columnRange)
                        ?? standard.columns,
                    tables: try Self.limit(
                        "INLET_WAREHOUSE_MAX_TABLES", system, ColumnLimits.tableRange)
                        ?? standard.tables))
        default:
            throw WarehouseError(
                .denied, "INLET_WAREHOUSE_LAYOUT is malformed; expected: \(Layout.form)")
        }
    }

    private static func limit(
        _ variable: String, _ system: System, _ range: ClosedRange<Int>
    ) throws(WarehouseError) -> Int? {
        guard let text = system[variable] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw WarehouseError(
                .denied,
                "\(variable) is malformed; expected: a number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }
}
