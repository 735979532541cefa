import AWS
import Formats
import Foundation
import Partners
import Platform
import Store
import TestSupport
import Testing
import Transport

@Suite("Partners in a database, through the emulator", .timeLimit(.minutes(60)))
struct PartnerDatabaseTests {
    enum Kind: String, CaseIterable {
        case sqlite, postgreSQL
    }

    /// A database that can be taken away and given back.
    private final class Database {
        let source: String
        private let directory: TemporaryDirectory
        private let server: PostgresServer?

        init(_ kind: Kind) throws {
            directory = try TemporaryDirectory()
            switch kind {
            case .sqlite:
                server = nil
                source = "sqlite:\(directory.path)/partners.db"
            case .postgreSQL:
                let server = try PostgresServer()
                self.server = server
                source = try server.makeDatabase()
            }
        }

        func stop() throws {
            guard let server else { return try move("partners.db", to: "away.db") }
            server.stop()
        }

        func start() throws {
            guard let server else { return try move("away.db", to: "partners.db") }
            try server.start()
        }

        func register() throws -> PartnerRegister {
            let settings = AWSSettings(System(environment: { _ in nil }))
            let client = AWSClient(settings, credentials: CredentialChain(settings))
            return PartnerRegister(
                try PartnerSource(source).store(client, within: System().budget(of: .seconds(5))),
                system: System(),
                randomID: {
                    var generator = SystemRandomNumberGenerator()
                    return Formats.UUID(random: &generator)
                })
        }

        private func move(_ from: String, to: String) throws {
            try FileManager.default.moveItem(
                atPath: "\(directory.path)/\(from)", toPath: "\(directory.path)/\(to)")
        }
    }

    private static let call = #"{"type":"track","event":"Order Shipped","userId":"u-42"}"#

    private static func hash(_ token: String) -> TokenHash { TokenHash(of: Array(token.utf8)) }

    @Test(
        "a database that only the environment names needs an sslmode too",
        arguments: ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
    func environmentHost(variable: String) throws {
        let directory = try TemporaryDirectory()
        let services = try directory.write("services", "[203.0.113.1]\nhost=203.0.113.1\n")
        let program = try Program(
            Tools.inlet, ["migrate", "--registry", "postgresql://u:p@/partners"],
            environment: [variable: "203.0.113.1", "PGSERVICEFILE": services])
        #expect(try program.end() == .status(1))
        #expect(program.errors.contains("the URI has no sslmode"), "\(program.errors)")
    }

    @Test(
        "every change counts at once, and a database that is away costs nothing",
        arguments: Kind.allCases)
    func lifeOfAPartner(kind: Kind) throws {
        let database = try Database(kind)
        let register = try database.register()
        #expect(try register.migrate() == [1])
        let inlet = try LocalInlet(
            partners: database.source, options: ["--parameter", "PartnersCacheSeconds=0"])
        defer { inlet.stop() }
        func status(_ token: String) throws -> Int {
            try inlet.post("/webhook/segment/\(token)", Self.call).status
        }
        #expect(try status("first-token") == 401)
        _ = try register.add(
            name: "web-app", token: Self.hash("first-token"),
            config: Array(#"{"senders":["segment-destination"]}"#.utf8))
        #expect(try status("first-token") == 200)
        #expect(try inlet.published().last?.attributes["partner"] == "web-app")

        _ = try register.update(name: "web-app") { $0.status = .suspended }
        #expect(try status("first-token") == 403)
        _ = try register.update(name: "web-app") { $0.status = .active }
        _ = try register.rotate(
            name: "web-app", to: Self.hash("second-token"), grace: .seconds(86400))
        #expect(try status("first-token") == 200)
        #expect(try status("second-token") == 200)
        _ = try register.rotate(
            name: "web-app", to: Self.hash("third-token"), grace: .zero, endingPrevious: true)
        #expect(try status("first-token") == 401)
        #expect(try status("second-token") == 401)
        #expect(try status("third-token") == 200)

        try database.stop()
        #expect(try status("third-token") == 200)
        let watch = Stopwatch.ofMachine()
        #expect(try status("unheard-of-token") == 503)
        #expect(watch.waited < .seconds(5))
        // The same from the authorizer, whose answer is API Gateway's.
        let guarded = try inlet.post("/v1/segment", Self.call, headers: [basic("unheard-of")])
        #expect(guarded.status == 503)
        #expect(guarded.headers["retry-after"].flatMap { Int($0) } != nil)
        try database.start()
        // The database is left alone for some seconds after a failure.
        let end = Instant.now + .seconds(20)
        while try status("unheard-of-token") == 503, .now < end { usleep(100_000) }
        #expect(try status("unheard-of-token") == 401)
        _ = try register.remove(name: "web-app")
        #expect(try status("third-token") != 200)

        let printed = inlet.program.output + inlet.program.errors
        #expect(printed.contains("the partners could not be refreshed"))
        #expect(printed.contains("the partners could not be read"))
        for secret in ["-token", "sha256:", PostgresServer.password, "pass%2Fword"] {
            #expect(!printed.contains(secret), "\(secret)")
        }
        for published in try inlet.published() { #expect(!published.text.contains("-token")) }
    }
}
