import Formats
import Partners
import Platform
import SQLite
import Secrets
import Store
import TestSupport
import Testing
import Transport

import class Foundation.FileManager

@Suite("Partners in an SQLite file")
struct SQLiteStoreTests {
    private static func soon() -> TimeBudget { System().budget(of: .seconds(600)) }
    private let database: SQLiteTestDatabase

    init() throws { database = try SQLiteTestDatabase() }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.reason
        }
    }

    @Test("a look-up makes no file, and says what to do without one")
    func missingFile() throws {
        let store = try database.store()
        let problem = reason { _ = try store.partner(token: TokenHash("t"), within: Self.soon()) }
        #expect(
            problem == "\(database.source): there is no such file; inlet migrate makes it")
        #expect(!FileManager.default.fileExists(atPath: database.path))
    }

    @Test("a file that was put in another's place is read")
    func replacedFile() throws {
        _ = try database.migrated().add(name: "old", token: TokenHash("t"))
        let store = try database.store()
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "old")
        try FileManager.default.removeItem(atPath: database.path)
        #expect(reason { _ = try store.partner(token: TokenHash("t"), within: Self.soon()) } != nil)
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: database.path + suffix)
        }
        _ = try database.migrated().add(name: "new", token: TokenHash("t"))
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "new")
    }

    @Test("tables of a newer program are read, and not migrated")
    func newer() throws {
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        let connection = try SQLiteConnection(path: database.path, access: .write)
        try connection.run(
            "ALTER TABLE webhook_partners ADD COLUMN more TEXT; PRAGMA user_version = 99")
        #expect(throws: StoreError.migratedFurther(source: database.source)) {
            try register.migrate()
        }
        #expect(try register.partner(name: "a").token == TokenHash("t"))
    }

    @Test("look-ups go on while somebody writes, and a writer gives up waiting in time")
    func held() throws {
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        var holder = try SQLiteConnection(path: database.path, access: .write)
        try holder.run("BEGIN IMMEDIATE")
        _ = try holder.rows("UPDATE webhook_partners SET name = 'b'")
        let store = try database.store()
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        let old = try register.partner(name: "a")
        let watch = Stopwatch()
        let problem = reason {
            try store.replace(old, with: old, within: System().budget(of: .milliseconds(200)))
        }
        #expect(problem?.contains("other programs hold it") == true)
        #expect(watch.waited < .seconds(1))
        try holder.run("ROLLBACK")
        try store.replace(old, with: old, within: Self.soon())
    }

    @Test("a migration waits for whoever writes to a new file, up to its deadline and no less")
    func migrationWaits() throws {
        let path = database.path
        let holder = try SQLiteConnection(path: path, access: .create)
        try holder.run("BEGIN IMMEDIATE; CREATE TABLE t (a)")
        let budget = System().budget(of: .milliseconds(300))
        let problem = reason { _ = try database.store().migrate(within: budget) }
        #expect(problem?.contains("other programs hold it") == true)
        #expect(Instant.now >= budget.deadline)
        try holder.run("COMMIT")
        #expect(try database.store().migrate(within: Self.soon()) == [1])
    }

    @Test("is migrated by exactly one of many at once, round after round")
    func migrationRounds() throws {
        for _ in 0..<40 {
            let database = try SQLiteTestDatabase()
            let applied = try atOnce(6) { _ in try database.register().migrate() }
            #expect(applied.flatMap(\.self) == [1])
        }
    }

    @Test("a row that was written by hand is refused by its place where it is broken")
    func handWritten() throws {
        let register = try database.migrated()
        let good = try register.add(name: "good", token: TokenHash("good"))
        var connection = try SQLiteConnection(path: database.path, access: .write)
        func insert(_ id: String, _ token: String, _ config: String, _ time: String) throws {
            _ = try connection.rows(
                "INSERT INTO webhook_partners (id, name, webhook_token, validation_config, "
                    + "created_at, modified_at) VALUES ($1, $1, $2, $3, $4, $4)",
                [id, token, config, time])
        }
        let time = "2026-01-05T10:00:00Z"
        let store = try database.store()
        try insert("h1", TokenHash("h1").recorded, "{}", time)
        #expect(
            try store.partner(token: TokenHash("h1"), within: Self.soon())?.createdAt
                == Timestamp(rfc3339: time.utf8))
        try insert("h2", TokenHash("h2").recorded, "{}", "yesterday")
        #expect(
            reason { _ = try store.partner(token: TokenHash("h2"), within: Self.soon()) }
                == "webhook_partners[h2].created_at: not a time such as 2026-01-05T10:00:00.000Z")
        // A token itself, a status and a text that is no JSON do not even get in.
        for (token, config) in [("plain-token", "{}"), (TokenHash("h3").recorded, "{")] {
            #expect(throws: SQLiteError.self) { try insert("h3", token, config, time) }
        }
        #expect(throws: SQLiteError.self) {
            try connection.run("UPDATE webhook_partners SET status = 'active'")
        }
        #expect(try store.partner(id: good.id, within: Self.soon())?.name == "good")
        // A record written by hand can be changed, whatever the spelling of its times.
        #expect(try register.update(name: "h1") { $0.status = .suspended }.status == .suspended)
    }
}
