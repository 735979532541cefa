/// How one database writes what the schema says.
///
/// The texts hold names of the schema and nothing that a message says.
package protocol Dialect: Sendable {
    var name: String { get }

    /// A name between the database's quotes.
    func quoted(_ name: String) -> String

    /// A table's or view's name as statements have it.
    func qualified(_ name: String) -> String

    /// An expression for a time as text in UTC, `2026-01-05T10:07:12.100000Z`.
    func timeText(_ expression: String) -> String

    /// The type of a column.
    func type(_ column: Column, of table: Table) -> String

    /// The columns of a table that this database has.
    func columns(of table: Table) -> [Column]

    /// What gives a role the rights that the loader needs, and no more; empty if the database has no
    /// roles.
    func grants(to role: String) -> [String]

    /// What makes the tables and views, in order, for each version of the schema from 1 on.
    var migrations: [[String]] { get }
}

extension Dialect {
    package func columns(of table: Table) -> [Column] { table.columns }

    /// Names between quotes, with commas between them.
    func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

    /// A column as `CREATE TABLE` has it.
    func definition(_ column: Column, of table: Table) -> String {
        let isRequired = table.key.contains(column.name)
        return quoted(column.name) + " " + type(column, of: table)
            + (isRequired ? " NOT NULL" : "")
    }

    func definitions(of table: Table) -> String {
        columns(of: table).map { definition($0, of: table) }.joined(separator: ",\n    ")
    }
}
