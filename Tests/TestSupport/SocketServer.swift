import Foundation
import Synchronization

/// An HTTP server of raw sockets on 127.0.0.1 that can answer well, badly, late or not at all.
///
/// One thread accepts, and one per connection reads requests and writes what the handler replies.
/// Every thread has ended when ``stop()`` returns, which `deinit` calls.
package final class SocketServer: Sendable {
    /// What a client sent.
    package struct Request: Sendable {
        package let method: String
        /// Path and query, as sent.
        package let target: String
        /// Names in lower case, in order.
        package let headers: [(name: String, value: String)]
        /// Without the framing of chunks.
        package let body: [UInt8]
        /// Which connection it came by, counted from 0.
        package let connection: Int

        package subscript(header: String) -> String? {
            headers.last { $0.name == header }?.value
        }

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What becomes of a connection.
    package enum Reply: Sendable {
        /// A response with its length; the connection stays open unless a header says `close`.
        case response(status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
        /// These bytes as they are, and then the end of the connection.
        case raw([UInt8])
        /// A TCP reset, which also throws away what the client has not read.
        case reset
        /// An orderly end without a byte.
        case close
        /// Nothing until the gate opens or the server stops, and then this.
        indirect case hold(Gate, then: Reply)

        package static func text(
            _ status: Int, _ body: String, _ headers: [(String, String)] = []
        ) -> Reply {
            .response(status: status, headers: headers, body: Array(body.utf8))
        }
    }

    /// Something to wait for; it opens once and stays open.
    package final class Gate: Sendable {
        private let condition = NSCondition()
        private let isOpen = Mutex(false)

        package init() {}

        package func open() {
            condition.lock()
            isOpen.withLock { $0 = true }
            condition.broadcast()
            condition.unlock()
        }

        package func wait() {
            condition.lock()
            while !isOpen.withLock({ $0 }) { condition.wait() }
            condition.unlock()
        }
    }

    package let port: UInt16
    package var url: String { "http://127.0.0.1:\(port)" }

    private let listener: Int32
    private let shared: ServerState

    /// Listens on a free port.
    ///
    /// `connected` is asked before anything is read from a new connection, by its number; what it
    /// returns ends the connection. `handler` is called on the connection's thread.
    package init(
        connected: @escaping @Sendable (Int) -> Reply? = { _ in nil },
        handler: @escaping @Sendable (Request) -> Reply
    ) throws {
        let (listener, port) = try Socket.listen()
        self.listener = listener
        self.port = port
        let shared = ServerState(connected: connected, handler: handler)
        self.shared = shared
        shared.start { shared.accept(from: listener) }
    }

    deinit { stop() }

    /// Requests in the order in which they were read to their end.
    package var requests: [Request] { shared.locked { shared.requests } }

    package var connectionCount: Int { shared.locked { shared.connectionCount } }

    /// The requests, once there are that many; fewer when a minute was not enough.
    package func requests(atLeast count: Int) -> [Request] {
        shared.wait { shared.requests.count >= count }
        return requests
    }

    /// Ends every connection and thread; opens the gates that replies wait for.
    package func stop() { shared.stop(listener) }
}

/// What the threads of one server share; the lock guards every variable.
final class ServerState: @unchecked Sendable {
    private let condition = NSCondition()
    private let connected: @Sendable (Int) -> SocketServer.Reply?
    private let handler: @Sendable (SocketServer.Request) -> SocketServer.Reply
    private(set) var requests: [SocketServer.Request] = []
    private(set) var connectionCount = 0
    private var sockets: Set<Int32> = []
    private var gates: [SocketServer.Gate] = []
    private var threadCount = 0
    private var isStopping = false

    init(
        connected: @escaping @Sendable (Int) -> SocketServer.Reply?,
        handler: @escaping @Sendable (SocketServer.Request) -> SocketServer.Reply
    ) {
        self.connected = connected
        self.handler = handler
    }

    func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    /// Waits until that holds, for a minute at most: a busy machine needs some of it.
    func wait(until holds: () -> Bool) {
        let limit = Date(timeIntervalSinceNow: 60)
        condition.lock()
        while !holds(), condition.wait(until: limit) {}
        condition.unlock()
    }

    func start(_ body: @escaping @Sendable () -> Void) {
        locked { threadCount += 1 }
        Thread.detachNewThread {
            body()
            self.locked {
                self.threadCount -= 1
                self.condition.broadcast()
            }
        }
    }

    func accept(from listener: Int32) {
        while let socket = Socket.accept(from: listener) {
            let number: Int? = locked {
                guard !isStopping else { return nil }
                sockets.insert(socket)
                connectionCount += 1
                return connectionCount - 1
            }
            guard let number else { return Socket.close(socket) }
            start { self.serve(socket, number: number) }
        }
    }

    func stop(_ listener: Int32) {
        let isFirst = locked {
            defer { isStopping = true }
            for socket in sockets { Socket.shutDown(socket) }
            return !isStopping
        }
        // Later its number may belong to another socket.
        if isFirst { Socket.shutDown(listener) }
        for gate in locked({ gates }) { gate.open() }
        condition.lock()
        while threadCount > 0 { condition.wait() }
        condition.unlock()
        if isFirst { Socket.close(listener) }
    }

    private func serve(_ socket: Int32, number: Int) {
        var stream = RequestStream(socket: socket, connection: number)
        var isOpen = connected(number).map { write($0, to: socket, closing: true) } ?? true
        while isOpen, let request = stream.next() {
            locked {
                requests.append(request)
                condition.broadcast()
            }
            let asksToClose = request["connection"]?.lowercased() == "close"
            isOpen = write(handler(request), to: socket, closing: asksToClose)
        }
        locked { _ = sockets.remove(socket) }
        Socket.close(socket)
    }

    /// Sends a reply; true when the connection stays open.
    private func write(_ reply: SocketServer.Reply, to socket: Int32, closing: Bool) -> Bool {
        switch reply {
        case .response(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) Status \(status)\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            if status >= 200, status != 204 { head += "Content-Length: \(body.count)\r\n" }
            let saysClose = headers.contains {
                $0.0.lowercased() == "connection" && $0.1.lowercased() == "close"
            }
            return Socket.send(Array("\(head)\r\n".utf8) + body, to: socket)
                && !closing && !saysClose
        case .raw(let bytes):
            _ = Socket.send(bytes, to: socket)
            return false
        case .reset:
            Socket.resetOnClose(socket)
            return false
        case .close:
            return false
        case .hold(let gate, let then):
            let isStopping = locked {
                gates.append(gate)
                return self.isStopping
            }
            if isStopping { return false }
            gate.wait()
            return write(then, to: socket, closing: closing)
        }
    }
}
