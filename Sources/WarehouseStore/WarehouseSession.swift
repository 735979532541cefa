package import Platform
package import Warehouse

/// A warehouse as one loop uses it, one call at a time, with the connection that it keeps.
package protocol WarehouseSession {
    var dialect: any Dialect { get }

    /// What has columns of its own.
    var layout: Layout { get }

    /// How much it takes in one transaction.
    var limits: Chunk.Limits { get }

    /// Stores all rows of a chunk or none, and returns what became of those of each table; there may
    /// be more tables than the chunk's, for what has columns of its own.
    ///
    /// After ``WarehouseError/Kind/unavailable`` and ``WarehouseError/Kind/outOfTime`` it is not known
    /// whether they are stored. To store them again does no harm.
    func store(_ chunk: Chunk, within budget: TimeBudget) throws(WarehouseError) -> [StoredRows]

    /// Makes what is missing, and returns the versions that it has applied.
    func migrate(within budget: TimeBudget) throws(WarehouseError) -> [Int]

    /// The rows of a statement that is a text of the program itself.
    func rows(_ query: String, within budget: TimeBudget) throws(WarehouseError) -> [[String?]]
}

/// How many rows of a table are stored.
package struct StoredRows: Sendable, Equatable {
    package let table: String
    /// Those that were not there before.
    package let new: Int
    /// Those that were.
    package let repeated: Int

    init(_ part: Chunk.TableRows, new: Int) {
        table = part.table.name
        self.new = new
        repeated = part.rows.count - new
    }
}

extension Chunk {
    /// The rows of all of its tables; `new` is how many of each were not there before.
    func stored(_ new: [Int]) -> [StoredRows] { zip(tables, new).map(StoredRows.init) }
}

extension WarehouseSession {
    package var layout: Layout { .documents }

    package var limits: Chunk.Limits { Chunk.Limits(rows: 1_000, bytes: 2_000_000) }
}
