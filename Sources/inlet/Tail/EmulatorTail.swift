import Formats
import Platform
import Transport

/// Follows an emulator by its server-sent events.
struct EmulatorTail {
    /// The emulator writes something every two seconds; after so many of silence it is lost.
    private static let silence = Duration.seconds(20)
    /// How soon a signal is noticed.
    private static let pause = Duration.milliseconds(200)
    private static let patience = Duration.seconds(10)
    /// Bytes of a request with all its messages.
    private static let maximumDetail = 64 << 20

    /// Without a slash at its end.
    let url: String
    let session: Session
    let printer: TailPrinter
    let end: TailEnd

    private enum Outcome {
        case finished
        case lost(TransportError)
    }

    /// Shows what comes until the end, and goes on after a lost connection.
    ///
    /// - Throws: an error if the emulator cannot be reached the first time.
    func run() throws(InletError) {
        var events = EventStream()
        var losses = 0
        while !end.isAsked {
            var hasBegun = false
            switch follow(&events, &hasBegun) {
            case .finished: return
            case .lost(let error):
                guard hasBegun || losses > 0 else { throw .emulator(url, error) }
                if hasBegun {
                    losses = 0
                    session.console.note("The connection to the emulator is lost. Trying again.")
                }
                losses += 1
                events.restart()
                guard !end.waits(for: Backoff.wait(after: losses, session.system)) else { return }
            }
        }
    }

    private func follow(_ events: inout EventStream, _ hasBegun: inout Bool) -> Outcome {
        do throws(TransportError) {
            let last = events.lastID.map { [HTTPField("Last-Event-ID", $0)] } ?? []
            let stream = try HTTPStream(
                HTTPRequest(method: "GET", url: "\(url)/_inlet/events", headers: last),
                proxy: .never)
            let connection = try HTTPConnection(proxy: .never)
            var heard = Instant.now
            while !end.isAsked {
                guard let bytes = try stream.read(until: .now + Self.pause) else {
                    return .lost(.connectionLost(responseBegan: true))
                }
                guard !bytes.isEmpty else {
                    guard Instant.now - heard < Self.silence else { return .lost(.timedOut) }
                    continue
                }
                heard = .now
                guard stream.status == 200, let new = events.events(in: bytes) else {
                    return .lost(.notHTTP)
                }
                if !hasBegun {
                    hasBegun = true
                    session.console.note("Following \(url); Ctrl-C ends it.")
                }
                for event in new where event.name == "request" {
                    guard try show(event, over: connection) else { return .finished }
                }
            }
            return .finished
        } catch {
            return .lost(error)
        }
    }

    /// Shows what a request has become; false when it is to end.
    private func show(
        _ event: EventStream.Event, over connection: borrowing HTTPConnection
    ) throws(TransportError) -> Bool {
        guard let id = (try? JSONText(event.data))?.root["id"]?.string else { return true }
        let reply = try connection.send(
            HTTPRequest(
                method: "GET", url: "\(url)/_inlet/requests/\(PercentEncoding.encode(id))"),
            timeout: Self.patience, maximumBody: Self.maximumDetail)
        // Of an older emulator's 500 requests this one may be given up already.
        guard reply.status == 200, let root = (try? JSONText(reply.body))?.root else { return true }
        for list in ["published", "rejects"] {
            for message in root[list].map({ Array($0.elements) }) ?? [] {
                guard let item = Self.item(message) else { continue }
                guard printer.show(item) else { return false }
            }
        }
        return true
    }

    private static func item(_ message: JSONValue) -> TailItem? {
        guard let text = message["message"]?.utf8 else { return nil }
        var attributes: [String: String] = [:]
        for member in message["attributes"].map({ Array($0.members) }) ?? [] {
            attributes[member.name.string ?? ""] = member.value.string
        }
        return TailItem(text, attributes: attributes)
    }
}

/// How long to wait before a lost connection is tried again.
enum Backoff {
    /// A random part of 1, 2, 4 … 20 seconds, and a fifth of a second at least.
    static func wait(after losses: Int, _ system: System) -> Duration {
        max(.milliseconds(200), RetryPolicy.backOff(after: losses, random: system.random()))
    }
}
