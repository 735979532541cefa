import Formats
import LocalServer

/// All that is known of a request, without its credentials: `/_inlet/requests/{id}`.
struct RequestDetail {
    /// The messages that are compared with what was sent; others are shown as they are.
    private static let maximumCompared = 100

    let record: RecordedRequest
    let sources: DetailSources
    private let shown: ShownBody

    init(_ record: RecordedRequest, _ sources: DetailSources) {
        self.record = record
        self.sources = sources
        shown = ShownBody(record.request.body, record.mask)
    }

    private var mask: CredentialMask { record.mask }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            record.writeSummaryMembers(to: &writer)
            writer.member("isTrimmed", record.isTrimmed)
            writer.list("lambdaRequestIds", record.invocations) { $1.string($0) }
            writer.name("request")
            writeRequest(to: &writer)
            writer.name("reply")
            writeReply(to: &writer)
            let partners = sources.partners?.reading()
            let decision = Decision(record: record, shown: shown, partners: partners)
            writer.list("decision", decision.steps) { $0.write(to: &$1) }
            writer.name("signing")
            if let partners, let role = SigningRole(of: record, partners) {
                role.write(partners, to: &writer)
            } else {
                writer.null()
            }
            writePublished(to: &writer)
            writeRejects(to: &writer)
            writer.list("log", record.lines) { line, writer in
                writer.object { writer in
                    writer.member("function", line.function)
                    writer.member("line", mask.hide(line.text))
                }
            }
        }
    }

    private func writeRequest(to writer: inout JSONWriter) {
        let request = record.request
        writer.object { writer in
            writer.member("method", request.method)
            let query = request.query.map { "?\($0)" } ?? ""
            writer.member("target", mask.hide(request.path + query))
            writer.list("headers", request.headers) { write($0, to: &$1) }
            write(shown, of: request.body.count, to: &writer)
        }
    }

    private func writeReply(to writer: inout JSONWriter) {
        guard let reply = record.reply else { return writer.null() }
        writer.object { writer in
            writer.member("status", reply.status)
            writer.list("headers", reply.headers) { write($0, to: &$1) }
            write(ShownBody(reply.body, mask), of: reply.body.count, to: &writer)
        }
    }

    private func write(_ field: HTTPField, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", field.name)
            writer.member("value", mask.hide(field.value))
        }
    }

    private func write(_ body: ShownBody, of count: Int, to writer: inout JSONWriter) {
        writer.member("bytes", count)
        writer.member("isInflated", body.isInflated)
        writer.member("body", body.text.map { String(decoding: $0, as: UTF8.self) })
    }

    // MARK: - Messages

    private func writePublished(to writer: inout JSONWriter) {
        let calls = SentCalls(try? JSONText(mask.hide(record.request.calls)))
        let rejected = Set(
            record.messages.filter(\.isReject).compactMap { message in
                (try? JSONText(Array(message.text.utf8)))?.root["index"]?.int
            })
        let published = record.messages.filter { !$0.isReject }
        writer.list("published", Array(published.enumerated())) { entry, writer in
            writer.object { writer in
                write(entry.element, to: &writer)
                writer.member("message", entry.element.text)
                guard entry.offset < Self.maximumCompared else { return }
                write(
                    (try? JSONText(Array(entry.element.text.utf8)))?.root, madeOf: calls,
                    rejected: rejected, to: &writer)
            }
        }
    }

    /// Writes the call that a message was made of, as it was sent, and what was changed in it.
    private func write(
        _ message: JSONValue?, madeOf calls: SentCalls?, rejected: Set<Int>,
        to writer: inout JSONWriter
    ) {
        guard let message, let sent = calls?.source(of: message, rejected: rejected) else {
            return writer.member("sent", nil as String?)
        }
        writer.member("sent", String(decoding: sent.raw, as: UTF8.self))
        let changes = MessageChange.changes(
            from: sent, in: calls?.batch, headers: record.request.headers, to: message,
            by: record.facts.sender)
        writer.list("changes", changes) { $0.write(to: &$1) }
    }

    private func writeRejects(to writer: inout JSONWriter) {
        let reply = record.reply.flatMap { try? JSONText($0.body) }?.root
        writer.list("rejects", record.messages.filter(\.isReject)) { message, writer in
            writer.object { writer in
                write(message, to: &writer)
                writer.member("message", message.text)
                RejectDetail(message, reply: reply, mask).writeMembers(to: &writer)
            }
        }
    }

    private func write(_ message: RecordedMessage, to writer: inout JSONWriter) {
        writer.member("id", message.id)
        writer.member("topic", message.topic)
        writer.name("attributes")
        writer.object { writer in
            for attribute in message.attributes { writer.member(attribute.name, attribute.value) }
        }
        DownstreamDetail(message: message, lines: record.lines, sources: sources).write(to: &writer)
    }
}

extension QueueDelivery.Handover.Fate {
    /// For the reader of a report.
    var word: String {
        switch self {
        case .taken: "taken"
        case .filtered: "filtered"
        case .dropped: "dropped"
        }
    }
}
