/// Takes server-sent events out of bytes that come in pieces.
///
/// Source: WHATWG HTML, "Server-sent events". Line breaks are LF, or CR and LF.
struct EventStream {
    struct Event: Equatable {
        var name = "message"
        var data: [UInt8] = []
    }

    /// Bytes of one event; more are an error of the server.
    private static let maximumEvent = 1 << 20

    /// The id of the last event that has come, for whoever connects again.
    private(set) var lastID: String?
    private var line: [UInt8] = []
    private var event = Event()
    private var hasData = false

    /// Begins anew after a connection was lost: what was under way is given up.
    mutating func restart() {
        line = []
        event = Event()
        hasData = false
    }

    /// The events that are complete with these bytes; nil if one is too long.
    mutating func events(in bytes: [UInt8]) -> [Event]? {
        var events: [Event] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count + event.data.count <= Self.maximumEvent else { return nil }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if line.isEmpty {
                if hasData { events.append(event) }
                event = Event()
                hasData = false
            } else {
                take(line)
            }
            line = []
        }
        return events
    }

    private mutating func take(_ line: [UInt8]) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": event.name = String(decoding: value, as: UTF8.self)
        case "id": lastID = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { event.data.append(UInt8(ascii: "\n")) }
            event.data += value
            hasData = true
        // A comment, or `retry`.
        default: return
        }
    }
}
