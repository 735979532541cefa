import Formats
import LocalServer

/// Reads what a function returned to a proxy integration.
///
/// Source: Amazon API Gateway Developer Guide, "Output format of a Lambda function for proxy
/// integration".
enum ProxyReply {
    /// Headers that API Gateway sets itself; a function's are renamed.
    private static let remapped: Set<String> = [
        "authorization", "connection", "content-length", "date", "host", "server",
        "transfer-encoding", "user-agent", "www-authenticate",
    ]

    /// The response for the client; nil if API Gateway would call it malformed.
    ///
    /// The first type of the request's `Accept` header decides, too, whether a Base64 body is
    /// decoded.
    static func response(
        from result: [UInt8], binaryTypes: BinaryTypes, accept: String?
    ) -> LocalResponse? {
        guard let text = try? JSONText(result), text.root.kind == .object else { return nil }
        let allowed = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"]
        for member in text.root.members
        where !allowed.contains(where: { member.name.equals($0) }) {
            return nil
        }
        guard let status = status(text.root["statusCode"]),
            var headers = headers(
                text.root["headers"]?.unlessNull, text.root["multiValueHeaders"]?.unlessNull)
        else { return nil }
        if headers["Content-Type"] == nil {
            headers.append(HTTPField("Content-Type", "application/json"))
        }
        var body: [UInt8] = []
        if let value = text.root["body"]?.unlessNull {
            guard let utf8 = value.utf8 else { return nil }
            body = utf8
        }
        let flag = text.root["isBase64Encoded"]?.unlessNull
        guard flag == nil || flag?.bool != nil else { return nil }
        let type = headers["Content-Type"]
        if flag?.bool == true, binaryTypes.match(type) || accept.map(binaryTypes.match) == true {
            guard let decoded = Base64.decode(body) else { return nil }
            body = decoded
        }
        return LocalResponse(status: status, headers: headers, body: body)
    }

    static func status(_ value: JSONValue?) -> Int? {
        guard let status = value?.int ?? value?.string.flatMap({ Int($0) }),
            (200...599).contains(status)
        else { return nil }
        return status
    }

    static func headers(_ single: JSONValue?, _ multi: JSONValue?) -> [HTTPField]? {
        var headers: [HTTPField] = []
        guard single?.kind ?? .object == .object, multi?.kind ?? .object == .object else {
            return nil
        }
        for member in multi.map({ Array($0.members) }) ?? [] {
            guard let name = member.name.string, member.value.kind == .array else { return nil }
            for element in member.value.elements {
                guard let value = scalar(element) else { return nil }
                headers.append(HTTPField(rename(name), value))
            }
        }
        let taken = Set(headers.map { $0.name.lowercased() })
        for member in single.map({ Array($0.members) }) ?? [] {
            guard let name = member.name.string, let value = scalar(member.value) else {
                return nil
            }
            if !taken.contains(rename(name).lowercased()) {
                headers.append(HTTPField(rename(name), value))
            }
        }
        return headers
    }

    private static func rename(_ name: String) -> String {
        remapped.contains(name.lowercased()) ? "x-amzn-Remapped-\(name)" : name
    }

    /// A header's value; nil for an array, an object or null.
    private static func scalar(_ value: JSONValue) -> String? {
        switch value.kind {
        case .string: value.string
        case .number, .true, .false: String(decoding: value.raw, as: UTF8.self)
        case .object, .array, .null: nil
        }
    }
}
