package import Formats

/// A value of a row, in a form that every database can keep.
package enum Cell: Sendable, Equatable {
    case null
    /// UTF-8 without U+0000.
    case text(ArraySlice<UInt8>)
    case time(Timestamp)
    /// A JSON number.
    case number(ArraySlice<UInt8>)
    case boolean(Bool)
    /// A JSON text without an escaped U+0000 or half a surrogate pair.
    case json(ArraySlice<UInt8>)

    package static func text(_ text: String) -> Cell { .text(Array(text.utf8)[...]) }

    /// About how many bytes it takes on its way to a database.
    package var size: Int {
        switch self {
        case .null: 4
        case .text(let bytes), .number(let bytes), .json(let bytes): bytes.count + 3
        case .time: 30
        case .boolean: 5
        }
    }

    /// The value as text in a database's answer would be: times as RFC 3339 with microseconds in UTC,
    /// booleans as `true` and `false`; nil for no value.
    package var plainText: ArraySlice<UInt8>? {
        switch self {
        case .null: nil
        case .text(let bytes), .number(let bytes), .json(let bytes): bytes
        case .time(let time): time.rfc3339Microseconds[...]
        case .boolean(let value): Array((value ? "true" : "false").utf8)[...]
        }
    }
}

/// One row of a table, its cells in the order of the table's columns.
package struct Row: Sendable, Equatable {
    package let table: Table
    package var cells: [Cell]

    package init(_ table: Table, _ cells: [Cell]) {
        self.table = table
        self.cells = cells
    }

    package subscript(column: String) -> Cell {
        table.place(of: column).map { cells[$0] } ?? .null
    }

    /// About how many bytes it takes on its way to a database.
    package var size: Int { cells.reduce(0) { $0 + $1.size } }
}
