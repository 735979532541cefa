import Formats
import LocalServer

/// `GET /_inlet/flow`: how much has gone which way, and the faults that can be switched on.
struct FlowReport: Sendable {
    let recorder: RequestRecorder
    let functions: [Template.Function]
    let queues: [MessageQueue]
    /// Nil if messages go to another SNS.
    let faults: SNSFaults?

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
            writer.list("queues", queues) { queue, writer in
                let depths = queue.depths
                writer.object { writer in
                    writer.member("queue", queue.queue.name)
                    writer.member("visible", depths.visible)
                    writer.member("inFlight", depths.inFlight)
                    writer.member("done", depths.done)
                }
            }
            writer.member("fault", faults?.current?.rawValue)
            writer.list("faults", faults == nil ? [] : SNSFault.allCases) {
                $1.string($0.rawValue)
            }
        }
        return .fresh(writer)
    }

    /// Switches the fault on that the body names as `fault`; null switches it off.
    func change(_ request: LocalRequest) -> LocalResponse {
        let value = (try? JSONText(request.body))?.root["fault"]
        let fault = value?.string.flatMap { SNSFault(rawValue: $0) }
        guard let faults, let value, fault != nil || value.isNull else {
            return .error(400, "no_such_fault", "There is no such fault to switch on here.")
        }
        faults.current = fault
        return answer()
    }
}
