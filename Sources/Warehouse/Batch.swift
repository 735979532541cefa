package import Formats

/// The rows of the messages of one invocation, ready to be written in chunks.
package struct Batch: Sendable {
    /// What is stored together or not at all: the rows of one message.
    package struct Unit: Sendable {
        /// The row whose key tells repeats apart comes first.
        package let rows: [Row]
        package let message: PublishedMessage
        /// The places of the records that brought the message, in the order of the invocation.
        package fileprivate(set) var records: [Int]
        /// Properties or traits that are to have columns of their own; nil if none are.
        let flattened: Flattened?
        /// About how many bytes it takes on its way to a database.
        package let size: Int

        package init(rows: [Row], message: PublishedMessage, records: [Int]) {
            self.init(rows, nil, message, records)
        }

        fileprivate init(
            _ rows: [Row], _ flattened: Flattened?, _ message: PublishedMessage, _ records: [Int]
        ) {
            self.rows = rows
            self.flattened = flattened
            self.message = message
            self.records = records
            size = rows.reduce(0) { $0 + $1.size }
        }

        /// The unit once its values have their columns: `row` stands for that of the flattened values,
        /// which is left out if it is nil and not the message's own.
        func replacing(_ old: Row, by row: Row?, adding more: [Row]) -> Unit {
            var rows = rows
            let place = rows.firstIndex { $0.table.name == old.table.name }
            switch (place, row) {
            case (let place?, let row?): rows[place] = row
            case (nil, let row?): rows.insert(row, at: 1)
            case (_, nil): break
            }
            return Unit(rows + more, nil, message, records)
        }

        /// True for a message that only has a row of `rejected`.
        package var isRejected: Bool { rows[0].table == Schema.rejected }
    }

    package let mapper: MessageMapper
    /// Sorted by table and key, each key once.
    package let units: [Unit]
    /// Messages that were in the batch more than once, beyond the first of each.
    package let repeats: Int

    /// Maps messages; `messages` are in the order of their records.
    package init(_ messages: [PublishedMessage], loadedAt: Timestamp, layout: Layout = .documents) {
        mapper = MessageMapper(loadedAt: loadedAt, layout: layout)
        var places: [Key: Int] = [:]
        var units: [(key: Key, unit: Unit)] = []
        for (record, message) in messages.enumerated() {
            let unit = Self.unit(mapper.map(message), message, record)
            let key = Key(unit.rows[0])
            if let place = places[key] {
                units[place].unit.records.append(record)
            } else {
                places[key] = units.count
                units.append((key, unit))
            }
        }
        units.sort { $0.key < $1.key }
        self.units = units.map(\.unit)
        repeats = messages.count - units.count
    }

    private static func unit(
        _ mapping: MessageMapper.Mapping, _ message: PublishedMessage, _ record: Int
    ) -> Unit {
        switch mapping {
        case .rejected(let row): Unit([row], nil, message, [record])
        case .stored(let made):
            Unit(made.rows + made.discards, made.flattened, message, [record])
        }
    }

    /// The units in chunks that one transaction can take, in order.
    package func chunks(_ limits: Chunk.Limits) -> [Chunk] {
        var chunks: [Chunk] = []
        var start = 0
        var rows = 0
        var size = 0
        for (index, unit) in units.enumerated() {
            let isFull =
                rows + unit.rows.count > limits.rows || size + unit.size > limits.bytes
            if isFull, index > start {
                chunks.append(Chunk(units[start..<index]))
                (start, rows, size) = (index, 0, 0)
            }
            rows += unit.rows.count
            size += unit.size
        }
        if start < units.count { chunks.append(Chunk(units[start...])) }
        return chunks
    }
}

/// Units that one transaction writes.
package struct Chunk: Sendable {
    /// How much one transaction may write; a unit that is larger has a chunk of its own.
    package struct Limits: Sendable {
        package let rows: Int
        package let bytes: Int

        package init(rows: Int, bytes: Int) {
            self.rows = rows
            self.bytes = bytes
        }
    }

    /// The rows of one table, sorted by key.
    package struct TableRows: Sendable {
        package let table: Table
        package let rows: [Row]
    }

    package let units: ArraySlice<Batch.Unit>
    /// In the order in which tables are written.
    package let tables: [TableRows]

    package init(_ units: ArraySlice<Batch.Unit>) {
        self.units = units
        var rows = units.flatMap { unit in
            unit.rows.map { KeyedRow(key: Key($0), row: $0) }
        }
        rows.sort { $0.key < $1.key }
        var tables: [TableRows] = []
        for run in rows.split(between: { $0.row.table.name != $1.row.table.name }) {
            tables.append(TableRows(table: run[0].row.table, rows: run.map(\.row)))
        }
        self.tables = tables
    }

    private struct KeyedRow {
        let key: Key
        let row: Row
    }

    /// Both halves; nil for a chunk of one unit.
    package var halves: [Chunk]? {
        guard units.count > 1 else { return nil }
        let middle = units.startIndex + units.count / 2
        return [Chunk(units[..<middle]), Chunk(units[middle...])]
    }
}

extension Array {
    /// The runs of elements between which `isBorder` says no.
    fileprivate func split(between isBorder: (Element, Element) -> Bool) -> [[Element]] {
        var runs: [[Element]] = []
        for element in self {
            if let last = runs.last?.last, !isBorder(last, element) {
                runs[runs.count - 1].append(element)
            } else {
                runs.append([element])
            }
        }
        return runs
    }
}

/// A row's place in the order of all rows: by table, then by the bytes of its key.
struct Key: Hashable, Comparable {
    /// The table's place in ``Schema/all``; tables of events come after those, by name.
    private let place: Int
    private let name: String
    private let values: [ArraySlice<UInt8>]

    init(_ row: Row) {
        name = row.table.name
        place = Schema.place(of: row.table)
        values = row.table.keyPlaces.map { row.cells[$0].plainText ?? [] }
    }

    static func < (one: Key, other: Key) -> Bool {
        guard one.place == other.place else { return one.place < other.place }
        guard one.name == other.name else { return one.name < other.name }
        for (value, otherValue) in zip(one.values, other.values) {
            if value.lexicographicallyPrecedes(otherValue) { return true }
            if otherValue.lexicographicallyPrecedes(value) { return false }
        }
        return false
    }
}
