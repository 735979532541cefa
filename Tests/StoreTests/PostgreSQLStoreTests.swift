import AWS
import Formats
import Platform
import PostgreSQL
import TestSupport
import Testing
import Transport
@testable import Partners
@testable import Secrets
@testable import Store

@Suite("Partners in PostgreSQL")
struct PostgreSQLStoreTests {
    private static func soon(_ time: Duration = .seconds(600)) -> TimeBudget {
        System().budget(of: time)
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.reason
        }
    }

    @Test("has the table that is documented")
    func table() throws {
        let database = try PostgreSQLTestDatabase()
        _ = try database.migrated()
        let columns = try database.server.run(
            "SELECT column_name, udt_name, is_nullable FROM information_schema.columns "
                + "WHERE table_name = 'webhook_partners' ORDER BY ordinal_position",
            in: database.source)
        #expect(
            columns == """
                id|uuid|NO
                name|text|NO
                description|text|YES
                webhook_token|text|NO
                previous_webhook_token|text|YES
                previous_expires_at|timestamptz|YES
                status|webhook_partner_status|NO
                validation_config|jsonb|NO
                created_at|timestamptz|NO
                modified_at|timestamptz|NO
                deleted_at|timestamptz|YES

                """)
    }

    @Test("uses an index for every look-up")
    func indexes() throws {
        let database = try PostgreSQLTestDatabase()
        _ = try database.migrated()
        for condition in [
            "webhook_token = 'x' OR previous_webhook_token = 'x'",
            "name = 'x' AND deleted_at IS NULL",
            "(validation_config #>> '{signing,scheme}') = 'x' AND deleted_at IS NULL",
        ] {
            let plan = try database.server.run(
                "SET enable_seqscan = off; EXPLAIN SELECT * FROM webhook_partners WHERE \(condition)",
                in: database.source)
            #expect(!plan.contains("Seq Scan"), "\(plan)")
        }
    }

    @Test("goes on after the server was restarted, with the statements that it had prepared")
    func restart() throws {
        let server = try PostgresServer()
        let database = try PostgreSQLTestDatabase(server)
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        let store = try database.store()
        for _ in 0..<2 {
            #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
            server.stop()
            let watch = Stopwatch()
            #expect(
                reason { _ = try store.partner(token: TokenHash("t"), within: Self.soon()) } != nil)
            #expect(watch.waited < .seconds(2))
            try server.start()
        }
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        // A connection whose server has been restarted since its last statement.
        server.stop()
        try server.start()
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        _ = try register.update(name: "a") { $0.description = "after" }
        #expect(try register.partner(name: "a").description == "after")
    }

    @Test("ends at its deadline while the server is frozen, and goes on when it is not")
    func frozen() throws {
        let server = try PostgresServer()
        let database = try PostgreSQLTestDatabase(server)
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let (open, fresh) = (try database.store(), try database.store())
        #expect(try open.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        server.freeze(true)
        defer { server.freeze(false) }
        for store in [open, fresh] {
            let watch = Stopwatch()
            let problem = reason {
                _ = try store.partner(
                    token: TokenHash("t"), within: Self.soon(.milliseconds(500)))
            }
            #expect(problem == "postgresql: no answer in time")
            #expect(watch.waited < .seconds(2))
        }
        server.freeze(false)
        for store in [open, fresh] {
            #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        }
    }

    @Test("ends at its deadline while the table is locked, and goes on when it is not")
    func locked() throws {
        let database = try PostgreSQLTestDatabase()
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let store = try database.store()
        let holder = try PostgreSQLConnection(database.source, until: Self.soon().deadline)
        try holder.run(
            "BEGIN; LOCK TABLE webhook_partners IN ACCESS EXCLUSIVE MODE",
            until: Self.soon().deadline)
        for _ in 0..<2 {
            let watch = Stopwatch()
            let problem = reason {
                _ = try store.partner(
                    token: TokenHash("t"), within: Self.soon(.milliseconds(300)))
            }
            #expect(problem == "postgresql: no answer in time")
            #expect(watch.waited < .seconds(1))
        }
        // The server itself gives up after its own time.
        let watch = Stopwatch()
        #expect(
            reason { _ = try store.partner(token: TokenHash("t"), within: Self.soon(.seconds(20))) }
                == "postgresql: no answer in time")
        #expect(watch.waited < .seconds(6))
        try holder.run("COMMIT", until: Self.soon().deadline)
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
    }

    @Test("needs no more than SELECT to look partners up")
    func leastPrivilege() throws {
        let database = try PostgreSQLTestDatabase()
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let user = "reader_\(UInt32.random(in: 0 ... .max))"
        try database.server.run(
            "CREATE USER \(user) PASSWORD 'x'; GRANT SELECT ON webhook_partners TO \(user)",
            in: database.source)
        let uri = database.source.replacing("inlet:pass%2Fword%3A1@", with: "\(user):x@")
        let store = try openStore(uri)
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a")
        #expect(try store.partners(signingScheme: "x", limit: 1, within: Self.soon()).isEmpty)
        let old = try #require(try store.partner(name: "a", within: Self.soon()))
        #expect(
            reason { try store.replace(old, with: old, within: Self.soon()) }
                == "postgresql: permission denied for table webhook_partners (SQLSTATE 42501)")
    }

    @Test("never waits past its deadline for a server that accepts and says nothing")
    func silent() throws {
        let gate = SocketServer.Gate()
        let server = try SocketServer { _ in .hold(gate, then: .close) }
        let store = try openStore("postgresql://u:p@127.0.0.1:\(server.port)/d")
        let watch = Stopwatch()
        let problem = reason {
            _ = try store.partner(token: TokenHash("t"), within: Self.soon(.milliseconds(300)))
        }
        #expect(problem == "postgresql: no answer in time")
        #expect(watch.waited < .seconds(1))
    }

    @Test("says when the server takes no more connections, and recovers")
    func full() throws {
        let server = try PostgresServer(settings: [
            "max_connections=4", "superuser_reserved_connections=0",
        ])
        let database = try PostgreSQLTestDatabase(server)
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        var others: [PostgreSQLConnection] = []
        for _ in 0..<8 {
            guard
                let other = try? PostgreSQLConnection(database.source, until: Self.soon().deadline)
            else { break }
            others.append(other)
        }
        let store = try database.store()
        let problem = reason {
            _ = try store.partner(token: TokenHash("t"), within: Self.soon())
        }
        #expect(problem?.contains("too many clients") == true, "\(problem ?? "")")
        others = []
        #expect(
            try awaited { try store.partner(token: TokenHash("t"), within: Self.soon())?.name }
                == "a")
    }

    @Test("names the trouble and no password")
    func refusals() throws {
        let server = try PostgresServer.shared.get()
        let port = try LocalPorts.free(1)[0]
        for (uri, expected) in [
            (server.uri(password: "hunter2"), "password authentication failed"),
            (server.uri(database: "nowhere"), "does not exist"),
            ("postgresql://u:hunter2@127.0.0.1:\(port)/d", "takes no connection"),
            ("postgresql://u:hunter2@no-such-host.invalid/d?sslmode=disable", "host is not known"),
        ] {
            let store = try openStore(uri)
            let problem = reason {
                _ = try store.partner(token: TokenHash("t"), within: Self.soon())
            }
            #expect(problem?.contains(expected) == true, "\(problem ?? "no error")")
            #expect(problem?.contains("hunter2") == false)
            #expect(problem?.contains("pass") == problem?.contains("password"))
        }
    }

    @Test(
        "refuses a URI that may be misread, without repeating it",
        arguments: [
            "postgresql://u:hunter2@host:port/d", "postgresql://u:hun@ter2@host/d",
            "postgresql://u:hun/ter2@host/d", "postgresql://u:12/ter2@host/d",
            "postgresql://u:hun?ter2@host/d", "postgresql://u:%zzhunter2@host/d",
            "postgresql://u:hunter2@host/d?nonsense=1", "postgresql://u:hunter2@ho st/d",
            "postgresql://u:hunter2@host:0/d", "postgresql://u:hunter2@a,b/d?port=1,2,3",
            "postgresql://u:hunter2@[::1/d", "postgres://:hunter2@host\u{0}/d",
        ])
    func malformed(uri: String) {
        let problem = reason { _ = try PartnerSource(uri) }
        #expect(problem?.contains("the URI is malformed") == true, "\(problem ?? "no error")")
    }

    @Test(
        "refuses a URI that leaves it to the server whether its password is encrypted",
        arguments: [
            "postgresql://u:hunter2@db.example.com/d", "postgresql://u:hunter2@10.0.0.1:5432/d",
            "postgresql://u:hunter2@128.0.0.1/d", "postgresql://u:hunter2@[::2]/d",
            "postgresql://u:hunter2@127.example.com/d", "postgresql://u:hunter2@localhost.x/d",
            // One of several is enough, and a host's address counts for it.
            "postgresql://u:hunter2@localhost,db.example.com/d",
            "postgresql://u:hunter2@localhost/d?hostaddr=10.0.0.1",
            "postgresql://u:hunter2@localhost,db.example.com/d?hostaddr=127.0.0.1,",
            "postgres://u:hunter2@db.example.com/d?connect_timeout=3",
            // A service's file may name any host.
            "postgresql:///d?service=x", "postgresql://u:hunter2@localhost/d?service=x",
        ])
    func plainText(uri: String) {
        let problem = reason { _ = try PartnerSource(uri) }
        #expect(
            problem
                == "postgresql: the URI has no sslmode: add ?sslmode=verify-full, or "
                + "sslmode=disable where the password may be sent in the clear")
    }

    @Test(
        "takes a URI that says how, or that does not leave this machine",
        arguments: [
            "postgresql://u:p@db.example.com/d?sslmode=verify-full",
            "postgresql://u:p@db.example.com/d?sslmode=prefer",
            "postgresql://u:p@db.example.com/d?sslmode=disable", "postgresql://u:p@127.0.0.9/d",
            "postgresql://u:p@[::1]:5432/d", "postgresql://u:p@localhost/d", "postgresql:///d",
            "postgresql://u:p@%2Fvar%2Frun/d", "postgresql://u:p@db/d?hostaddr=127.0.0.1",
        ])
    func encrypted(uri: String) throws { _ = try PartnerSource(uri) }

    @Test("takes a URI in any of its forms")
    func forms() throws {
        let database = try PostgreSQLTestDatabase()
        _ = try database.migrated().add(name: "a", token: TokenHash("t"))
        let name = try #require(
            database.source.split(separator: "/").last?.split(separator: "?").first)
        let server = database.server
        for uri in [
            server.socketURI(database: String(name)),
            database.source.replacing("127.0.0.1", with: "localhost"),
            database.source.replacing("postgresql:", with: "postgres:"),
            // The first of two hosts takes no connections.
            database.source.replacing(
                "127.0.0.1:", with: "127.0.0.1:\(try LocalPorts.free(1)[0]),localhost:"),
        ] {
            let store = try openStore(uri)
            #expect(
                try store.partner(token: TokenHash("t"), within: Self.soon())?.name == "a", "\(uri)"
            )
        }
    }

    @Test("a URI may be kept in Secrets Manager, and a changed one is used")
    func secret() throws {
        let first = try PostgreSQLTestDatabase()
        let second = try PostgreSQLTestDatabase()
        for (database, name) in [(first, "first"), (second, "second")] {
            _ = try database.migrated().add(name: name, token: TokenHash("t"))
        }
        let uris = Recorder<String>()
        uris.append(first.source)
        let server = try SocketServer { _ in
            var body = JSONWriter()
            body.object { $0.member("SecretString", (uris.all.last ?? "") + "\n") }
            return .text(200, body.text)
        }
        let client = AWSClient.of(server)
        let source = try PartnerSource("secretsmanager:x")
        let store = try source.store(client, within: Self.soon())
        #expect(try store.partner(name: "first", within: Self.soon()) != nil)

        let lookups = try Lookups("secretsmanager:x", client)
        func name(at seconds: Int64) throws -> String? {
            try lookups.lookup(at: seconds, until: Self.soon().deadline)
                .partner(token: Array("t".utf8), for: .segmentAPI).partner?.name
        }
        #expect(try name(at: 0) == "first")
        uris.append(second.source)
        #expect(try name(at: 59) == "first")
        #expect(try name(at: 300) == "second")
        #expect(server.requests.count == 3)
    }

    @Test("a password that is changed in both places is read anew by the look-up after the failure")
    func changedPassword() throws {
        let database = try PostgreSQLTestDatabase()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        let role = "reader_\(UInt32.random(in: 0 ... .max))"
        let authority = try #require(database.source.firstRange(of: "@"))
        func uri(_ password: String) -> String {
            "postgresql://\(role):\(password)@" + database.source[authority.upperBound...]
        }
        try database.server.run(
            "CREATE ROLE \(role) LOGIN PASSWORD 'one'; GRANT SELECT ON webhook_partners TO \(role)",
            in: database.source)
        let uris = Recorder<String>()
        uris.append(uri("one"))
        let server = try SocketServer { _ in
            var body = JSONWriter()
            body.object { $0.member("SecretString", uris.all.last ?? "") }
            return .text(200, body.text)
        }
        let client = AWSClient.of(server)
        let lookups = try Lookups("secretsmanager:x", client)
        func status(at seconds: Int64) throws -> Partner.Status? {
            try lookups.lookup(at: seconds, until: Self.soon().deadline)
                .partner(token: Array("t".utf8), for: .segmentAPI).partner?.status
        }
        #expect(try status(at: 0) == .active)
        _ = try register.update(name: "a") { $0.status = .suspended }
        uris.append(uri("two"))
        try database.server.run(
            "ALTER ROLE \(role) PASSWORD 'two'; SELECT pg_terminate_backend(pid) "
                + "FROM pg_stat_activity WHERE usename = '\(role)'", in: database.source)
        // The old password is refused, and what was known before is gone on with.
        #expect(try status(at: 60) == .active)
        #expect(lookups.trouble?.isBridged == true)
        #expect(server.requests.count == 1)
        #expect(try status(at: 65) == .suspended)
        #expect(server.requests.count == 2)
    }

    /// Asks again while the answer is an error, for a minute.
    private func awaited<Value>(_ body: () throws -> Value) throws -> Value {
        let end = Instant.now + .seconds(60)
        while true {
            do {
                return try body()
            } catch {
                guard .now < end else { throw error }
            }
        }
    }
}
