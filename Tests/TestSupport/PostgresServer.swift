internal import Foundation
import Glibc

/// A PostgreSQL server of Debian's package, on a port and in a directory of its own.
///
/// It ends with this value, and with the test program however that ends.
package final class PostgresServer: @unchecked Sendable {
    /// A character of it has to be percent-encoded in a URI.
    package static let password = "pass/word:1"
    private static let user = "inlet"

    package let port: UInt16
    private let directory: TemporaryDirectory
    private let tools: String
    private let extra: [String]
    private let lock = NSLock()
    private var program: Program?
    private var databases = 0

    /// One server for all tests that do not stop it.
    package static let shared = Result { try PostgresServer() }

    /// Makes and starts a server, with further settings such as `max_connections=5`.
    package init(settings: [String] = []) throws {
        tools = try Self.findTools()
        directory = try TemporaryDirectory()
        port = try LocalPorts.free(1)[0]
        extra = settings.flatMap { ["-c", $0] }
        try Self.give(directory)
        let password = try directory.write("password", Self.password)
        let made = try Program(
            "/usr/bin/env",
            Self.unprivileged + [
                "\(tools)/initdb", "--pgdata=\(directory.path)/data", "--username=\(Self.user)",
                "--pwfile=\(password)", "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-sync",
            ], environment: Self.environment)
        guard try made.end() == .status(0) else {
            throw made.failure("could not make a database cluster")
        }
        try start()
    }

    deinit { stop() }

    /// Starts the server, on the port that it had.
    package func start() throws {
        let server = try Self.unprivilegedProgram(
            "\(tools)/postgres",
            [
                "-D", "\(directory.path)/data", "-p", "\(port)",
                "-c", "listen_addresses=127.0.0.1", "-c",
                "unix_socket_directories=\(directory.path)", "-c", "fsync=off", "-c",
                "shared_buffers=16MB",
            ] + extra, in: directory, endedBy: "QUIT")
        lock.withLock { program = server }
        _ = try server.line(with: "database system is ready to accept connections")
    }

    /// Ends the server at once, as a crash does: connections break off.
    package func stop() {
        guard let program = lock.withLock({ self.program.take() }) else { return }
        signal(SIGQUIT)
        _ = try? program.end(within: 20)
        program.stop(SIGKILL)
    }

    /// Stops the server's processes where they are, so that it accepts and never answers.
    package func freeze(_ isFrozen: Bool) { signal(isFrozen ? SIGSTOP : SIGCONT) }

    /// Makes an empty database and returns its URI.
    package func makeDatabase() throws -> String {
        let name = lock.withLock {
            databases += 1
            return "test_\(databases)"
        }
        try run("CREATE DATABASE \(name)")
        return uri(database: name)
    }

    package func uri(database: String = "postgres", password: String = "pass%2Fword%3A1") -> String
    {
        "postgresql://\(Self.user):\(password)@127.0.0.1:\(port)/\(database)?sslmode=disable"
    }

    /// The same database by the server's Unix socket.
    package func socketURI(database: String = "postgres") -> String {
        let path = directory.path.replacing("/", with: "%2F")
        return "postgresql://\(Self.user):pass%2Fword%3A1@\(path):\(port)/\(database)"
    }

    /// Runs SQL by psql and returns what it prints.
    @discardableResult
    package func run(_ sql: String, in uri: String? = nil) throws -> String {
        let client = try Program(
            "\(tools)/psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", uri ?? self.uri(), "-c", sql],
            environment: Self.environment)
        guard try client.end() == .status(0) else { throw client.failure("failed") }
        return client.output
    }

    /// Runs SQL in a transaction that stays open until the program is stopped.
    package func hold(_ sql: String, in uri: String) throws -> Program {
        let client = try Program(
            "\(tools)/psql",
            [
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", uri, "-c",
                "BEGIN; \(sql)", "-c", "\\echo held", "-c", "SELECT pg_sleep(60)",
            ], environment: Self.environment)
        _ = try client.line(with: "held")
        return client
    }

    private func signal(_ number: Int32) {
        let file = "\(directory.path)/data/postmaster.pid"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let id = text.split(separator: "\n").first.flatMap({ Int32($0) }), id > 1
        else { return }
        // Its backends too: the server leads their process group only when it was made to.
        let children = "/proc/\(id)/task/\(id)/children"
        let list = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
        for child in list.split(separator: " ").compactMap({ Int32($0) })
        where number == SIGSTOP || number == SIGCONT {
            kill(child, number)
        }
        kill(id, number)
    }

    /// Starts a program, ends it when the process that it is for is gone, and tidies up after that.
    private static let guardian = """
        parent=$1 directory=$2 signal=$3
        shift 3
        "$@" &
        child=$!
        trap 'kill -$signal $child' TERM INT
        while kill -0 $parent 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.1; done
        kill -$signal $child 2>/dev/null
        wait $child
        kill -0 $parent 2>/dev/null || rm -rf "$directory"
        """

    /// Starts a program that refuses to run as root, and works in a directory.
    static func unprivilegedProgram(
        _ path: String, _ arguments: [String], in directory: TemporaryDirectory,
        endedBy signal: String
    ) throws -> Program {
        try Program(
            "/bin/sh",
            ["-c", guardian, "guardian", "\(getpid())", directory.path, signal] + unprivileged
                + [path] + arguments, environment: environment)
    }

    /// Makes a directory its own.
    static func give(_ directory: TemporaryDirectory) throws {
        guard isRoot else { return }
        try FileManager.default.setAttributes(
            [.ownerAccountName: "postgres"], ofItemAtPath: directory.path)
    }

    private static var isRoot: Bool { getuid() == 0 }

    /// The server refuses to run as root.
    private static var unprivileged: [String] {
        isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }

    private static let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]

    private struct Missing: Error, CustomStringConvertible {
        let description = "there is no PostgreSQL server: run scripts/install --tests"
    }

    /// The newest version that is installed.
    private static func findTools() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let found = versions.compactMap(Int.init).sorted().reversed()
            .map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/postgres") }
        guard let found else { throw Missing() }
        return found
    }
}
