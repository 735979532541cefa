import Formats
import LocalServer

/// `GET /_inlet/flow`: how much has gone which way, and the faults that there are.
struct FlowReport: Sendable {
    let recorder: RequestRecorder
    let functions: [Template.Function]
    let queues: QueueBook
    let faults: FaultDesk

    func answer() -> LocalResponse {
        let flow = recorder.state.sync { $0.flow }
        var writer = JSONWriter(reserving: 2048)
        writer.object { writer in
            writer.member("requests", flow.requests)
            writer.member("published", flow.published)
            writer.member("rejected", flow.rejected)
            writer.list("functions", functions) { function, writer in
                writer.object { writer in
                    writer.member("name", function.name)
                    writer.member("handler", function.handler)
                    writer.member("invocations", flow.functions[function.name] ?? 0)
                }
            }
            writer.list("queues", queues.all) { queue, writer in
                let depths = queue.depths
                writer.object { writer in
                    writer.member("queue", queue.queue.name)
                    writer.member("visible", depths.visible)
                    writer.member("inFlight", depths.inFlight)
                    writer.member("done", depths.done)
                }
            }
            faults.write(to: &writer)
        }
        return .fresh(writer)
    }

    /// Switches a fault, and answers with what is then.
    func change(_ request: LocalRequest) -> LocalResponse { faults.change(request) ?? answer() }
}
