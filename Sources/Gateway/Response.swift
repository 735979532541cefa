package import Formats

/// A reply, before it takes the shape that its front wants.
package struct Response: Sendable {
    package enum Body: Sendable {
        case text([UInt8])
        case binary([UInt8])
    }

    package let status: Int
    package let headers: [HTTPField]
    package let body: Body

    package init(status: Int, headers: [HTTPField] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The reply to HEAD: what GET would be told, but for the body.
    package var withoutBody: Response {
        Response(status: status, headers: headers, body: .text([]))
    }

    /// The reply with the id by which its request is found again, in `X-Request-Id`.
    package func headed(by requestID: String) -> Response {
        Response(
            status: status, headers: headers + [HTTPField("X-Request-Id", requestID)], body: body)
    }

    /// The reply with that id in its header, and as the last member of its JSON object if it has one.
    package func naming(requestID: String) -> Response {
        let reply = headed(by: requestID)
        guard isJSON, case .text(var text) = body, text.popLast() == UInt8(ascii: "}") else {
            return reply
        }
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text += "\"requestId\":".utf8
        JSONString.append(requestID.utf8.span, to: &text)
        text.append(UInt8(ascii: "}"))
        return Response(status: status, headers: reply.headers, body: .text(text))
    }

    private var isJSON: Bool { headers.contains { $0.value == Self.jsonType } }

    private static let jsonType = "application/json"

    /// A reply with a JSON body.
    package static func json(
        _ status: Int, _ body: [UInt8], headers: [HTTPField] = []
    ) -> Response {
        let type = HTTPField("Content-Type", jsonType)
        return Response(status: status, headers: [type] + headers, body: .text(body))
    }

    /// The JSON that Lambda hands to the front.
    ///
    /// REST APIs refuse members they do not know, so each format gets only its own.
    package func encoded(for format: GatewayFormat) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("statusCode", status)
            switch format {
            case .rest, .http1, .http2, .functionURL:
                Self.write(headers, asLists: false, to: &object)
            case .loadBalancer(let multiValue):
                object.member("statusDescription", "\(status) \(Self.reason(status))")
                Self.write(headers, asLists: multiValue, to: &object)
            }
            switch body {
            case .text(let text):
                object.name("body")
                object.string(utf8: text.span)
                object.member("isBase64Encoded", false)
            case .binary(let bytes):
                object.name("body")
                let encoded = Base64.encode(bytes)
                object.string(utf8: encoded.span)
                object.member("isBase64Encoded", true)
            }
        }
        return writer.bytes
    }

    private static func write(
        _ headers: [HTTPField], asLists: Bool, to object: inout JSONWriter
    ) {
        object.name(asLists ? "multiValueHeaders" : "headers")
        object.object { map in
            for field in headers {
                map.name(field.name)
                if asLists {
                    map.array { $0.string(field.value) }
                } else {
                    map.string(field.value)
                }
            }
        }
    }

    /// Source: RFC 9110, section 15.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: status < 500 ? "Error" : "Internal Server Error"
        }
    }
}
