import Glibc

/// The few calls of the socket API that the server needs.
enum Socket {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    /// Listens on a free port of 127.0.0.1.
    static func listen() throws -> (socket: Int32, port: UInt16) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(socket, address, length) == 0 else { return Int32(-1) }
                guard Glibc.listen(socket, 128) == 0 else { return -1 }
                return unsafe getsockname(socket, address, &length)
            }
        }
        guard status == 0 else {
            let code = errno
            close(socket)
            throw Failure(call: "listen", code: code)
        }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    /// The next connection; nil when the listener was shut down.
    static func accept(from listener: Int32) -> Int32? {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            if socket >= 0 { return socket }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// Some bytes; none at the end.
    static func receive(from socket: Int32) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe recv(socket, &chunk, chunk.count, 0)
            if count > 0 { return Array(chunk[..<count]) }
            guard count < 0, errno == EINTR else { return [] }
        }
    }

    /// False when the peer is gone.
    static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Makes ``close(_:)`` send a reset.
    static func resetOnClose(_ socket: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    static func shutDown(_ socket: Int32) { _ = Glibc.shutdown(socket, Int32(SHUT_RDWR)) }

    static func close(_ socket: Int32) { _ = Glibc.close(socket) }

    /// Whether a connection to this port of 127.0.0.1 is accepted.
    static func isListening(_ port: UInt16) -> Bool {
        guard let socket = try? connect(to: port) else { return false }
        close(socket)
        return true
    }

    /// A connection to this port of 127.0.0.1.
    static func connect(to port: UInt16) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.connect(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(socket)
            throw Failure(call: "connect", code: code)
        }
        return socket
    }
}
