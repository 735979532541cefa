import Formats
import LocalServer

/// Answers everything on the API's port: the API's routes, Lambda's Invoke, and what was published.
struct RequestDesk: Sendable {
    let front: APIFront
    let lambda: InvokeAPI
    /// Nil if messages go to another SNS.
    let aws: AWSDesk?
    let store: MessageStore
    let queues: QueueReport
    let recorder: RequestRecorder
    let inspector: InspectorDesk
    /// The services that functions behind the routes need and that are missing here.
    let missing: [MissingService]

    /// Answers a request; one that is too large comes without its body.
    func answer(_ request: LocalRequest, isTooLarge: Bool = false) -> LocalResponse {
        if let refusal = LocalAccess(request: request).refusal(isPublic: isPublic(request)) {
            return refusal
        }
        guard !isTooLarge else {
            guard !lambda.takes(request) else { return InvokeAPI.tooLarge }
            guard !AWSDesk.takes(request) else { return LocalResponse(status: 413) }
            return record(request) { front.refuseTooLarge(id: $0) }
        }
        if AWSDesk.takes(request) { return aws?.answer(request) ?? Self.elsewhere }
        switch (request.method, request.path) {
        case ("GET", "/_inlet/messages"): return messages(request)
        case ("GET", "/_inlet/queues"): return queues.answer(request)
        case ("POST", "/_inlet/send"): return send(request)
        default:
            return inspector.answer(request) ?? lambda.answer(request) ?? call(request)
        }
    }

    private static let elsewhere = LocalResponse.error(
        404, "no_aws_here", "With --sns the topics and queues are at that address.")

    /// Answers a request to the API.
    func call(_ request: LocalRequest) -> LocalResponse {
        record(request) { explain(front.answer(request, id: $0)) }
    }

    /// Sends what the live page asks for, and answers with the new request's id and status.
    private func send(_ asked: LocalRequest) -> LocalResponse {
        do throws(ResendError) {
            let request = try ResendOrder(asked, recorder, inspector.samples).request
            let id = RandomText.uuid()
            let reply = record(request, id: id) { explain(front.answer(request, id: $0)) }
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("id", id)
                writer.member("status", reply.status)
            }
            return .fresh(writer)
        } catch {
            return error.response
        }
    }

    /// Answers a request to the API by its id, and records it.
    private func record(
        _ request: LocalRequest, id: String = RandomText.uuid(),
        _ answer: (String) -> LocalResponse
    ) -> LocalResponse {
        recorder.begin(request, id: id, route: front.route(of: request))
        let reply = answer(id)
        recorder.finish(id, reply)
        if let record = recorder.record(id) { inspector.samples.tokens.learn(from: record) }
        return reply
    }

    /// True for the API's own routes; those that read messages or invoke functions are for
    /// programs.
    private func isPublic(_ request: LocalRequest) -> Bool {
        !lambda.takes(request) && !request.path.drop { $0 == "/" }.hasPrefix("_")
    }

    private func messages(_ request: LocalRequest) -> LocalResponse {
        let topic = PercentEncoding.pairs(Array((request.query ?? "").utf8))
            .first { $0.name == Array("topic".utf8) }
            .map { String(decoding: $0.value, as: UTF8.self) }
        return LocalResponse(
            headers: [HTTPField("Content-Type", "application/x-ndjson")],
            body: store.lines(topic: topic))
    }

    /// A 503 asks the sender to come again.
    ///
    /// If that would be of no use, the reason replaces it.
    private func explain(_ reply: LocalResponse) -> LocalResponse {
        guard reply.status == 503, let first = missing.first else { return reply }
        for one in missing { Log.line("emulator: \(one.advice)") }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("code", "not_in_the_emulator")
            writer.member("message", first.advice)
        }
        var answer = LocalResponse.json(503, writer.text)
        answer.headers += reply.headers.filter { field in
            field.isNamed("X-Request-Id") || field.isNamed("x-amzn-RequestId")
        }
        return answer
    }
}
