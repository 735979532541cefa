import Formats
import LocalServer
import Platform

/// Writes the event of an HTTP API or a function URL, format 2.0, for a function or an authorizer.
///
/// Source: Amazon API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs";
/// AWS Lambda Developer Guide, "Invoking Lambda function URLs".
struct HTTPEvent {
    let request: APIRequest
    let region: String

    private var isURL: Bool { request.api.kind == .functionURL }

    /// The event for the function, with what the authorizer, if there is one, said of the caller.
    func proxy(authorizer: SimpleDecision?) -> [UInt8] {
        var writer = JSONWriter(reserving: 4096 + request.request.body.count * 4 / 3)
        writer.object { writer in
            writer.member("version", "2.0")
            writeCommon(to: &writer)
            writer.name("requestContext")
            writeContext(to: &writer, authorizer: authorizer)
            let body = request.request.body
            if !body.isEmpty {
                writer.name("body")
                if isText {
                    writer.string(String(decoding: body, as: UTF8.self))
                } else {
                    let encoded = Base64.encode(body)
                    writer.string(utf8: encoded.span)
                }
            }
            writer.member("isBase64Encoded", !body.isEmpty && !isText)
        }
        return writer.bytes
    }

    /// The event of an authorizer, with the values of its identity sources; without a body.
    func authorizerRequest(_ identity: [String]) -> [UInt8] {
        var writer = JSONWriter(reserving: 4096)
        writer.object { writer in
            writer.member("version", "2.0")
            writer.member("type", "REQUEST")
            writer.member("routeArn", request.methodARN(region: region))
            writer.name("identitySource")
            writer.array { writer in for value in identity { writer.string(value) } }
            writeCommon(to: &writer)
            writer.name("requestContext")
            writeContext(to: &writer, authorizer: nil)
        }
        return writer.bytes
    }

    /// Whether the body is handed over as it is.
    ///
    /// Compressed bytes are no text, whatever their type; nor is a body without a type.
    private var isText: Bool {
        guard let type = request.request.header("Content-Type"),
            request.request.header("Content-Encoding") == nil
        else { return false }
        let name = type.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        let known = ["application/json", "application/javascript", "application/xml"]
        return known.contains(name) || name.hasPrefix("text/") || name.hasSuffix("+json")
            || name.hasSuffix("+xml")
    }

    private var routeKey: String {
        let route = request.route
        return route.path == "$default" ? route.path : "\(route.method) \(route.path)"
    }

    /// An HTTP API decodes it, up to what is then a question mark; a function URL leaves it alone.
    ///
    /// A stage with a name comes first.
    private var path: String {
        let path = request.request.path
        guard !isURL else { return path }
        let decoded = PercentEncoding.decode(path.utf8.span).prefix { $0 != UInt8(ascii: "?") }
        let stage = request.api.stage == "$default" ? "" : "/\(request.api.stage)"
        return stage + String(decoding: decoded, as: UTF8.self)
    }

    private func writeCommon(to writer: inout JSONWriter) {
        writer.member("routeKey", routeKey)
        writer.member("rawPath", path)
        writer.member("rawQueryString", request.request.query ?? "")
        let cookies = request.headers.filter { $0.isNamed("Cookie") }.flatMap { field in
            field.value.split(separator: ";").map { String($0.drop { $0 == " " }) }
        }
        if !cookies.isEmpty {
            writer.name("cookies")
            writer.array { writer in for cookie in cookies { writer.string(cookie) } }
        }
        let headers = request.headers.filter { !$0.isNamed("Cookie") }
        write(headers.map { NamedValue($0.name.lowercased(), $0.value) }, "headers", to: &writer)
        write(request.query, "queryStringParameters", to: &writer)
        write(request.pathParameters, "pathParameters", to: &writer)
        write(request.api.stageVariables, "stageVariables", to: &writer)
    }

    /// The values of a name are joined by commas; what is empty is left out.
    private func write(_ pairs: [NamedValue], _ name: String, to writer: inout JSONWriter) {
        guard !pairs.isEmpty else { return }
        var order: [String] = []
        var values: [String: [String]] = [:]
        for pair in pairs {
            if values[pair.name] == nil { order.append(pair.name) }
            values[pair.name, default: []].append(pair.value)
        }
        writer.name(name)
        writer.object { writer in
            for name in order { writer.member(name, (values[name] ?? []).joined(separator: ",")) }
        }
    }

    private func writeContext(to writer: inout JSONWriter, authorizer: SimpleDecision?) {
        let service = isURL ? "lambda-url.\(region).on.aws" : "execute-api.\(region).amazonaws.com"
        writer.object { writer in
            writer.member("accountId", isURL ? "anonymous" : TemplateScope.accountID)
            writer.member("apiId", request.apiID)
            if isURL {
                writer.name("authentication")
                writer.null()
            }
            if let authorizer {
                writer.name("authorizer")
                writer.object { writer in
                    writer.name("lambda")
                    if let context = authorizer.context {
                        writer.raw(context[...])
                    } else {
                        writer.null()
                    }
                }
            }
            writer.member("domainName", "\(request.apiID).\(service)")
            writer.member("domainPrefix", request.apiID)
            writer.name("http")
            writer.object { writer in
                writer.member("method", request.request.method)
                writer.member("path", path)
                writer.member("protocol", "HTTP/1.1")
                writer.member("sourceIp", request.request.peer)
                writer.member("userAgent", request.request.header("User-Agent") ?? "")
            }
            writer.member("requestId", request.requestID)
            writer.member("routeKey", routeKey)
            writer.member("stage", request.api.stage)
            writer.member("time", request.time.accessLog)
            writer.member("timeEpoch", Int(request.time.milliseconds))
        }
    }
}
