/// The columns that a warehouse has, and what each of them takes.
package struct Catalog: Sendable, Equatable {
    /// What the database lets a column hold: an operator may have changed it.
    package enum Kind: String, Sendable {
        case text, time, number, boolean, json
        /// A number without a fraction, of 64 bits at most.
        case integer
        /// A type that the loader puts nothing into.
        case other
    }

    package private(set) var tables: [String: [String: Kind]] = [:]

    package init() {}

    package mutating func add(_ table: String, _ column: String, _ kind: Kind) {
        tables[table, default: [:]][column] = kind
    }

    /// False for an operator's own table that has the name of an event: a column is missing that
    /// all tables of events have.
    ///
    /// Nil if there is no table of that name.
    func canHold(_ table: Table) -> Bool? {
        guard let columns = tables[table.name] else { return nil }
        return Name.isOwnTable(table.name) || table.columns.allSatisfy { columns[$0.name] != nil }
    }

    /// The tables of events.
    var eventTables: Int { tables.keys.count { !Name.isOwnTable($0) } }
}
