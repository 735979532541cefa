package import Formats
import Synchronization

/// A Segment API on a socket that takes batches by Segment's limits, and can fail in its ways.
package final class SegmentStandIn: Sendable {
    package static let writeKey = "wk_segment"

    /// One item of a batch that was taken.
    package struct Item: Sendable {
        /// As it came.
        package let text: String
        package let messageID: String

        package var json: JSONValue? { (try? JSONText(Array(text.utf8)))?.root }
    }

    /// One batch as it came.
    package struct Call: Sendable {
        /// Counted from 1.
        package let number: Int
        package let items: [Item]
        package let request: SocketServer.Request
        /// What Segment has against it: 401, or 400; nil for nothing.
        package let refusal: Int?
    }

    /// What becomes of a batch; nil is what Segment would answer.
    package typealias Fault = @Sendable (SegmentStandIn, Call) -> SocketServer.Reply?

    package let server: SocketServer
    package var url: String { server.url }
    package var calls: [Call] { state.withLock { $0.calls } }
    /// What was taken, in the order it came; repeats of a `messageId` are left out.
    package var received: [Item] { state.withLock { $0.received } }
    /// The `messageId`s of items that came again after they had been taken.
    package var repeats: [String] { state.withLock { $0.repeats } }
    private let state: Mutex<State>

    private struct State {
        var calls: [Call] = []
        var received: [Item] = []
        var repeats: [String] = []
        /// The `messageId`s of what was taken.
        var known: Set<String> = []
    }

    package init(
        watch: SecretWatch = .shared, fault: @escaping Fault = { _, _ in nil }
    ) throws {
        watch.keep(Self.writeKey)
        let box = WeakBox<SegmentStandIn>()
        state = Mutex(State())
        server = try SocketServer { request in
            guard let standIn = box.value else { return .close }
            watch.look(in: request.body, of: "a batch for Segment")
            let call = standIn.record(request)
            return fault(standIn, call) ?? standIn.accept(call)
        }
        box.value = self
    }

    package func stop() { server.stop() }

    /// Takes a batch that nothing is wrong with, and makes the reply.
    package func accept(_ call: Call) -> SocketServer.Reply {
        if let refusal = call.refusal { return Self.reply(refusal) }
        state.withLock { state in
            for item in call.items {
                if state.known.insert(item.messageID).inserted {
                    state.received.append(item)
                } else {
                    state.repeats.append(item.messageID)
                }
            }
        }
        return Self.reply(200)
    }

    package static func reply(
        _ status: Int, _ headers: [(String, String)] = []
    ) -> SocketServer.Reply {
        .text(
            status, status == 200 ? #"{"success":true}"# : "",
            [("Content-Type", "application/json")] + headers)
    }

    private func record(_ request: SocketServer.Request) -> Call {
        let batch = (try? JSONText(request.body))?.root["batch"]
        let items = (batch.map { Array($0.elements) } ?? []).map { item in
            Item(
                text: String(decoding: item.raw, as: UTF8.self),
                messageID: item["messageId"]?.string ?? "")
        }
        var refusal: Int?
        let key = String(decoding: Base64.encode(Array("\(Self.writeKey):".utf8)), as: UTF8.self)
        if request["authorization"] != "Basic \(key)" {
            refusal = 401
        } else if request.method != "POST" || request.target != "/v1/batch"
            || request["content-type"] != "application/json" || request.body.count > 500_000
            || items.isEmpty || items.count > 2500
            || items.contains(where: { $0.text.utf8.count > 32_768 || $0.messageID.isEmpty })
        {
            refusal = 400
        }
        return state.withLock { state in
            let call = Call(
                number: state.calls.count + 1, items: items, request: request, refusal: refusal)
            state.calls.append(call)
            return call
        }
    }
}
