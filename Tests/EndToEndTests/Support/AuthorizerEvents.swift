import Formats

/// Events as API Gateway sends them to custom authorizers.
enum AuthorizerEvents {
    static let arn = "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/POST/v1/segment"

    static func token(_ authorization: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.member("type", "TOKEN")
            event.member("methodArn", arn)
            event.member("authorizationToken", authorization)
        }
        return writer.bytes
    }

    /// A REST API's; `padding` is a header of that many bytes.
    static func request(_ authorization: String, padding: Int = 0) -> [UInt8] {
        let headers = [
            ("Authorization", authorization),
            ("Host", "abc123.execute-api.us-east-1.amazonaws.com"),
            ("X-Padding", String(repeating: "p", count: padding)),
        ]
        var writer = JSONWriter()
        writer.object { event in
            event.member("type", "REQUEST")
            event.member("methodArn", arn)
            event.member("resource", "/v1/segment")
            event.member("path", "/v1/segment")
            event.member("httpMethod", "POST")
            event.name("headers")
            event.object { map in
                for (name, value) in headers { map.member(name, value) }
            }
            event.name("multiValueHeaders")
            event.object { map in
                for (name, value) in headers {
                    map.name(name)
                    map.array { $0.string(value) }
                }
            }
            for name in ["queryStringParameters", "pathParameters", "stageVariables"] {
                event.name(name)
                event.object { _ in }
            }
            event.name("requestContext")
            event.object { context in
                context.member("stage", "prod")
                context.member("requestId", "gateway-request-1")
                context.name("identity")
                context.object { $0.member("sourceIp", "203.0.113.9") }
            }
        }
        return writer.bytes
    }
}
