import Formats
import LocalServer
import Platform

extension JSONWriter {
    /// Writes a member whose value is null if there is none.
    mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ value: Int?) {
        self.name(name)
        if let value { number(value) } else { null() }
    }

    /// Writes the members of an array under a name.
    mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) {
        self.name(name)
        array { writer in for element in elements { write(element, &writer) } }
    }
}

extension RecordedRequest {
    /// Writes the request at a glance, without its credentials.
    func writeSummary(to writer: inout JSONWriter) {
        writer.object { writeSummaryMembers(to: &$0) }
    }

    private func writeSummaryMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("time", time.rfc3339 ?? "")
        writer.member("method", request.method)
        writer.member("path", mask.hide(request.path))
        writer.member("status", reply?.status)
        writer.member("sender", facts.sender)
        writer.member("partner", facts.partner)
        writer.member("outcome", facts.outcome)
        writer.member("code", facts.code)
        writer.member("accepted", facts.accepted)
        writer.member("rejected", facts.rejected)
        writer.member("milliseconds", duration.map { Int($0.milliseconds) })
        writer.list("messageIds", facts.messageIDs) { $1.string($0) }
    }

    /// Writes all that is known, without its credentials.
    func writeDetail(to writer: inout JSONWriter) {
        writer.object { writer in
            writeSummaryMembers(to: &writer)
            writer.member("isTrimmed", isTrimmed)
            writer.list("lambdaRequestIds", invocations) { $1.string($0) }
            writer.name("request")
            writeRequest(to: &writer)
            writer.name("reply")
            writeReply(to: &writer)
            writer.list("decision", decision) { $0.write(to: &$1) }
            writer.list("published", messages.filter { !$0.isReject }) { $0.write(to: &$1) }
            writer.list("rejects", messages.filter(\.isReject)) { $0.write(to: &$1) }
            writer.list("log", lines) { line, writer in
                writer.object { writer in
                    writer.member("function", line.function)
                    writer.member("line", mask.hide(line.text))
                }
            }
        }
    }

    private func writeRequest(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("method", request.method)
            let query = request.query.map { "?\($0)" } ?? ""
            writer.member("target", mask.hide(request.path + query))
            writer.list("headers", request.headers) { write($0, to: &$1) }
            write(request.body, to: &writer)
        }
    }

    private func writeReply(to writer: inout JSONWriter) {
        guard let reply else { return writer.null() }
        writer.object { writer in
            writer.member("status", reply.status)
            writer.list("headers", reply.headers) { write($0, to: &$1) }
            write(reply.body, to: &writer)
        }
    }

    private func write(_ field: HTTPField, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", field.name)
            writer.member("value", mask.hide(field.value))
        }
    }

    /// A body that is no text, such as gzip, may hold a key that cannot be hidden, and is left out.
    private func write(_ body: [UInt8], to writer: inout JSONWriter) {
        writer.member("bytes", body.count)
        let text = String(validating: body, as: UTF8.self)
        writer.member("body", text.map { mask.hide($0) })
    }
}

extension RecordedMessage {
    /// Writes the message, its attributes, and what became of it at each queue.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("topic", topic)
            writer.member("message", text)
            writer.name("attributes")
            writer.object { writer in
                for attribute in attributes { writer.member(attribute.name, attribute.value) }
            }
            writer.list("queues", handovers) { handover, writer in
                writer.object { writer in
                    writer.member("queue", handover.queue)
                    writer.member("fate", handover.fate.word)
                    if case .filtered(let key) = handover.fate { writer.member("filteredBy", key) }
                    let own = results.filter { $0.queue == handover.queue }
                    writer.list("results", own) { result, writer in
                        writer.object { writer in
                            writer.member("function", result.function)
                            writer.member("isDone", result.isDone)
                        }
                    }
                }
            }
        }
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
