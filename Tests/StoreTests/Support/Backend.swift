import AWS
import Formats
import Store
import TestSupport
import Testing
import Transport

/// A kind of database that the conformance suite runs against.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }

    /// An empty database without tables.
    func database() throws -> any TestDatabase {
        switch self {
        case .sqlite: try SQLiteTestDatabase()
        }
    }
}

/// An empty database of one test.
protocol TestDatabase: Sendable {
    /// As `INLET_PARTNERS` has it.
    var source: String { get }
    /// All bytes that the database holds, for a search.
    func contents() throws -> [UInt8]
}

extension TestDatabase {
    /// A connection of its own.
    func store() throws -> any PartnerStore {
        let settings = AWSSettings(Surroundings(environment: { _ in nil }))
        return try PartnerSource(source).store(
            AWSClient(settings, credentials: CredentialChain(settings)), until: .now + .seconds(10))
    }

    /// What an operator has, on a connection of its own.
    func register(at now: Timestamp = .start) throws -> PartnerRegister {
        PartnerRegister(
            // The database lives for as long as somebody works on it.
            try store(), now: { withExtendedLifetime(self) { now } },
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

extension Timestamp {
    static let start = Timestamp(milliseconds: 1_773_480_413_123)

    func after(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
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
