internal import Formats

/// Rows of one table as the JSON text that Databricks takes them from.
package enum DatabricksRows {
    /// An array with an object for each row; cells without a value are left out.
    package static func json(_ rows: [Row]) -> [UInt8] {
        var writer = JSONWriter(reserving: rows.reduce(2) { $0 + $1.size * 5 / 4 })
        writer.array { list in
            for row in rows {
                list.object { object in
                    for (place, cell) in row.cells.enumerated() {
                        guard let text = cell.plainText else { continue }
                        object.name(DatabricksDialect.field(place))
                        object.string(utf8: text.span)
                    }
                }
            }
        }
        return writer.bytes
    }
}
