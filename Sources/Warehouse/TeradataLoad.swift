/// The rows of a chunk as Teradata can keep them.
package struct TeradataLoad {
    /// Rows of one table, whose columns are those that Teradata has.
    package struct Part {
        package let table: Table
        package let rows: [Row]
    }

    /// In the order in which they are written: the rows of messages last, so that a message whose row
    /// is there has all of its other rows too.
    package let parts: [Part]

    package init(_ chunk: Chunk, _ dialect: TeradataDialect) {
        var discards = chunk.tables.filter { $0.table == Schema.discards }.flatMap(\.rows)
        var overflow: [Row] = []
        var parts: [Part] = []
        var known = Set(discards.map { Self.key($0) })
        for part in chunk.tables where part.table != Schema.discards {
            let table = TeradataTable(part.table, dialect)
            let rows = part.rows.map { row in
                var kept = table.kept(row)
                let changes = kept.changes.filter { known.insert(Self.key($0)).inserted }
                discards += changes
                overflow += TeradataOverflow.take(from: &kept.row, table.longTexts)
                return kept.row
            }
            parts.append(Part(table: table.table, rows: rows))
        }
        if !discards.isEmpty {
            let table = TeradataTable(Schema.discards, dialect)
            let rows = Self.sorted(discards).map { row in
                var kept = table.kept(row).row
                overflow += TeradataOverflow.take(from: &kept, table.longTexts)
                return kept
            }
            parts.append(Part(table: table.table, rows: rows))
        }
        if !overflow.isEmpty {
            parts.append(Part(table: TeradataOverflow.table, rows: Self.sorted(overflow)))
        }
        self.parts = parts.reversed()
    }

    private static func sorted(_ rows: [Row]) -> [Row] {
        rows.map { (key: Key($0), row: $0) }.sorted { $0.key < $1.key }.map(\.row)
    }

    /// A row's key, with the parts that Teradata does not keep as they are there.
    private static func key(_ row: Row) -> Key {
        Key(Row(row.table, row.cells.map(TeradataTable.id)))
    }
}
