import Formats

/// What stands between a client and the function, and so the event's shape.
package enum Front: String, CaseIterable, Sendable {
    case restAPI, httpAPI1, httpAPI2, functionURL, balancer, multiValueBalancer

    /// The event that the front makes of a request.
    package func event(for request: ProxyEvent) -> [UInt8] {
        switch self {
        case .restAPI: request.rest
        // It has all that a REST API's has, and says which version it is.
        case .httpAPI1: Array(#"{"version":"1.0","#.utf8) + request.rest.dropFirst()
        case .httpAPI2: request.version2()
        case .functionURL: request.version2(domain: "x.lambda-url.eu-west-1.on.aws")
        case .balancer: request.balancer
        case .multiValueBalancer: request.multiValueBalancer
        }
    }
}

extension ProxyEvent {
    /// A load balancer's event where its target group asks for all values of a header.
    fileprivate var multiValueBalancer: [UInt8] {
        var writer = JSONWriter()
        func write(_ map: [(name: String, value: String)], as name: String) {
            writer.name(name)
            writer.object { object in
                for (name, value) in map {
                    object.name(name)
                    object.array { $0.string(value) }
                }
            }
        }
        writer.beginObject()
        writer.name("requestContext")
        writer.object { context in
            context.name("elb")
            context.object { $0.member("targetGroupArn", "arn") }
        }
        writer.member("httpMethod", method)
        writer.member("path", path)
        write(
            headers.map { ($0.name.lowercased(), $0.value) } + [("x-forwarded-for", sourceIP)],
            as: "multiValueHeaders")
        write(
            query.map { ($0.name, PercentEncoding.encode($0.value)) },
            as: "multiValueQueryStringParameters")
        let body = body ?? []
        writer.name("body")
        writer.string(utf8: (isBase64 ? Base64.encode(body) : body).span)
        writer.member("isBase64Encoded", isBase64)
        writer.endObject()
        return writer.bytes
    }
}
