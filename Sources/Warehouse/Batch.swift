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
        /// About how many bytes it takes on its way to a database.
        package let size: Int

        package init(rows: [Row], message: PublishedMessage, records: [Int]) {
            self.rows = rows
            self.message = message
            self.records = records
            size = rows.reduce(0) { $0 + $1.size }
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
    package init(_ messages: [PublishedMessage], loadedAt: Timestamp) {
        mapper = MessageMapper(loadedAt: loadedAt)
        var places: [Key: Int] = [:]
        var units: [(key: Key, unit: Unit)] = []
        for (record, message) in messages.enumerated() {
            let rows = Self.rows(mapper.map(message))
            let key = Key(rows[0])
            if let place = places[key] {
                units[place].unit.records.append(record)
            } else {
                places[key] = units.count
                units.append((key, Unit(rows: rows, message: message, records: [record])))
            }
        }
        units.sort { $0.key < $1.key }
        self.units = units.map(\.unit)
        repeats = messages.count - units.count
    }

    private static func rows(_ mapping: MessageMapper.Mapping) -> [Row] {
        switch mapping {
        case .rejected(let row): [row]
        case .stored(let message): message.rows + message.discards
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
        var rows: [[KeyedRow]] = Array(repeating: [], count: Schema.all.count)
        for row in units.lazy.flatMap(\.rows) {
            let key = Key(row)
            rows[key.table].append(KeyedRow(key: key, row: row))
        }
        tables = rows.filter { !$0.isEmpty }.map { rows in
            let sorted = rows.sorted { $0.key < $1.key }.map(\.row)
            return TableRows(table: sorted[0].table, rows: sorted)
        }
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

/// A row's place in the order of all rows: by table, then by the bytes of its key.
struct Key: Hashable, Comparable {
    /// The table's place in ``Schema/all``.
    let table: Int
    private let values: [ArraySlice<UInt8>]

    init(_ row: Row) {
        table = Schema.place(of: row.table)
        values = row.table.keyPlaces.map { row.cells[$0].plainText ?? [] }
    }

    static func < (one: Key, other: Key) -> Bool {
        guard one.table == other.table else { return one.table < other.table }
        for (value, otherValue) in zip(one.values, other.values) {
            if value.lexicographicallyPrecedes(otherValue) { return true }
            if otherValue.lexicographicallyPrecedes(value) { return false }
        }
        return false
    }
}
