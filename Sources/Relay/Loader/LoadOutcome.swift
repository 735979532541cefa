internal import Warehouse
internal import WarehouseStore

/// What became of the messages of one event.
struct LoadOutcome {
    /// Messages whose row is new.
    private(set) var stored = 0
    /// Messages whose row was there already, or that came more than once in the event.
    var repeated = 0
    /// Messages that have a new row of `rejected`.
    private(set) var rejected = 0
    /// New rows of `discards`.
    private(set) var discarded = 0
    /// New rows by table, in the order of the schema.
    private(set) var rows: [String: Int] = [:]
    /// Transactions that stored something.
    private(set) var chunks = 0
    /// The places of the records whose messages are not stored.
    private(set) var failed: Set<Int> = []
    /// Why a message was not stored; the first reason.
    private(set) var failure: WarehouseError?

    /// Counts a chunk that is stored; `new` is how many rows of each of its tables are.
    mutating func add(_ chunk: Chunk, new: [Int]) {
        chunks += 1
        for (part, count) in zip(chunk.tables, new) {
            rows[part.table.name, default: 0] += count
            switch part.table {
            case Schema.discards: discarded += count
            case Schema.rejected:
                rejected += count
                repeated += part.rows.count - count
            case let table where Schema.messages.contains(table):
                stored += count
                repeated += part.rows.count - count
            default: continue
            }
        }
    }

    mutating func fail(_ chunk: Chunk, _ error: WarehouseError) {
        failure = failure ?? error
        for unit in chunk.units { failed.formUnion(unit.records) }
    }
}
