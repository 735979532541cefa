internal import Formats

/// Teradata's table of texts that are too long for their row, in parts.
///
/// A request's row of values has at most 64 KB, and one value of it 32,000 characters. The column that
/// a text belongs to is NULL then, and its parts are here: of a row of `discards`, `table_name` is
/// `discards.` and the table that the value was meant for.
/// Source: Teradata Database Administration 17.20, "Database Limits".
enum TeradataOverflow {
    /// Where a part of the text is.
    static let column = "text"
    /// Characters of one part: with the key, a row of 64 KB has room for so many.
    static let length = 28_000
    /// Bytes of all values of one row.
    static let rowBytes = 60_000

    static let table = Table(
        "overflow",
        [
            Column("table_name", .id, .loader), Column("row_id", .id, .loader),
            Column("partner", .id, .loader), Column("column_name", .id, .loader),
            Column("part", .number, .loader), Column(column, .text, .loader),
            Column("loaded_at", .time, .loader),
        ], key: ["table_name", "row_id", "partner", "column_name", "part"])

    /// Takes out of a row what is too long for it, and returns that as rows of the table.
    ///
    /// `longTexts` are the places of the cells that may be taken out.
    static func take(from row: inout Row, _ longTexts: [Int]) -> [Row] {
        var taken: [Row] = []
        func bytes(_ place: Int) -> Int { row.cells[place].plainText?.count ?? 0 }
        for place in longTexts.sorted(by: { bytes($0) > bytes($1) }) {
            let total = row.cells.reduce(0) { $0 + ($1.plainText?.count ?? 0) }
            guard let text = row.cells[place].plainText,
                total > rowBytes || text.count > length
            else { break }
            taken += parts(of: text, row, column: row.table.columns[place].name)
            row.cells[place] = .null
        }
        return taken
    }

    private static func parts(
        of text: ArraySlice<UInt8>, _ row: Row, column: String
    ) -> [Row] {
        let isDiscard = row.table.name == Schema.discards.name
        let name = isDiscard ? "discards." + string(row["table_name"]) : row.table.name
        let column = isDiscard ? row["column_name"] : .text(column)
        return TeradataText.parts(text, of: length).enumerated().map { number, part in
            Row(
                table,
                [
                    .text(name), isDiscard ? row["row_id"] : row["id"], row["partner"], column,
                    .number(Array(String(number + 1).utf8)[...]), .text(part), row["loaded_at"],
                ])
        }
    }

    private static func string(_ cell: Cell) -> String {
        String(decoding: cell.plainText ?? [], as: UTF8.self)
    }
}
