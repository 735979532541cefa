package import Formats

/// Why an event is not a request.
package enum GatewayError: Error, Equatable {
    /// Not JSON, or none of the shapes of ``GatewayFormat``.
    case notARequest
    /// One of those shapes, without a method or a path.
    case incomplete
}

/// An HTTP request, whichever front it came through.
package struct Request: Sendable {
    package let format: GatewayFormat
    /// Upper case.
    package let method: String
    /// The path's segments, decoded, without stage, base path or empty ones.
    package let path: [String]
    package let headers: RequestHeaders
    /// The body as it was sent, Base64 decoded; empty if it cannot be read.
    package let body: [UInt8]
    /// False if the body is no string, or not the Base64 that `isBase64Encoded` says it is.
    package let isBodyReadable: Bool
    /// The client's address as the front saw it, without a port; nil if that is no address.
    package let sourceIP: String?
    /// The front's id of the request.
    package let requestID: String?
    private let event: JSONValue

    package init(event bytes: [UInt8]) throws(GatewayError) {
        guard let event = FrontEvent.root(of: bytes), let format = GatewayFormat(event) else {
            throw .notARequest
        }
        guard let target = RequestTarget(event, format) else { throw .incomplete }
        self.event = event
        self.format = format
        method = target.method
        path = target.segments
        headers = RequestHeaders(event)
        let context = event["requestContext"]
        requestID = context?["requestId"]?.string
        let source: String? =
            switch format {
            case .rest, .http1: context?["identity"]?["sourceIp"]?.string
            case .http2, .functionURL: context?["http"]?["sourceIp"]?.string
            case .loadBalancer:
                // The balancer appends the address it saw; anything before it is what the client
                // claims.
                headers["x-forwarded-for"]?.split(separator: ",", omittingEmptySubsequences: false)
                    .last.map(String.init)
            }
        sourceIP = source.flatMap { SourceAddress.address(in: $0) }
        let body = Self.body(of: event)
        self.body = body ?? []
        isBodyReadable = body != nil
    }

    /// Other ways to read the path, to be tried if ``path`` has no route: fronts do not always say
    /// what they have put before it.
    package var otherPaths: [[String]] { RequestTarget.others(of: event, format) }

    /// What the custom authorizer said about the caller; nil if none ran.
    package var authorizer: JSONValue? {
        let authorizer = event["requestContext"]?["authorizer"]?.unlessNull
        return switch format {
        case .rest, .http1: authorizer
        case .http2: authorizer?["lambda"]?.unlessNull
        case .functionURL, .loadBalancer: nil
        }
    }

    /// The query's pairs, decoded, in order.
    package var query: [NamedValue] {
        if let raw = event["rawQueryString"]?.utf8 {
            return PercentEncoding.pairs(raw).map { NamedValue($0) }
        }
        // A load balancer passes names and values as they were sent.
        func text(_ value: JSONValue) -> String {
            let text = value.string ?? ""
            guard case .loadBalancer = format else { return text }
            return String(
                decoding: PercentEncoding.decode(text.utf8.span, plusIsSpace: true), as: UTF8.self)
        }
        if let map = event["multiValueQueryStringParameters"]?.unlessNull {
            return map.members.flatMap { member in
                member.value.elements.map { NamedValue(text(member.name), text($0)) }
            }
        }
        return event["queryStringParameters"]?.members.map {
            NamedValue(text($0.name), text($0.value))
        } ?? []
    }

    /// Nil if the body is no string, or not the Base64 that the event says it is.
    private static func body(of event: JSONValue) -> [UInt8]? {
        guard let body = event["body"]?.unlessNull else { return [] }
        guard body.kind == .string else { return nil }
        guard event["isBase64Encoded"]?.bool == true else { return body.utf8 ?? [] }
        return if let plain = body.plainContent {
            Base64.decode(plain)
        } else {
            Base64.decode(body.utf8 ?? [])
        }
    }
}
