internal import AWS

/// Where sinks are reached: one endpoint for each service and region.
struct SinkEndpoints {
    private var endpoints: [Endpoint] = []

    init(of sinks: [Sink], _ settings: AWSSettings) throws(AWSError) {
        for sink in sinks where !endpoints.contains(where: { Self.isFor(sink, $0) }) {
            endpoints.append(
                try settings.endpoint(of: sink.service.endpoint, region: sink.region))
        }
    }

    /// Where a sink is reached, which must be one that init was given.
    subscript(sink: Sink) -> Endpoint {
        guard let endpoint = endpoints.first(where: { Self.isFor(sink, $0) }) else {
            preconditionFailure("a sink that init was not given")
        }
        return endpoint
    }

    private static func isFor(_ sink: Sink, _ endpoint: Endpoint) -> Bool {
        endpoint.region == sink.region && endpoint.service == sink.service.endpoint
    }
}
