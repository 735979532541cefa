internal import Formats

/// The columns that a chunk needs, and its rows once they are there.
package struct ColumnPlan: Sendable {
    /// Columns that a table lacks.
    package struct Addition: Sendable, Equatable {
        /// The table as it is without them.
        package let table: Table
        /// True if the table itself is to be made first.
        package let isNewTable: Bool
        /// Sorted by name.
        package fileprivate(set) var columns: [Column]
    }

    /// What is to be made, sorted by table.
    package private(set) var additions: [Addition] = []
    /// Tables and columns that there is no room for; an empty column means the table itself.
    private var beyondLimit: Set<Place> = []
    private let chunk: Chunk

    private struct Place: Hashable {
        let table: String
        let column: String
    }

    package init(_ chunk: Chunk, _ catalog: Catalog, _ limits: ColumnLimits) {
        self.chunk = chunk
        var made: [String: Addition] = [:]
        var wanted: [String: Set<String>] = [:]
        for flattened in chunk.units.lazy.compactMap(\.flattened) {
            let name = flattened.table.name
            let known = catalog.tables[name]
            guard catalog.canHold(flattened.table) ?? true else { continue }
            if known == nil, made[name] == nil {
                let newTables = made.values.count(where: \.isNewTable)
                guard catalog.eventTables + newTables < limits.tables else {
                    beyondLimit.insert(Place(table: name, column: ""))
                    continue
                }
            }
            var addition =
                made[name]
                ?? Addition(table: flattened.table, isNewTable: known == nil, columns: [])
            let width = known?.count ?? flattened.table.columns.count
            var names = wanted[name] ?? Set(flattened.table.columns.map(\.name))
            wanted[name] = []
            for value in flattened.values
            where known?[value.column] == nil && !names.contains(value.column) {
                add(value, to: &addition, &names, room: limits.columns - width)
            }
            wanted[name] = names
            if addition.isNewTable || !addition.columns.isEmpty { made[name] = addition }
        }
        additions = made.values.sorted { $0.table.name < $1.table.name }
        for index in additions.indices { additions[index].columns.sort { $0.name < $1.name } }
    }

    private mutating func add(
        _ value: Flattened.Value, to addition: inout Addition, _ names: inout Set<String>,
        room: Int
    ) {
        guard addition.columns.count < room else {
            beyondLimit.insert(Place(table: addition.table.name, column: value.column))
            return
        }
        names.insert(value.column)
        addition.columns.append(Column(value.column, Self.kind(of: value.value), .flattened))
    }

    /// What a column is made for by its first value.
    private static func kind(of value: JSONValue) -> Column.Kind {
        switch value.kind {
        case .string: .text
        case .number: .number
        case .true, .false: .boolean
        case .object, .array, .null: .json
        }
    }

    /// The chunk with the values in those of their columns that are in the catalogue now.
    package func chunk(by catalog: Catalog, converter: CellConverter) -> Chunk {
        let tables = usedTables(catalog)
        return Chunk(
            chunk.units.map { unit in
                guard let flattened = unit.flattened else { return unit }
                return resolved(unit, flattened, tables[flattened.table.name], catalog, converter)
            }[...])
    }

    /// A table, and the places of its columns.
    private struct UsedTable {
        let table: Table
        let places: [String: Int]

        init(_ table: Table) {
            self.table = table
            places = Dictionary(
                table.columns.enumerated().map { ($1.name, $0) },
                uniquingKeysWith: { one, _ in one })
        }
    }

    /// Each table with all the columns that the chunk has values for, so that its rows are alike.
    private func usedTables(_ catalog: Catalog) -> [String: UsedTable] {
        var columns: [String: Set<String>] = [:]
        var tables: [String: Table] = [:]
        for flattened in chunk.units.lazy.compactMap(\.flattened) {
            let name = flattened.table.name
            guard let known = catalog.tables[name], catalog.canHold(flattened.table) ?? false
            else { continue }
            tables[name] = flattened.table
            columns[name, default: []].formUnion(
                flattened.values.lazy.map(\.column).filter { column in
                    known[column].map { $0 != .other } ?? false
                })
        }
        return tables.mapValues { table in
            let own = Set(table.columns.map(\.name))
            let added = (columns[table.name] ?? []).subtracting(own).sorted().map { column in
                Column(column, catalog.tables[table.name]?[column]?.column ?? .text, .flattened)
            }
            return UsedTable(table.adding(added))
        }
    }

    private func resolved(
        _ unit: Batch.Unit, _ flattened: Flattened, _ used: UsedTable?, _ catalog: Catalog,
        _ converter: CellConverter
    ) -> Batch.Unit {
        var discards = ColumnDiscards(of: unit, in: flattened.table.name)
        for collision in flattened.collisions { discards.add(collision, .nameCollision) }
        guard let used, let kinds = catalog.tables[used.table.name] else {
            let isBeyond = beyondLimit.contains(Place(table: flattened.table.name, column: ""))
            discards.addTable(isBeyond ? .tableLimit : .columnBusy)
            return unit.replacing(flattened.row, by: nil, adding: discards.rows)
        }
        let table = used.table
        let missing = table.columns.count - flattened.row.cells.count
        var row = Row(table, flattened.row.cells + Array(repeating: .null, count: missing))
        for value in flattened.values {
            guard let kind = kinds[value.column], let place = used.places[value.column] else {
                let isBeyond = beyondLimit.contains(
                    Place(table: table.name, column: value.column))
                let isOther = kinds[value.column] != nil
                discards.add(
                    value, isOther ? .typeConflict : isBeyond ? .columnLimit : .columnBusy)
                continue
            }
            guard row.cells[place] == .null else {
                discards.add(value, .nameCollision)
                continue
            }
            switch converter.convert(value.value, to: kind) {
            case .success(let cell): row.cells[place] = cell
            case .failure(let refusal): discards.add(value, refusal.reason)
            }
        }
        return unit.replacing(flattened.row, by: row, adding: discards.rows)
    }
}

/// Rows of `discards` for values that have no place in their column.
private struct ColumnDiscards {
    private let unit: Batch.Unit
    private let table: String
    private(set) var rows: [Row] = []

    init(of unit: Batch.Unit, in table: String) {
        self.unit = unit
        self.table = table
    }

    mutating func add(_ value: Flattened.Value, _ reason: DiscardReason) {
        // A limit is told once for each name, and not for each message.
        let rowID = reason == .columnLimit ? .text("") : unit.rows[0]["id"]
        add(value.column, .text(value.value.raw), reason, rowID: rowID)
    }

    mutating func addTable(_ reason: DiscardReason) {
        let rowID = reason == .tableLimit ? .text("") : unit.rows[0]["id"]
        add("", .null, reason, rowID: rowID)
    }

    private mutating func add(_ column: String, _ value: Cell, _ reason: DiscardReason, rowID: Cell)
    {
        let row = unit.rows[0]
        rows.append(
            Row(
                Schema.discards,
                [
                    .text(table), rowID, row["partner"], .text(column), value,
                    .text(reason.rawValue), row["received_at"], row["loaded_at"],
                ]))
    }
}
