import Formats
import LocalServer
import Platform

/// Writes the event of a REST API, format 1.0, for a proxy integration or an authorizer.
///
/// Source: Amazon API Gateway Developer Guide, "Set up Lambda proxy integrations".
struct ProxyEvent {
    let request: APIRequest
    let region: String

    /// The event for the function, with what the authorizer, if there is one, said of the caller.
    func proxy(authorizer: AuthorizerDecision?) -> [UInt8] {
        var writer = JSONWriter(reserving: 4096 + request.request.body.count * 4 / 3)
        writer.object { writer in
            writeCommon(to: &writer, emptyIsNull: true)
            writer.name("requestContext")
            writeContext(to: &writer, authorizer: authorizer)
            let body = request.request.body
            writer.name("body")
            let isBinary = BinaryTypes(request.api).match(request.request.header("Content-Type"))
            if body.isEmpty {
                writer.null()
            } else if isBinary {
                let encoded = Base64.encode(body)
                writer.string(utf8: encoded.span)
            } else {
                writer.string(String(decoding: body, as: UTF8.self))
            }
            writer.member("isBase64Encoded", isBinary && !body.isEmpty)
        }
        return writer.bytes
    }

    /// The event of a REQUEST authorizer: no body, and empty maps in place of null.
    func authorizerRequest() -> [UInt8] {
        var writer = JSONWriter(reserving: 4096)
        writer.object { writer in
            writer.member("type", "REQUEST")
            writer.member("methodArn", request.methodARN(region: region))
            writeCommon(to: &writer, emptyIsNull: false)
            writer.name("requestContext")
            writeContext(to: &writer, authorizer: nil)
        }
        return writer.bytes
    }

    /// The event of a TOKEN authorizer.
    func authorizerToken(_ token: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", "TOKEN")
            writer.member("methodArn", request.methodARN(region: region))
            writer.member("authorizationToken", token)
        }
        return writer.bytes
    }

    private func writeCommon(to writer: inout JSONWriter, emptyIsNull: Bool) {
        writer.member("resource", request.route.path)
        writer.member("path", request.request.path)
        writer.member("httpMethod", request.request.method)
        write(
            request.headers.map { NamedValue($0.name, $0.value) }, "headers", "multiValueHeaders",
            to: &writer, emptyIsNull)
        write(
            request.query, "queryStringParameters", "multiValueQueryStringParameters", to: &writer,
            emptyIsNull)
        writer.name("pathParameters")
        write(request.pathParameters, to: &writer, emptyIsNull)
        writer.name("stageVariables")
        write(request.api.stageVariables, to: &writer, emptyIsNull)
    }

    /// The last value of each name, then all values of each name.
    private func write(
        _ pairs: [NamedValue], _ single: String, _ multi: String,
        to writer: inout JSONWriter, _ emptyIsNull: Bool
    ) {
        var order: [String] = []
        var values: [String: [String]] = [:]
        for pair in pairs {
            if values[pair.name] == nil { order.append(pair.name) }
            values[pair.name, default: []].append(pair.value)
        }
        writer.name(single)
        write(order.map { NamedValue($0, values[$0]?.last ?? "") }, to: &writer, emptyIsNull)
        writer.name(multi)
        guard !order.isEmpty || !emptyIsNull else { return writer.null() }
        writer.object { writer in
            for name in order {
                writer.name(name)
                writer.array { writer in
                    for value in values[name] ?? [] { writer.string(value) }
                }
            }
        }
    }

    private func write(
        _ pairs: [NamedValue], to writer: inout JSONWriter, _ emptyIsNull: Bool
    ) {
        guard !pairs.isEmpty || !emptyIsNull else { return writer.null() }
        writer.object { writer in
            for pair in pairs { writer.member(pair.name, pair.value) }
        }
    }

    private func writeContext(to writer: inout JSONWriter, authorizer: AuthorizerDecision?) {
        let domain = "\(request.apiID).execute-api.\(region).amazonaws.com"
        writer.object { writer in
            writer.member("accountId", TemplateScope.accountID)
            writer.member("apiId", request.apiID)
            writer.member("resourceId", "local0")
            writer.member("resourcePath", request.route.path)
            writer.member("stage", request.api.stage)
            writer.member("domainName", domain)
            writer.member("domainPrefix", request.apiID)
            writer.member("requestId", request.requestID)
            writer.member("extendedRequestId", request.extendedRequestID)
            writer.member("protocol", "HTTP/1.1")
            writer.member("path", "/\(request.api.stage)\(request.request.path)")
            writer.member("httpMethod", request.request.method)
            writer.member("requestTime", request.time.accessLog)
            writer.member("requestTimeEpoch", Int(request.time.milliseconds))
            writer.name("identity")
            writeIdentity(to: &writer)
            guard let authorizer else { return }
            writer.name("authorizer")
            writer.object { writer in
                for entry in authorizer.context { writer.member(entry.name, entry.value) }
                writer.member("principalId", authorizer.principalID)
                writer.member("integrationLatency", authorizer.latency)
            }
        }
    }

    private func writeIdentity(to writer: inout JSONWriter) {
        let absent = [
            "apiKey", "apiKeyId", "accessKey", "accountId", "caller", "user", "userArn",
            "cognitoIdentityId", "cognitoIdentityPoolId", "cognitoAuthenticationType",
            "cognitoAuthenticationProvider", "principalOrgId",
        ]
        writer.object { writer in
            writer.member("sourceIp", request.request.peer)
            writer.name("userAgent")
            if let agent = request.request.header("User-Agent") {
                writer.string(agent)
            } else {
                writer.null()
            }
            for name in absent {
                writer.name(name)
                writer.null()
            }
        }
    }
}

extension Timestamp {
    /// `14/Mar/2026:09:26:53 +0000`.
    var accessLog: String {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let text = Array(basic)
        let month = (Int(String(text[4...5])) ?? 1) - 1
        return "\(String(text[6...7]))/\(months[month])/\(String(text[0...3])):"
            + "\(String(text[9...10])):\(String(text[11...12])):\(String(text[13...14])) +0000"
    }
}
