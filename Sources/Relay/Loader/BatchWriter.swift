internal import Platform
internal import Transport
internal import Warehouse
internal import WarehouseStore

/// Writes the chunks of a batch, one after the other, and finds out which messages are stored.
struct BatchWriter {
    /// Attempts at a chunk that other writers were in the way of.
    static let conflicts = RetryPolicy(
        maximumAttempts: 3, pause: .random(upTo: .milliseconds(200)))

    private let session: any WarehouseSession
    private let mapper: MessageMapper
    private var outcome = LoadOutcome()
    /// What is still to be written; the next one is last.
    private var chunks: [Chunk]

    init(_ batch: Batch, session: any WarehouseSession, limits: Chunk.Limits) {
        self.session = session
        mapper = batch.mapper
        chunks = batch.chunks(limits).reversed()
        outcome.repeated = batch.repeats
    }

    /// Writes all of it, as far as the time allows.
    consuming func write(within budget: TimeBudget) -> LoadOutcome {
        while let chunk = chunks.popLast() {
            guard budget.left > .zero else {
                fail(chunk, .outOfTime)
                continue
            }
            write(chunk, within: budget)
        }
        return outcome
    }

    private mutating func write(_ chunk: Chunk, within budget: TimeBudget) {
        var retries = RetryState(policy: Self.conflicts)
        while true {
            do throws(WarehouseError) {
                outcome.add(try session.store(chunk, within: budget))
                return
            } catch {
                guard error.kind == .conflict, retries.pause(left: budget.left, by: System())
                else { return settle(chunk, error) }
            }
        }
    }

    /// Does what is left to do about a chunk that was not stored.
    private mutating func settle(_ chunk: Chunk, _ error: WarehouseError) {
        switch error.kind {
        case .data, .tooLarge:
            if let halves = chunk.halves {
                chunks += halves.reversed()
            } else {
                reject(chunk, error)
            }
        case .conflict, .busy: fail(chunk, error)
        case .unavailable, .denied, .outOfTime:
            fail(chunk, error)
            while let rest = chunks.popLast() { fail(rest, error) }
        }
    }

    /// Puts a message that the warehouse will never take into `rejected`.
    private mutating func reject(_ chunk: Chunk, _ error: WarehouseError) {
        guard let unit = chunk.units.first, !unit.isRejected else { return fail(chunk, error) }
        let row = mapper.rejection(of: unit.message, .refused, detail: error.code)
        let rejected = Batch.Unit(rows: [row], message: unit.message, records: unit.records)
        chunks.append(Chunk([rejected]))
    }

    private mutating func fail(_ chunk: Chunk, _ error: WarehouseError) {
        outcome.fail(chunk, error)
    }
}
