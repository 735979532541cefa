internal import Formats

/// A table with the columns that Teradata has, and where their values are in a row of the schema.
struct TeradataTable {
    /// A row, and the rows of `discards` for what of it could not be kept.
    struct Kept {
        var row: Row
        var changes: [Row] = []
    }

    let table: Table
    /// The places of the columns that are CLOBs.
    let longTexts: [Int]
    private let places: [Int]
    private let isMessage: Bool

    init(_ table: Table, _ dialect: TeradataDialect) {
        let columns = dialect.columns(of: table)
        self.table = Table(table.name, columns, key: table.key)
        places = columns.map { table.place(of: $0.name) ?? table.place(of: "name") ?? 0 }
        longTexts = columns.indices.filter {
            columns[$0].kind == .json
                || columns[$0].kind == .text && TeradataDialect.length(of: columns[$0]) == nil
        }
        isMessage = Schema.messages.contains(table)
    }

    func kept(_ row: Row) -> Kept {
        var kept = Kept(row: Row(table, []))
        for (column, place) in zip(table.columns, places) {
            let cell = row.cells[place]
            let keptCell = self.cell(cell, column)
            kept.row.cells.append(keptCell)
            let isOwn = row.table.columns[place].name == column.name
            guard isMessage, isOwn, keptCell != cell, Self.isOnlyHere(column.source),
                let text = cell.plainText
            else { continue }
            let isCut = TeradataText.replaced(text) == nil
            kept.changes.append(
                discard(row, column, text, isCut ? .tooLong : .unrepresentable))
        }
        return kept
    }

    /// A part of a key, of which a hash stands for what Teradata does not keep: two ids must not
    /// become one.
    static func id(_ cell: Cell) -> Cell {
        guard case .text(let text) = cell, TeradataText.replaced(text) != nil else { return cell }
        return .text(Identifier.hash(of: text))
    }

    private func cell(_ cell: Cell, _ column: Column) -> Cell {
        switch cell {
        case .json(let text): return .json(TeradataText.escaped(text))
        case .text where table.key.contains(column.name): return Self.id(cell)
        case .text(let text):
            guard column.kind == .text else { return .text(TeradataText.replaced(text) ?? text) }
            // What was refused once for its characters is not refused again here.
            guard let length = TeradataDialect.length(of: column) else {
                return .text(TeradataText.escaped(text))
            }
            let replaced = TeradataText.replaced(text) ?? text
            return .text(TeradataText.cut(replaced, to: length) ?? replaced)
        case .null, .time, .number, .boolean: return cell
        }
    }

    /// True for a value of the message that none of its documents holds.
    private static func isOnlyHere(_ source: Source) -> Bool {
        switch source {
        case .messageID, .attribute, .identifier, .member, .memberOrPayload: true
        default: false
        }
    }

    private func discard(
        _ row: Row, _ column: Column, _ text: ArraySlice<UInt8>, _ reason: DiscardReason
    ) -> Row {
        Row(
            Schema.discards,
            [
                .text(table.name), row["id"], row["partner"], .text(column.name),
                .text(TeradataText.spelling(text)), .text(reason.rawValue), row["received_at"],
                row["loaded_at"],
            ])
    }
}
