/// How much of a message has columns of its own.
package enum Layout: Sendable, Equatable {
    /// What the specification names; properties and traits are JSON.
    case documents
    /// Also each property and trait, in a table for each event.
    case columns(ColumnLimits)

    package static let form = "documents or columns"
}

/// What senders' names for events and properties can make a warehouse grow to.
package struct ColumnLimits: Sendable, Equatable {
    /// Columns of a table, those that are always there included.
    package let columns: Int
    /// Tables of events.
    package let tables: Int

    /// PostgreSQL's rows have a page of 8 KB: about 340 columns that are filled.
    package static let standard = ColumnLimits(columns: 300, tables: 200)
    /// What can be asked for.
    package static let columnRange = 50...1_500
    package static let tableRange = 0...10_000

    package init(columns: Int, tables: Int) {
        self.columns = columns
        self.tables = tables
    }
}
