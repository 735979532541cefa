internal import Foundation
import Glibc

/// A PgBouncer in transaction mode before a PostgreSQL server, with one connection to that.
///
/// So whatever two clients leave behind on a connection, the other one finds.
package final class Pooler: @unchecked Sendable {
    private let server: PostgresServer
    private let directory: TemporaryDirectory
    private let port: UInt16
    private let lock = NSLock()
    private var program: Program?

    package init(before server: PostgresServer) throws {
        self.server = server
        directory = try TemporaryDirectory()
        port = try LocalPorts.free(1)[0]
        _ = try directory.write(
            "pooler.ini",
            """
            [databases]
            * = host=127.0.0.1 port=\(server.port) user=inlet password='\(PostgresServer.password)'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 1
            server_login_retry = 0
            so_reuseport = 1

            """)
        try PostgresServer.give(directory)
        try start()
    }

    deinit { stop() }

    /// Starts it, on the port that it had.
    package func start() throws {
        let program = try PostgresServer.unprivilegedProgram(
            "/usr/sbin/pgbouncer", ["\(directory.path)/pooler.ini"], in: directory,
            endedBy: "TERM")
        lock.withLock { self.program = program }
        _ = try program.line(with: "process up")
    }

    /// Ends it at once, as a crash does: connections break off.
    package func stop() {
        guard let program = lock.withLock({ self.program.take() }) else { return }
        program.stop(SIGTERM)
    }

    /// The URI of one of the server's databases, by way of the pooler.
    package func uri(of uri: String) -> String {
        uri.replacing("127.0.0.1:\(server.port)", with: "127.0.0.1:\(port)")
    }
}
