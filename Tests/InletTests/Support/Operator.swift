import AWS
import Formats
import Platform
import Synchronization
import TestSupport
import Testing

@testable import inlet

/// Somebody who uses the program, on a database of their own.
final class Operator: Sendable {
    struct Result {
        let code: Int32
        let output: String
        let errors: String

        /// The output, which must be JSON.
        func json(_ location: SourceLocation = #_sourceLocation) throws -> JSONValue {
            try parse(output, location)
        }
    }

    let directory: TemporaryDirectory
    let environment: [String: String]
    private let waited = Recorder<Duration>()

    /// How long the commands so far would have waited: nobody does here.
    var waits: [Duration] { waited.all }

    /// `migrated` says whether the tables are there.
    init(_ settings: [String: String] = [:], migrated: Bool = true) throws {
        directory = try TemporaryDirectory()
        environment = ["INLET_PARTNERS": "sqlite:\(directory.path)/partners.sqlite"]
            .merging(settings) { $1 }
        guard migrated else { return }
        let made = run("migrate")
        try #require(made.code == 0, "\(made.errors)")
    }

    /// Runs a command; `answer` is what the person says when asked, nil when nobody is there.
    func run(
        _ arguments: [String], input: [UInt8] = [], answer: String? = nil, writes: Bool = true,
        at now: Timestamp? = nil
    ) -> Result {
        let (output, errors) = (Recorder<String>(), Recorder<String>())
        let environment = environment
        let system = System(
            environment: { environment[$0] }, now: { now ?? System.wallClock() },
            sleep: { [waited] in waited.append($0) })
        let console = Console(
            write: { text in
                output.append(text)
                return writes
            },
            note: { errors.append($0 + "\n") },
            read: { .success(input) },
            ask: { question in
                errors.append(question)
                return answer
            })
        SecretWatch.shared.keep(environment: environment)
        let code = Inlet.run(arguments, system, console)
        let result = Result(
            code: code, output: output.all.joined(), errors: errors.all.joined())
        // A token is shown once, to whoever has asked for one.
        SecretWatch.shared.keepTokens(in: result.output)
        SecretWatch.shared.look(in: result.errors, of: "what inlet says")
        return result
    }

    func run(_ arguments: String...) -> Result { run(arguments) }

    /// Adds a partner and returns its token.
    @discardableResult
    func add(_ name: String, _ options: String...) throws -> String {
        let added = run(["partner", "add", name, "--json"] + options)
        try #require(added.code == 0, "\(added.errors)")
        return try #require(try added.json()["token"]?.string)
    }

    /// A partner's record.
    func record(_ name: String) throws -> JSONValue {
        let shown = run("partner", "show", name, "--json")
        try #require(shown.code == 0, "\(shown.errors)")
        return try shown.json()
    }

    /// All bytes of the database and its log.
    func databaseBytes() throws -> [UInt8] {
        try ["", "-wal"].flatMap { suffix in
            let path = "\(directory.path)/partners.sqlite\(suffix)"
            return suffix.isEmpty ? try File.read(path) : (try? File.read(path)) ?? []
        }
    }
}

func parse(
    _ text: String, _ location: SourceLocation = #_sourceLocation
) throws -> JSONValue {
    do {
        return try JSONText(Array(text.utf8)).root
    } catch {
        Issue.record("not JSON (\(error.reason)): \(text)", sourceLocation: location)
        throw error
    }
}

extension JSONValue {
    /// The value as it was written.
    var written: String { String(decoding: raw, as: UTF8.self) }
}

extension [UInt8] {
    func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return indices.contains { self[$0...].starts(with: wanted) }
    }
}
