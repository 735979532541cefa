import Formats
import Foundation
import Platform
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

@Suite("A warehouse in PostgreSQL that fails", .timeLimit(.minutes(60)))
struct PostgreSQLFaultTests {
    private func warehouse(_ server: PostgresServer? = nil) throws -> TestWarehouse {
        let warehouse = try TestWarehouse(try server ?? PostgresServer.shared.get())
        _ = try warehouse.session().migrate(within: .long)
        return warehouse
    }

    private func failure(_ body: () throws -> Void) -> WarehouseError? {
        do {
            try body()
            return nil
        } catch {
            return error as? WarehouseError
        }
    }

    @Test(
        "each SQLSTATE says what helps",
        arguments: [
            ("22P05", WarehouseError.Kind.data), ("23514", .data), ("54000", .data),
            ("P0001", .data), ("44000", .data),
            ("40P01", .conflict), ("40001", .conflict), ("55P03", .busy), ("53100", .unavailable),
            ("53300", .unavailable), ("57P01", .unavailable), ("58030", .unavailable),
            ("25006", .unavailable), ("XX000", .unavailable), ("42501", .denied),
            ("28000", .denied), ("3F000", .denied), ("42P01", .denied), ("42703", .denied),
        ])
    func states(state: String, kind: WarehouseError.Kind) throws {
        let warehouse = try warehouse()
        try warehouse.server?.run(
            """
            CREATE FUNCTION inlet.fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'the value is %', NEW.event_text USING ERRCODE = '\(state)'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON inlet.tracks FOR EACH ROW EXECUTE FUNCTION inlet.fail()
            """, in: warehouse.source)
        let session = try warehouse.session()
        let error = try #require(
            failure { try Messages.store([Messages.track("m")], in: session) })
        #expect(error.kind == kind)
        #expect(!error.reason.contains("Ticked"))
        // The connection is as good as before.
        try warehouse.server?.run("DROP TRIGGER fail ON inlet.tracks", in: warehouse.source)
        #expect(try Messages.store([Messages.track("m")], in: session) == 1)
    }

    @Test("a chunk is stored whole or not at all")
    func atomic() throws {
        let warehouse = try warehouse()
        try warehouse.server?.run(
            "ALTER TABLE inlet.discards ADD CONSTRAINT no CHECK (reason <> 'not_a_time')",
            in: warehouse.source)
        let bad = try Messages.message(
            #"{"type":"track","messageId":"b","timestamp":"then"}"#)
        let error = failure {
            try Messages.store([Messages.track("a"), bad], in: warehouse.session())
        }
        #expect(error?.kind == .data)
        #expect(error?.code == "23514")
        #expect(try warehouse.count(Schema.tracks) == 0)
    }

    @Test("goes on over a new connection after the server was ended, and loses nothing")
    func restart() throws {
        let server = try PostgresServer()
        let warehouse = try warehouse(server)
        let session = try warehouse.session()
        for round in 0..<3 {
            #expect(try Messages.store([Messages.track("a-\(round)")], in: session) == 1)
            server.stop()
            let error = failure { try Messages.store([Messages.track("b-\(round)")], in: session) }
            #expect(error?.kind == .unavailable)
            try server.start()
            #expect(try Messages.store([Messages.track("b-\(round)")], in: session) == 1)
        }
        #expect(try warehouse.count(Schema.tracks) == 6)
    }

    @Test("does not wait longer than it may for a server that stands still")
    func frozen() throws {
        let server = try PostgresServer()
        let warehouse = try warehouse(server)
        let session = try warehouse.session()
        try Messages.store([Messages.track("a")], in: session)
        server.freeze(true)
        let watch = Stopwatch.ofMachine()
        let error = failure {
            try Messages.store([Messages.track("b")], in: session, within: .short(.seconds(1)))
        }
        #expect(watch.waited < .seconds(3))
        #expect(error?.kind == .outOfTime)
        server.freeze(false)
        try Messages.store([Messages.track("b")], in: session)
        #expect(try warehouse.count(Schema.tracks) == 2)
    }

    @Test("gives up a lock in time for others, and the server forgets the statement")
    func locked() throws {
        let warehouse = try warehouse()
        let holder = try #require(warehouse.server).hold(
            "LOCK TABLE inlet.tracks IN ACCESS EXCLUSIVE MODE", in: warehouse.source)
        defer { holder.stop() }
        let session = try warehouse.session()
        let error = failure {
            try Messages.store([Messages.track("a")], in: session, within: .short(.seconds(2)))
        }
        #expect(error?.kind == .busy)
        #expect(error?.code == "55P03")
        let waiting = try warehouse.server?.run(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                + "AND query LIKE 'INSERT INTO%' AND state = 'active'", in: warehouse.source)
        #expect(waiting == "0\n")
    }

    @Test("needs no more than the right to insert and to read")
    func rights() throws {
        let warehouse = try warehouse()
        let server = try #require(warehouse.server)
        let role = "loader_\(UInt32.random(in: 0 ... .max))"
        try server.run("CREATE ROLE \(role) LOGIN PASSWORD 'pw'", in: warehouse.source)
        let source = warehouse.source.replacing(
            "inlet:pass%2Fword%3A1@", with: "\(role):pw@")
        let loader = try warehouse.session(source)
        let denied = failure { try Messages.store([Messages.track("a")], in: loader) }
        #expect(denied?.kind == .denied)
        let owner = try warehouse.session()
        for statement in owner.dialect.grants(to: role) {
            _ = try owner.rows(statement, within: .long)
        }
        #expect(try Messages.store([Messages.track("a")], in: loader) == 1)
        #expect(try Messages.store([Messages.track("a")], in: loader) == 0)
    }

    @Test("a wrong password is told without it")
    func password() throws {
        let warehouse = try warehouse()
        let source = warehouse.source.replacing("pass%2Fword%3A1", with: "wrong-password")
        let error = try #require(
            failure { try Messages.store([Messages.track("a")], in: warehouse.session(source)) })
        #expect(!error.reason.contains("wrong-password"))
    }

    @Test(
        "two loaders with overlapping batches in any order deadlock never, and store each row once")
    func concurrent() async throws {
        let warehouse = try warehouse()
        let rounds = 500
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loader in 0..<2 {
                group.addTask {
                    let session = try warehouse.session()
                    for round in 0..<rounds {
                        let ids = (0..<30).map { $0 + loader * 10 }.shuffled()
                        let messages = try ids.map {
                            try Messages.message(
                                ##"{"type":"\##($0 % 3 == 0 ? "page" : "track")","messageId":"\##(round)-\##($0)","timestamp":"then"}"##
                            )
                        }
                        try Messages.store(messages, in: session)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try warehouse.count(Schema.tracks) + warehouse.count(Schema.pages) == rounds * 40)
        #expect(try warehouse.count(Schema.discards) == rounds * 40)
    }

    @Test("tables that two set up at once are set up once")
    func migrations() async throws {
        for _ in 0..<5 {
            let warehouse = try TestWarehouse(try PostgresServer.shared.get())
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 {
                    group.addTask { try warehouse.session().migrate(within: .long) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.filter { $0 == [1] }.count == 1)
            #expect(applied.filter(\.isEmpty).count == 3)
        }
    }

    /// The same database by way of a proxy.
    private func proxied(_ warehouse: TestWarehouse) throws -> (CountingProxy, any WarehouseSession)
    {
        let port = try #require(warehouse.server).port
        let proxy = try CountingProxy(to: port)
        let source = warehouse.source.replacing(":\(port)/", with: ":\(proxy.port)/")
        return (proxy, try warehouse.session(source))
    }

    @Test("a chunk of any size, with rows of many tables, takes one round trip")
    func roundTrips() throws {
        let warehouse = try warehouse()
        let (proxy, session) = try proxied(warehouse)
        defer { proxy.stop() }
        try Messages.store([Messages.track("first")], in: session)
        for count in [1, 10, 1000] {
            let messages = try (0..<count).map { number in
                try Messages.message(
                    ##"{"type":"\##(["track", "page", "identify"][number % 3])","messageId":"\##(count)-\##(number)"}"##
                )
            }
            _ = proxy.takeTrips()
            try Messages.store(messages, in: session)
            #expect(proxy.takeTrips() == 1)
        }
    }

    @Test("a commit whose answer is lost is repeated, and is not there twice")
    func lostAnswer() throws {
        let warehouse = try warehouse()
        let (proxy, session) = try proxied(warehouse)
        defer { proxy.stop() }
        try Messages.store([Messages.track("a")], in: session)
        proxy.loseAnswer()
        // The session notices, and stores the chunk again on a connection of its own.
        #expect(try Messages.store([Messages.track("b")], in: session) == 0)
        #expect(try warehouse.count(Schema.tracks) == 2)
    }

    @Test("the connection ends with its session")
    func closes() throws {
        let warehouse = try warehouse()
        do {
            let session = try warehouse.session()
            try Messages.store([Messages.track("a")], in: session)
        }
        let server = try #require(warehouse.server)
        let limit = Date(timeIntervalSinceNow: 60)
        var left = ""
        repeat {
            left = try server.run(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    + "AND application_name = 'inlet'", in: warehouse.source)
        } while left != "0\n" && Date() < limit
        #expect(left == "0\n")
    }
}
