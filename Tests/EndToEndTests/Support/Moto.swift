import Formats
import TestSupport
import Testing

/// AWS as moto plays it, checking signatures, with the template's topics and queues behind them.
final class Moto {
    private let server: MotoServer
    var url: String { server.url }
    /// Temporary credentials, as variables of an environment.
    private(set) var access: [String: String] = [:]

    init() throws {
        server = try MotoServer()
        let made = try parse(try run("prepare", url))
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            access[name] = try #require(made[name]?.string)
        }
    }

    func stop() { server.stop() }

    /// The messages of a queue, which are then gone from it.
    func receive(_ queue: String) throws -> [(text: String, attributes: [String: String])] {
        try run("receive", url, queue).split(separator: "\n").map { line in
            SecretWatch.shared.look(in: String(line), of: "moto's queue \(queue)")
            let message = try parse(String(line))
            var attributes: [String: String] = [:]
            for member in message["attributes"].map({ Array($0.members) }) ?? [] {
                attributes[member.name.string ?? ""] = member.value.string
            }
            return (message["body"]?.string ?? "", attributes)
        }
    }

    /// Runs a command of the client, and returns what it prints.
    @discardableResult
    func run(_ arguments: String...) throws -> String { try run(Tools.client, arguments) }

    /// Runs a client of its own kind.
    func run(_ client: String, _ arguments: [String]) throws -> String {
        let environment = Self.environment.merging(access) { _, new in new }
        let program = try Program(
            try Tools.python("python"), [client] + arguments, environment: environment)
        defer { program.stop() }
        guard try program.end() == .status(0) else {
            throw program.failure("\(arguments[0]) found differences")
        }
        return program.output
    }

    /// Nothing of the developer's own AWS configuration or proxies.
    private static let environment = [
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "*",
    ]
}
