import Formats
import LocalServer
import Platform

/// Keeps the last requests to the API, and learns what becomes of them from what passes through.
///
/// If it is full, the oldest are given up; a long one loses its bodies before.
final class RequestRecorder: Sendable {
    struct State {
        var records: [String: RecordedRequest] = [:]
        /// The ids of ``records``, the oldest first.
        var order: [String] = []
        /// Leads from Lambda's ids and from those of published messages to a request's.
        var aliases: [String: String] = [:]
        var flow = RequestFlow()
        /// What was told of finished requests, the oldest first; the last has the number `told`.
        var events: [[UInt8]] = []
        var told: UInt64 = 0
        var listeners = 0
        var isStopped = false
    }

    let state = Monitor(State())
    let capacity: Int
    private let maximumBytes: Int

    /// Keeps that many requests, with bodies and texts of about `maximumBytes` in all.
    init(capacity: Int = 500, maximumBytes: Int = 64 << 20) {
        self.capacity = capacity
        self.maximumBytes = maximumBytes
    }

    /// Begins with a request; the id is API Gateway's.
    func begin(_ request: LocalRequest, id: String, route: Template.Route?) {
        let record = RecordedRequest(
            id: id, time: System.wallClock(), start: .now, mask: CredentialMask(request),
            route: route, request: request)
        state.sync { state in
            state.flow.requests += 1
            state.records[id] = record
            state.order.append(id)
            while state.order.count > capacity { Self.remove(state.order.removeFirst(), &state) }
            var bytes = 0
            for id in state.order.reversed() {
                bytes += state.records[id]?.weight ?? 0
                if bytes > maximumBytes, state.records[id]?.isTrimmed == false {
                    state.records[id]?.trim()
                }
            }
        }
    }

    /// Takes the reply to a request, and tells whoever listens.
    func finish(_ id: String, _ reply: LocalResponse) {
        // Also a call that was refused is looked for by its id.
        let sent = record(id).flatMap { SentCalls(try? JSONText($0.request.calls)) }?.ids ?? []
        Self.change(state, id) { record, state in
            record.reply = reply
            record.duration = record.start.duration(to: .now)
            record.facts.take(reply)
            record.facts.take(messageIDs: sent)
            var writer = JSONWriter()
            record.writeSummary(to: &writer)
            state.events.append(writer.bytes)
            state.told += 1
            if state.events.count > capacity { state.events.removeFirst() }
        }
    }

    /// Takes the start of a function for a request, or for messages of one.
    func invoked(_ invocation: Invocation, function: String) {
        state.sync { $0.flow.functions[function, default: 0] += 1 }
        // A batch's invocation is about several requests, and has an id of its own.
        guard invocation.origins.count == 1, let origin = invocation.origins.first else { return }
        state.sync { state in
            guard state.records[origin] != nil else { return }
            state.records[origin]?.functions.append(function)
            state.records[origin]?.invocations.append(invocation.requestID)
            state.aliases[invocation.requestID] = origin
        }
    }

    /// Takes a line of a function's log.
    ///
    /// It belongs to the requests that its process worked on, and to the one that it names.
    func wrote(_ line: FunctionLine) {
        let read = RequestLine(line.text)
        let named = (line.invocation?.origins ?? []) + (read?.ids ?? [])
        let ids = state.sync { state in Set(named.compactMap { Self.id(of: $0, state) }) }
        for id in ids {
            Self.change(state, id) { record, _ in
                guard record.lines.count < RecordedRequest.maximumParts else { return }
                record.lines.append(line)
                if let read, read.isOfRequest { record.facts.take(read) }
            }
        }
    }

    /// Takes a message that was published, with its id and what became of it at the queues.
    func published(
        _ message: SNSMessage, id: String, topic: Template.Topic,
        _ handovers: [QueueDelivery.Handover]
    ) {
        let isReject = message.attributes.contains { $0.name == "code" }
        var origin = message.attributes.first { $0.name == "requestId" }?.value
        if origin == nil, isReject {
            origin = (try? JSONText(Array(message.text.utf8)))?.root["requestId"]?.string
        }
        let named = origin
        state.sync { state in
            state.flow.count(isReject: isReject)
            guard let named, let request = Self.id(of: named, state) else { return }
            state.aliases[id] = request
            state.records[request]?.facts.take(message, isReject: isReject)
            guard state.records[request]?.messages.count ?? 0 < RecordedRequest.maximumParts else {
                return
            }
            state.records[request]?.messages.append(
                RecordedMessage(
                    id: id, topic: topic.name, isReject: isReject, text: message.text,
                    attributes: message.attributes, handovers: handovers))
        }
    }

    /// Takes what a function made of a batch of a queue.
    func handled(_ batch: QueuePoller.Handling) {
        for item in batch.items {
            let request = state.sync { Self.id(of: item.origin, $0) }
            guard let request else { continue }
            Self.change(state, request) { record, _ in
                guard let place = record.messages.firstIndex(where: { $0.id == item.origin })
                else { return }
                record.messages[place].add(
                    RecordedResult(
                        function: batch.function, queue: batch.queue,
                        invocation: batch.invocation, record: item.record, isDone: item.isDone))
            }
        }
    }

    /// Forgets all requests.
    func clear() {
        state.sync { state in
            state.records = [:]
            state.order = []
            state.aliases = [:]
            state.flow = RequestFlow()
        }
    }

    /// Ends all streams of events.
    func stop() { state.sync { $0.isStopped = true } }

    // MARK: - Reading

    /// The request of that id, which may be Lambda's or a published message's.
    func record(_ id: String) -> RecordedRequest? {
        state.sync { state in Self.id(of: id, state).flatMap { state.records[$0] } }
    }

    /// The finished requests that a filter takes, the newest first.
    func records(_ filter: RequestFilter) -> [RecordedRequest] {
        let all = state.sync { state in state.order.reversed().compactMap { state.records[$0] } }
        return Array(all.lazy.filter { $0.reply != nil && filter.takes($0) }.prefix(filter.limit))
    }

    // MARK: - State

    private static func id(of name: String, _ state: State) -> String? {
        state.records[name] != nil ? name : state.aliases[name]
    }

    private static func change(
        _ state: Monitor<State>, _ id: String, _ body: (inout RecordedRequest, inout State) -> Void
    ) {
        state.sync { state in
            guard var record = state.records.removeValue(forKey: id) else { return }
            body(&record, &state)
            state.records[id] = record
        }
    }

    private static func remove(_ id: String, _ state: inout State) {
        guard let record = state.records.removeValue(forKey: id) else { return }
        for alias in record.invocations + record.messages.map(\.id) { state.aliases[alias] = nil }
    }
}

/// How much has gone which way since the start.
struct RequestFlow: Sendable {
    var requests = 0
    var published = 0
    var rejected = 0
    /// Invocations by the function's name.
    var functions: [String: Int] = [:]

    mutating func count(isReject: Bool) {
        if isReject { rejected += 1 } else { published += 1 }
    }
}
