import AWS
import Formats
import Platform
import TestSupport
import Testing
import Transport
@testable import Partners
@testable import Store

/// A kind of database that the conformance suite runs against.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgreSQL, dynamoDB

    var testDescription: String { rawValue }

    /// An empty database without tables.
    func database() throws -> any TestDatabase {
        switch self {
        case .sqlite: try SQLiteTestDatabase()
        case .postgreSQL: try PostgreSQLTestDatabase()
        case .dynamoDB: try DynamoDBTestDatabase()
        }
    }
}

/// The database of what `INLET_PARTNERS` says, which needs no call to AWS.
func openStore(_ source: String) throws -> any PartnerStore {
    try PartnerSource(source).store(.unconfigured, within: System().budget(of: .seconds(600)))
}

/// An empty database of one test.
protocol TestDatabase: Sendable {
    /// As `INLET_PARTNERS` has it.
    var source: String { get }
    /// The settings of AWS that it takes to reach it.
    var environment: [String: String] { get }
    /// All bytes that the database holds, for a search.
    func contents() throws -> [UInt8]
}

extension TestDatabase {
    var environment: [String: String] { [:] }

    func client() -> AWSClient {
        let environment = environment
        let settings = AWSSettings(System(environment: { environment[$0] }))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }

    /// A connection of its own.
    func store() throws -> any PartnerStore {
        try PartnerSource(source).store(client(), within: System().budget(of: .seconds(600)))
    }

    /// What an operator has, on a connection of its own.
    func register(at now: Timestamp = .start) throws -> PartnerRegister {
        PartnerRegister(
            // The database lives for as long as somebody works on it.
            try store(), system: System(now: { withExtendedLifetime(self) { now } }),
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            })
    }

    /// The same, with the tables there.
    func migrated() throws -> PartnerRegister {
        let register = try register()
        _ = try register.migrate()
        return register
    }
}

extension TokenHash {
    init(_ token: String) { self.init(of: Array(token.utf8)) }
}

struct SQLiteTestDatabase: TestDatabase {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    var path: String { "\(directory.path)/partners.db" }
    var source: String { "sqlite:\(path)" }

    func contents() throws -> [UInt8] {
        ["", "-wal"].flatMap { (try? File.read(path + $0)) ?? [] }
    }
}

struct PostgreSQLTestDatabase: TestDatabase {
    let server: PostgresServer
    let source: String

    init(_ server: PostgresServer? = nil) throws {
        self.server = try server ?? PostgresServer.shared.get()
        source = try self.server.makeDatabase()
    }

    func contents() throws -> [UInt8] {
        Array(try server.run("SELECT * FROM webhook_partners", in: source).utf8)
    }
}

struct DynamoDBTestDatabase: TestDatabase {
    let moto: MotoServer
    let source: String

    init() throws {
        moto = try MotoServer.shared.get()
        source = "dynamodb:partners-\(UInt64.random(in: 0 ... .max))"
    }

    var environment: [String: String] {
        [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_DYNAMODB": moto.url,
        ]
    }

    func contents() throws -> [UInt8] {
        let table = DynamoDBTable(String(source.dropFirst(9)), client: client())
        var text = ""
        for prefix in ["partner#", "token#", "name#"] {
            let page = try table.scan(
                prefix: prefix, after: nil, within: System().budget(of: .seconds(600)))
            for item in page.items { text += "\(item)" }
        }
        return Array(text.utf8)
    }
}

extension StoreError {
    /// What is wrong with a record; empty for every other error.
    var mistakes: [PartnerError.Mistake] {
        if case .partner(let error) = self { error.mistakes } else { [] }
    }
}
