internal import Formats

/// Which front sent an event, and so how it wants its reply.
///
/// Source: Amazon API Gateway Developer Guide, "Set up Lambda proxy integrations" and "Create AWS
/// Lambda proxy integrations for HTTP APIs"; Elastic Load Balancing, "Use Lambda functions as
/// targets".
package enum GatewayFormat: Sendable, Equatable {
    /// REST API.
    case rest
    /// HTTP API with payload format 1.0.
    case http1
    /// HTTP API with payload format 2.0.
    case http2
    case functionURL
    case loadBalancer(multiValue: Bool)

    /// Tells the fronts apart by members that only one of them sends; nil for any other event.
    ///
    /// The order of the questions matters.
    init?(_ event: JSONValue) {
        let context = event["requestContext"]
        if context?["elb"]?.unlessNull != nil {
            self = .loadBalancer(multiValue: event["multiValueHeaders"]?.unlessNull != nil)
        } else if event["type"]?.equals("TOKEN") == true || event["type"]?.equals("REQUEST") == true
        {
            // An authorizer's event looks like a proxy event but has no body to ingest.
            return nil
        } else if event["version"]?.equals("2.0") == true, let http = context?["http"],
            http.kind == .object
        {
            let domain = context?["domainName"]?.string ?? ""
            self =
                domain.utf8.split(separator: UInt8(ascii: "."))
                    .contains { $0.elementsEqual("lambda-url".utf8) } ? .functionURL : .http2
        } else if event["httpMethod"]?.kind == .string {
            self = event["version"]?.equals("1.0") == true ? .http1 : .rest
        } else {
            return nil
        }
    }

    /// Events of payload format 2.0 have method and path in places of their own.
    var isVersion2: Bool { self == .http2 || self == .functionURL }

    /// HTTP APIs decode the path before they hand it over; decoding it again would change it.
    var pathIsEncoded: Bool {
        switch self {
        case .rest, .functionURL, .loadBalancer: true
        case .http1, .http2: false
        }
    }
}
