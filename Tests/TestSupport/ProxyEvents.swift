import Formats

/// Events as API Gateway and load balancers send them, made for one request each.
package struct ProxyEvent: Sendable {
    package var method = "POST"
    /// Encoded, without stage.
    package var path: String
    package var query: [(name: String, value: String)] = []
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8]?
    package var isBase64 = false
    package var sourceIP = "203.0.113.9"
    /// Members of `requestContext.authorizer`, all text.
    package var authorizer: [(name: String, value: String)]?

    package init(_ path: String, body: [UInt8]? = nil) {
        self.path = path
        self.body = body
    }

    package init(_ path: String, _ body: String, headers: [(name: String, value: String)] = []) {
        self.path = path
        self.body = Array(body.utf8)
        self.headers = headers
    }

    /// A REST API's event.
    package var rest: [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.member("resource", "/{proxy+}")
            event.member("path", path)
            event.member("httpMethod", method)
            event.name("headers")
            write(headers, to: &event)
            event.name("multiValueHeaders")
            event.object { map in
                for name in Set(headers.map(\.name)).sorted() {
                    map.name(name)
                    map.array { values in
                        for header in headers where header.name == name {
                            values.string(header.value)
                        }
                    }
                }
            }
            event.name("multiValueQueryStringParameters")
            event.object { map in
                for (name, value) in query {
                    map.name(name)
                    map.array { $0.string(value) }
                }
            }
            event.name("pathParameters")
            event.object { $0.member("proxy", String(path.drop { $0 == "/" })) }
            event.name("requestContext")
            event.object { context in
                context.member("stage", "prod")
                context.member("requestId", "gateway-request-1")
                context.name("identity")
                context.object { $0.member("sourceIp", sourceIP) }
                if let authorizer {
                    context.name("authorizer")
                    write(authorizer, to: &context)
                }
            }
            writeBody(to: &event)
        }
        return writer.bytes
    }

    /// An HTTP API's event in payload format 2.0, or a function URL's.
    package func version2(domain: String = "x.execute-api.eu-west-1.amazonaws.com") -> [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.member("version", "2.0")
            event.member("routeKey", "$default")
            event.member("rawPath", path)
            var raw: [UInt8] = []
            for (name, value) in query {
                if !raw.isEmpty { raw.append(UInt8(ascii: "&")) }
                PercentEncoding.append(name.utf8.span, to: &raw)
                raw.append(UInt8(ascii: "="))
                PercentEncoding.append(value.utf8.span, to: &raw)
            }
            event.member("rawQueryString", String(decoding: raw, as: UTF8.self))
            event.name("headers")
            write(headers.map { ($0.name.lowercased(), $0.value) }, to: &event)
            event.name("requestContext")
            event.object { context in
                context.member("stage", "$default")
                context.member("domainName", domain)
                context.member("requestId", "gateway-request-2")
                context.name("http")
                context.object { http in
                    http.member("method", method)
                    http.member("path", path)
                    http.member("sourceIp", sourceIP)
                }
                if let authorizer {
                    context.name("authorizer")
                    context.object { outer in
                        outer.name("lambda")
                        write(authorizer, to: &outer)
                    }
                }
            }
            writeBody(to: &event)
        }
        return writer.bytes
    }

    /// A load balancer's event, a value per header.
    package var balancer: [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.name("requestContext")
            event.object { context in
                context.name("elb")
                context.object { $0.member("targetGroupArn", "arn") }
            }
            event.member("httpMethod", method)
            event.member("path", path)
            event.name("headers")
            write(headers + [("x-forwarded-for", sourceIP)], to: &event)
            event.name("queryStringParameters")
            write(query.map { ($0.name, PercentEncoding.encode($0.value)) }, to: &event)
            writeBody(to: &event)
        }
        return writer.bytes
    }

    private func write(_ map: [(name: String, value: String)], to writer: inout JSONWriter) {
        writer.object { object in
            for (name, value) in map { object.member(name, value) }
        }
    }

    private func writeBody(to event: inout JSONWriter) {
        event.name("body")
        if let body {
            let text = isBase64 ? Base64.encode(body) : body
            event.string(utf8: text.span)
        } else {
            event.null()
        }
        event.member("isBase64Encoded", isBase64)
    }
}
