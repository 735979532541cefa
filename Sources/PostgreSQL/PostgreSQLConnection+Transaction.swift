package import Platform

extension PostgreSQLConnection {
    /// How long the server lets a transaction's statements take.
    package struct Timeouts: Sendable {
        /// One statement, waiting for locks included.
        package let statement: Duration
        /// Waiting for one lock.
        package let lock: Duration

        package init(statement: Duration, lock: Duration) {
            self.statement = statement
            self.lock = lock
        }
    }

    /// Runs statements in one transaction and one round trip, and returns how many rows each of them
    /// has changed.
    ///
    /// Nothing is changed if it throws ``PostgreSQLError/refused(_:)``. After
    /// ``PostgreSQLError/timedOut`` or ``PostgreSQLError/connectionLost`` that is not known.
    package func transaction(
        _ statements: [PostgreSQLStatement], timeouts: Timeouts, until deadline: Instant
    ) throws(PostgreSQLError) -> [Int] {
        // C would take it for the text's end.
        guard !statements.contains(where: \.parameters.holdsNUL) else {
            throw .refused(.init(state: "22021", constraint: nil, message: nil))
        }
        var settings = PostgreSQLParameters()
        for timeout in [timeouts.statement, timeouts.lock] {
            settings.add(String(max(1, timeout.milliseconds)))
        }
        try enterPipeline()
        let all =
            [
                PostgreSQLStatement("BEGIN", PostgreSQLParameters()),
                PostgreSQLStatement(Self.setTimeouts, settings),
            ] + statements + [PostgreSQLStatement("COMMIT", PostgreSQLParameters())]
        let counts: [Int]
        do throws(PostgreSQLError) {
            for statement in all { try send(statement) }
            try sync()
            counts = try results(ends: all.count + 1, until: deadline).counts
        } catch {
            leavePipeline()
            if isUsable { rollBack(until: deadline) }
            throw error
        }
        leavePipeline()
        return Array(counts.dropFirst(2).prefix(statements.count))
    }

    /// For the transaction that it is in.
    private static let setTimeouts =
        "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)"

    /// Ends a transaction that has failed, so that the connection can be used again.
    private func rollBack(until deadline: Instant) {
        do throws(PostgreSQLError) {
            try run("ROLLBACK", until: deadline)
        } catch {
            giveUp()
        }
    }
}
