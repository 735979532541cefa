import CMicroHTTPD

/// Why a server did not start.
package enum LocalServerError: Error, Equatable {
    /// The port is taken, or may not be used.
    case cannotListen(port: UInt16)
}

/// An HTTP/1.1 server on 127.0.0.1 with a thread per connection, so that handlers may block.
///
/// It stops when told to, or when the last reference goes.
@safe
package final class LocalServer: Sendable {
    package let port: UInt16
    private let daemon: Daemon
    private let callbacks: Callbacks

    /// Listens at once.
    ///
    /// Port 0 takes a free one. A body over `maximumBody` is read to its end and dropped;
    /// `tooLarge` then answers the request without it, by default with a bare 413. The handlers
    /// are called on several threads at once.
    package init(
        port: UInt16 = 0, maximumBody: Int = 16 << 20,
        tooLarge: @escaping @Sendable (LocalRequest) -> LocalResponse = { _ in
            LocalResponse(status: 413)
        },
        handler: @escaping @Sendable (LocalRequest) -> LocalResponse
    ) throws(LocalServerError) {
        callbacks = Callbacks(maximumBody: maximumBody, tooLarge: tooLarge, handler: handler)
        guard let daemon = Daemon(port: port, callbacks: callbacks) else {
            throw .cannotListen(port: port)
        }
        self.daemon = daemon
        self.port = daemon.port
    }

    deinit { daemon.stop() }

    /// `127.0.0.1:<port>`.
    package var authority: String { "127.0.0.1:\(port)" }

    /// Stops listening and returns when no handler runs any more.
    ///
    /// The caller wakes handlers that block, and calls this from outside of a handler.
    package func stop() { daemon.stop() }
}

/// What the library calls back with, for all connections of a server.
final class Callbacks: Sendable {
    let maximumBody: Int
    let tooLarge: @Sendable (LocalRequest) -> LocalResponse
    let handler: @Sendable (LocalRequest) -> LocalResponse

    init(
        maximumBody: Int, tooLarge: @escaping @Sendable (LocalRequest) -> LocalResponse,
        handler: @escaping @Sendable (LocalRequest) -> LocalResponse
    ) {
        self.maximumBody = maximumBody
        self.tooLarge = tooLarge
        self.handler = handler
    }
}
