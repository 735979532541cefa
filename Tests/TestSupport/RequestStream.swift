/// Reads the requests that come by one connection, one after the other.
struct RequestStream {
    let socket: Int32
    let connection: Int
    /// Received and not yet used.
    private var buffer: [UInt8] = []

    init(socket: Int32, connection: Int) {
        self.socket = socket
        self.connection = connection
    }

    /// The next request; nil at the end of the connection, or for what is not HTTP.
    mutating func next() -> SocketServer.Request? {
        guard let first = line() else { return nil }
        let parts = first.split(separator: " ")
        guard parts.count == 3 else { return nil }
        var headers: [(name: String, value: String)] = []
        while let line = line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
            headers.append((line[..<colon].lowercased(), String(value)))
        }
        let value = { (name: String) in headers.last { $0.name == name }?.value.lowercased() }
        if value("expect") == "100-continue" {
            _ = Socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: socket)
        }
        let body: [UInt8]?
        if value("transfer-encoding") == "chunked" {
            body = chunks()
        } else {
            body = take(value("content-length").flatMap { Int($0) } ?? 0)
        }
        guard let body else { return nil }
        return SocketServer.Request(
            method: String(parts[0]), target: String(parts[1]), headers: headers, body: body,
            connection: connection)
    }

    private mutating func chunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let size = line().flatMap({ Int($0.prefix { $0 != ";" }, radix: 16) }) {
            if size == 0 {
                while let trailer = line() {
                    if trailer.isEmpty { return body }
                }
                return nil
            }
            guard let chunk = take(size), line() == "" else { return nil }
            body += chunk
        }
        return nil
    }

    /// Bytes up to a line's end, which is left out.
    private mutating func line() -> String? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                var line = buffer[..<end]
                if line.last == 0x0D { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                buffer.removeFirst(end + 1)
                return text
            }
            searched = buffer.count
            guard fill() else { return nil }
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        while buffer.count < count {
            guard fill() else { return nil }
        }
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(count)
        return bytes
    }

    private mutating func fill() -> Bool {
        let received = Socket.receive(from: socket)
        buffer += received
        return !received.isEmpty
    }
}
