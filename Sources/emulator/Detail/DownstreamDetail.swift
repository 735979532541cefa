import Formats

/// What became of a published message at the queues that subscribe, up to now.
struct DownstreamDetail {
    let message: RecordedMessage
    /// Of the request that it belongs to.
    let lines: [FunctionLine]
    let sources: DetailSources

    func write(to writer: inout JSONWriter) {
        writer.list("queues", message.handovers) { handover, writer in
            writer.object { writer in
                writer.member("queue", handover.queue)
                writer.member("fate", handover.fate.word)
                writePolicy(of: handover, to: &writer)
                writePlace(in: handover, to: &writer)
                let own = message.results.filter { $0.queue == handover.queue }
                writer.list("results", own) { write($0, to: &$1) }
            }
        }
    }

    /// Writes the filter policy and, if it kept the message out, by which key and value.
    private func writePolicy(of handover: QueueDelivery.Handover, to writer: inout JSONWriter) {
        writer.member("policy", handover.policy)
        guard case .filtered(let key) = handover.fate else { return }
        writer.member("filteredBy", key)
        let policy = handover.policy.flatMap { try? JSONText(Array($0.utf8)) }
        writer.member(
            "wanted", policy?.root[key].map { String(decoding: $0.raw, as: UTF8.self) })
        writer.member("found", message.attributes.first { $0.name == key }?.value)
    }

    /// Writes where the message is now, if the queue took it.
    private func writePlace(in handover: QueueDelivery.Handover, to writer: inout JSONWriter) {
        guard case .taken = handover.fate else { return }
        let now = ContinuousClock.now
        for queue in sources.queues?.all ?? [] {
            let isOwn = queue.queue.name == handover.queue
            let found = queue.messages.first { held in
                held.origin == message.id
                    && (isOwn || held.source?.hasSuffix(":\(handover.queue)") == true)
            }
            guard let found else { continue }
            writer.member(
                "place", !isOwn ? "dead_letters" : found.isHidden(at: now) ? "hidden" : "waiting")
            if !isOwn { writer.member("deadLetterQueue", queue.queue.name) }
            return writer.member("receives", found.receives)
        }
        writer.member("place", "gone")
    }

    /// Writes what a function made of the message, in the words of its line of the log.
    private func write(_ result: RecordedResult, to writer: inout JSONWriter) {
        let handler = sources.functions.first { $0.name == result.function }?.handler
        let line = lines.lazy.filter { $0.invocation?.requestID == result.invocation }
            .compactMap { RequestLine($0.text) }
            .first { ["relay", "load"].contains($0.message) }
        writer.object { writer in
            writer.member("function", result.function)
            writer.member("handler", handler)
            writer.member("isDone", result.isDone)
            writer.member("lambdaRequestId", result.invocation)
            writer.member("reason", line?["reason"])
            writer.member("code", line?["code"])
            // They are of the whole batch.
            writer.name("counts")
            writer.object { writer in
                for field in line?.fields ?? [] where Int(field.value) != nil {
                    writer.member(field.name, Int(field.value))
                }
            }
            guard result.isDone, handler == "loader" else { return }
            writer.list("rows", WarehouseRows(of: message, record: result.record).rows) {
                $0.write(to: &$1)
            }
        }
    }
}

/// What a detail is made of beside the request.
struct DetailSources: Sendable {
    var functions: [Template.Function] = []
    /// Nil if there are none.
    var queues: QueueBook?
    /// Nil if the functions have no registry.
    var partners: KnownPartners?
}
