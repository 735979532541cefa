import Formats
import LocalServer

/// Reads what a function returned to an HTTP API or a function URL, format 2.0.
///
/// Source: Amazon API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs".
enum HTTPReply {
    /// The response for the client; nil if the front would call it malformed.
    ///
    /// Without a status code the whole result is the body.
    static func response(from result: [UInt8]) -> LocalResponse? {
        guard let text = try? JSONText(result) else { return nil }
        guard text.root.kind == .object, let code = text.root["statusCode"]?.unlessNull else {
            return LocalResponse(
                headers: [HTTPField("Content-Type", "application/json")], body: result)
        }
        guard let status = ProxyReply.status(code),
            var headers = ProxyReply.headers(text.root["headers"]?.unlessNull, nil),
            var body = text.root["body"]?.unlessNull.map(\.utf8) ?? []
        else { return nil }
        if headers["Content-Type"] == nil {
            headers.append(HTTPField("Content-Type", "application/json"))
        }
        for cookie in text.root["cookies"]?.unlessNull.map({ Array($0.elements) }) ?? [] {
            guard let cookie = cookie.string else { return nil }
            headers.append(HTTPField("Set-Cookie", cookie))
        }
        if text.root["isBase64Encoded"]?.bool == true {
            guard let decoded = Base64.decode(body) else { return nil }
            body = decoded
        }
        return LocalResponse(status: status, headers: headers, body: body)
    }
}
