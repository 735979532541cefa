import Formats
import LocalServer

/// Answers what the live page asks: the recorded requests, their events, and its actions.
struct InspectorDesk: Sendable {
    let recorder: RequestRecorder
    let flow: FlowReport
    let sources: DetailSources
    let samples: SampleDesk

    /// Nil if the path is not one of these.
    func answer(_ request: LocalRequest) -> LocalResponse? {
        let path = request.path.split(separator: "/").map(String.init)
        guard path.first == "_inlet" else { return nil }
        switch (request.method, path.dropFirst().first, path.count) {
        case ("GET", nil, _): return LivePage.response
        case ("GET", "flow", 2): return flow.answer()
        case ("PUT", "faults", 2): return flow.change(request)
        case ("GET", "requests", 2): return list(request)
        case ("DELETE", "requests", 2):
            recorder.clear()
            return LocalResponse(status: 204)
        case ("GET", "partners", 2): return samples.list()
        case ("POST", "sample", 2): return samples.sample(request)
        case ("GET", "requests", 3): return detail(path[2])
        case ("GET", "events", 2): return RequestEvents(recorder: recorder).answer(request)
        default: return nil
        }
    }

    private func list(_ request: LocalRequest) -> LocalResponse {
        let records = recorder.records(RequestFilter(query: request.query))
        var writer = JSONWriter(reserving: 512 * records.count)
        writer.array { writer in
            for record in records { record.writeSummary(to: &writer) }
        }
        return .fresh(writer)
    }

    private func detail(_ id: String) -> LocalResponse {
        guard let record = recorder.record(id) else { return .noSuchRequest }
        var writer = JSONWriter(reserving: 4096 + 2 * record.weight)
        RequestDetail(record, sources).write(to: &writer)
        return .fresh(writer)
    }
}

extension LocalResponse {
    /// An error of the emulator's own routes.
    static func error(_ status: Int, _ code: String, _ message: String) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", message)
        }
        return .json(status, writer.text)
    }

    /// JSON that is true now and not for long.
    static func fresh(_ writer: JSONWriter) -> LocalResponse {
        LocalResponse(
            headers: [
                HTTPField("Content-Type", "application/json"),
                HTTPField("Cache-Control", "no-store"),
            ], body: writer.bytes)
    }

    static let noSuchRequest = error(
        404, "no_such_request", "No request of that id is among the last that are kept.")
}
