import Foundation
import Synchronization

/// A Runtime API on a socket: it hands out events in order and keeps what is posted.
package final class FakeLambda: Sendable {
    package struct Event: Sendable {
        package var body: [UInt8]
        package var headers: [(String, String)]

        /// An event with the headers that Lambda always sends.
        package init(
            _ body: [UInt8], id: String = "id-1", deadline: Int64 = 4_102_444_800_000,
            headers: [(String, String)] = []
        ) {
            self.body = body
            self.headers =
                [
                    ("Lambda-Runtime-Aws-Request-Id", id),
                    ("Lambda-Runtime-Deadline-Ms", String(deadline)),
                    ("Content-Type", "application/json"),
                ] + headers
        }

        package init(_ text: String, id: String = "id-1") { self.init(Array(text.utf8), id: id) }
    }

    /// What becomes of one call; nil is the usual answer.
    package typealias Fault = @Sendable (SocketServer.Request) -> SocketServer.Reply?

    package let server: SocketServer
    package var authority: String { "127.0.0.1:\(server.port)" }
    private let queue: EventQueue

    /// With `endsWhenEmpty` the call after the last event is refused, which ends a runtime's loop;
    /// otherwise it waits for ``submit(_:)`` or ``finish()``.
    package init(
        _ events: [Event] = [], endsWhenEmpty: Bool = true, watch: SecretWatch = .shared,
        fault: @escaping Fault = { _ in nil }
    ) throws {
        let queue = EventQueue(events, isFinished: endsWhenEmpty)
        self.queue = queue
        server = try SocketServer { request in
            if request.method == "POST" { watch.look(in: request.body, of: "an answer to Lambda") }
            if let reply = fault(request) { return reply }
            if request.target.hasSuffix("/extension/register") {
                return .text(200, "{}", [("Lambda-Extension-Identifier", "extension-1")])
            }
            // An extension without events waits for ever.
            if request.target.hasSuffix("/extension/event/next") {
                return .hold(SocketServer.Gate(), then: .close)
            }
            guard request.method == "GET" else { return .text(202, #"{"status":"OK"}"#) }
            guard let event = queue.next() else { return .text(403, "{}") }
            return .response(status: 200, headers: event.headers, body: event.body)
        }
    }

    deinit { stop() }

    package func submit(_ event: Event) { queue.append(event) }

    /// Refuses every further call for an event, waiting ones too.
    package func finish() { queue.finish() }

    package func stop() {
        queue.finish()
        server.stop()
    }

    /// How often an event was asked for.
    package var calls: Int {
        server.requests.count { $0.target.hasSuffix("/invocation/next") }
    }

    /// What was posted about events and the start, in order.
    package var posts: [SocketServer.Request] {
        server.requests.filter { $0.method == "POST" && $0.target.contains("/runtime/") }
    }

    /// What was posted, once there is that much; less when a minute was not enough.
    package func posts(atLeast count: Int) -> [SocketServer.Request] {
        for total in count..<(count + 1000) where posts.count < count {
            guard server.requests(atLeast: total).count >= total else { break }
        }
        return posts
    }
}

/// Events on their way to a runtime that may be waiting for them.
private final class EventQueue: Sendable {
    private let condition = NSCondition()
    private let state: Mutex<(events: [FakeLambda.Event], isFinished: Bool)>

    init(_ events: [FakeLambda.Event], isFinished: Bool) {
        state = Mutex((events, isFinished))
    }

    func append(_ event: FakeLambda.Event) {
        condition.lock()
        state.withLock { $0.events.append(event) }
        condition.broadcast()
        condition.unlock()
    }

    func finish() {
        condition.lock()
        state.withLock { $0.isFinished = true }
        condition.broadcast()
        condition.unlock()
    }

    func next() -> FakeLambda.Event? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (event, isFinished) = state.withLock { state in
                (state.events.isEmpty ? nil : state.events.removeFirst(), state.isFinished)
            }
            if event != nil || isFinished { return event }
            condition.wait()
        }
    }
}
