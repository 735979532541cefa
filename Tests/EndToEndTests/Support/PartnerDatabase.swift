import AWS
import Foundation
import Platform
import TestSupport

/// A kind of database that operators keep partners in.
enum PartnerDatabaseKind: String, CaseIterable {
    case sqlite, postgreSQL, dynamoDB

    func make() throws -> PartnerDatabase {
        switch self {
        case .sqlite:
            let directory = try TemporaryDirectory()
            let path = "\(directory.path)/partners.sqlite"
            return PartnerDatabase(source: "sqlite:\(path)") {
                // The directory lives for as long as the database.
                try withExtendedLifetime(directory) {
                    let main = try File.read(path)
                    return ["-wal", "-shm", "-journal"].reduce(main) {
                        $0 + ((try? File.read(path + $1)) ?? [])
                    }
                }
            }
        case .postgreSQL:
            let server = try PostgresServer.shared.get()
            let source = try server.makeDatabase()
            return PartnerDatabase(source: source) {
                Array(try server.run("SELECT * FROM webhook_partners", in: source).utf8)
            }
        case .dynamoDB:
            let moto = try MotoServer.shared.get()
            let table = "partners-\(UUID().uuidString)"
            let environment = [
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_DYNAMODB": moto.url,
            ]
            return PartnerDatabase(source: "dynamodb:\(table)", environment: environment) {
                let code = """
                    import boto3, sys
                    table = boto3.client("dynamodb", endpoint_url=sys.argv[1])
                    print(table.scan(TableName=sys.argv[2])["Items"])
                    """
                let client = try Program(
                    try Tools.python("python"), ["-c", code, moto.url, table],
                    environment: environment.merging(["AWS_DEFAULT_REGION": "us-east-1"]) { $1 })
                guard try client.end() == .status(0) else { throw client.failure("failed") }
                return Array(client.output.utf8)
            }
        }
    }
}

/// A database of one test.
struct PartnerDatabase {
    /// As `INLET_PARTNERS` has it.
    let source: String
    /// What it takes to reach it besides.
    var environment: [String: String] = [:]
    /// All that it holds, for a search.
    let contents: () throws -> [UInt8]

    init(
        source: String, environment: [String: String] = [:],
        contents: @escaping () throws -> [UInt8]
    ) {
        self.source = source
        self.environment = environment
        self.contents = contents
    }

    /// What the emulator is told, so that its functions use it and see every change at once.
    var options: [String] {
        ["--env", "INLET_PARTNERS_CACHE_SECONDS=0"]
            + environment.filter { $0.key.hasPrefix("AWS_ENDPOINT") }
            .flatMap { ["--env", "\($0.key)=\($0.value)"] }
    }
}

/// Somebody with the built `inlet`.
final class OperatorProgram {
    private let environment: [String: String]
    /// All that it has written to standard error.
    private(set) var errors = ""

    init(_ database: PartnerDatabase, _ settings: [String: String] = [:]) {
        environment = database.environment
            .merging(["INLET_PARTNERS": database.source]) { $1 }.merging(settings) { $1 }
    }

    /// Runs a command that must do what it is asked, and returns what it prints.
    @discardableResult
    func run(_ arguments: String...) throws -> String {
        let program = try start(arguments)
        guard try program.end() == .status(0) else {
            throw program.failure("\(arguments.joined(separator: " ")) failed")
        }
        return program.output
    }

    /// Starts the program, and does not wait for its end.
    func begin(_ arguments: [String]) throws -> Program {
        try Program(Tools.inlet, arguments, environment: environment)
    }

    func start(_ arguments: [String]) throws -> Program {
        let program = try begin(arguments)
        _ = try program.end()
        errors += program.errors
        return program
    }
}
