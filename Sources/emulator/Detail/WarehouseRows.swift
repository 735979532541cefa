import Formats
import Platform
import Warehouse

/// The rows of the warehouse that a message becomes, as the loader makes them of it.
///
/// In the layout with columns there may be more, which depend on what the database holds.
struct WarehouseRows {
    struct Row {
        let table: String
        /// The columns that no two rows share, with their values.
        let key: [NamedValue]
        /// The others that have a value.
        let values: [NamedValue]

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("table", table)
                for (name, cells) in [("key", key), ("values", values)] {
                    writer.name(name)
                    writer.object { writer in
                        for cell in cells { writer.member(cell.name, cell.value) }
                    }
                }
            }
        }
    }

    let rows: [Row]

    /// Makes the rows; `record` is the message's id in its queue.
    init(of message: RecordedMessage, record: String) {
        func attribute(_ name: String) -> String {
            message.attributes.first { $0.name == name }?.value ?? ""
        }
        let now = System.wallClock()
        let published = PublishedMessage(
            body: Array(message.text.utf8), partner: attribute("partner"),
            sender: attribute("sender"), recordID: record, queuedAt: now)
        let units = Batch([published], loadedAt: now).units
        rows = units.flatMap(\.rows).map { row in
            // When it was loaded is not known here to the microsecond.
            let cells = zip(row.table.columns, row.cells).compactMap { column, cell in
                column.name == "loaded_at"
                    ? nil
                    : cell.plainText.map {
                        NamedValue(column.name, String(decoding: $0, as: UTF8.self))
                    }
            }
            let key = row.table.key
            return Row(
                table: row.table.name, key: cells.filter { key.contains($0.name) },
                values: cells.filter { !key.contains($0.name) })
        }
    }
}
