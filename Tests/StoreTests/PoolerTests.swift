import AWS
import Platform
import PostgreSQL
import TestSupport
import Testing
import Transport
@testable import Partners
@testable import Secrets
@testable import Store

/// Environments share the connections of a pooler, one transaction after the other.
@Suite("Partners in PostgreSQL behind PgBouncer in transaction mode")
struct PoolerTests {
    private let database: PostgreSQLTestDatabase
    private let pooler: Pooler

    init() throws {
        database = try PostgreSQLTestDatabase()
        pooler = try Pooler(before: database.server)
    }

    private var source: String { pooler.uri(of: database.source) }

    /// As one environment has it.
    private func store() throws -> any PartnerStore {
        try openStore(source)
    }

    private func soon() -> TimeBudget { System().budget(of: .seconds(20)) }

    /// What the next client of the pooler finds on its connection.
    private func leftovers() throws -> String {
        try database.server.run(
            "SELECT current_setting('statement_timeout'), "
                + "(SELECT count(*) FROM pg_prepared_statements), "
                + "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            in: source)
    }

    @Test("environments in turns find what each of them asks for, and leave nothing behind")
    func interleaved() throws {
        let register = try database.migrated()
        let a = try register.add(name: "a", token: TokenHash("ta"))
        _ = try register.add(name: "b", token: TokenHash("tb"))
        let (one, other) = (try store(), try store())
        for _ in 0..<3 {
            #expect(try one.partner(token: TokenHash("ta"), within: soon())?.name == "a")
            #expect(try other.partner(id: a.id, within: soon())?.name == "a")
            #expect(try one.partner(token: TokenHash("tb"), within: soon())?.name == "b")
            #expect(try other.partner(name: "b", within: soon())?.name == "b")
            #expect(try other.partner(token: TokenHash("nobody"), within: soon()) == nil)
            #expect(
                try one.partners(signingScheme: "x", limit: 9, within: soon()).isEmpty)
            #expect(try leftovers() == "0|0|0\n")
        }
    }

    @Test("what is changed by way of it is changed, and a refusal is that of its own statement")
    func changes() throws {
        let pooled = PooledDatabase(database: database, source: source)
        let (first, second) = (try pooled.register(), try pooled.register())
        #expect(try first.migrate() == [1])
        #expect(try second.migrate().isEmpty)
        _ = try first.add(name: "a", token: TokenHash("t"))
        for (name, token, problem) in [
            ("a", "other", StoreError.nameTaken), ("other", "t", .tokenTaken),
        ] {
            #expect(throws: problem) { try second.add(name: name, token: TokenHash(token)) }
            #expect(try first.partner(name: "a").name == "a")
        }
        _ = try second.update(name: "a") { $0.description = "changed" }
        #expect(try first.partner(name: "a").description == "changed")
        #expect(try leftovers() == "0|0|0\n")
    }

    @Test("a statement that takes too long is ended by the server, and the next one has its time")
    func timeout() throws {
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let store = try store()
        let holder = try PostgreSQLConnection(database.source, until: soon().deadline)
        try holder.run(
            "BEGIN; LOCK TABLE webhook_partners IN ACCESS EXCLUSIVE MODE", until: soon().deadline)
        #expect(
            throws: StoreError.database(source: "postgresql", problem: "no answer in time")
        ) { try store.partner(token: TokenHash("t"), within: soon()) }
        try holder.run("COMMIT", until: soon().deadline)
        #expect(try store.partner(token: TokenHash("t"), within: soon())?.name == "a")
        #expect(try leftovers() == "0|0|0\n")
    }

    @Test("look-ups go on after the pooler, and after the server behind it, was started anew")
    func restarts() throws {
        let server = try PostgresServer()
        let database = try PostgreSQLTestDatabase(server)
        let pooler = try Pooler(before: server)
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let store = try openStore(pooler.uri(of: database.source))
        for _ in 0..<2 {
            #expect(try store.partner(token: TokenHash("t"), within: soon())?.name == "a")
            pooler.stop()
            #expect(throws: StoreError.self) {
                try store.partner(token: TokenHash("t"), within: soon())
            }
            try pooler.start()
            #expect(try store.partner(token: TokenHash("t"), within: soon())?.name == "a")
            server.stop()
            try server.start()
            // The pooler's own connection is dead, which it may see only now.
            #expect(try store.partner(token: TokenHash("t"), within: soon())?.name == "a")
        }
    }
}

private struct PooledDatabase: TestDatabase {
    let database: PostgreSQLTestDatabase
    let source: String

    func contents() throws -> [UInt8] { try database.contents() }
}
