/// How one database writes what the schema says.
///
/// The texts hold names of the schema and nothing that a message says.
package protocol Dialect: Sendable {
    var name: String { get }

    /// A name between the database's quotes.
    func quoted(_ name: String) -> String

    /// The type of a column.
    func type(_ column: Column, of table: Table) -> String

    /// The columns of a table that this database has.
    func columns(of table: Table) -> [Column]

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
