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
    /// New rows by table; those of the tables of events together.
    private(set) var rows: [String: Int] = [:]
    /// Transactions that stored something.
    private(set) var chunks = 0
    /// The places of the records whose messages are not stored.
    private(set) var failed: Set<Int> = []
    /// Why a message was not stored; the first reason.
    private(set) var failure: WarehouseError?

    /// Counts a chunk that is stored.
    mutating func add(_ stored: [StoredRows]) {
        chunks += 1
        for rows in stored {
            // A table that is not in the schema has a sender's name of an event, and there may be
            // many.
            let isOurs = Schema.all.contains { $0.name == rows.table }
            self.rows[isOurs ? rows.table : "events", default: 0] += rows.new
            if rows.table == Schema.discards.name {
                discarded += rows.new
            } else if rows.table == Schema.rejected.name {
                rejected += rows.new
                repeated += rows.repeated
            } else if Schema.messages.contains(where: { $0.name == rows.table }) {
                self.stored += rows.new
                repeated += rows.repeated
            }
        }
    }

    mutating func fail(_ chunk: Chunk, _ error: WarehouseError) {
        failure = failure ?? error
        for unit in chunk.units { failed.formUnion(unit.records) }
    }
}
