import Formats
import Testing
import Transport

/// Sends one request by a connection of its own.
func http(
    _ method: String, _ url: String, headers: [HTTPField] = [], body: [UInt8] = []
) throws -> HTTPResponse {
    try HTTPConnection(proxy: .never).send(
        HTTPRequest(method: method, url: url, headers: headers, body: body),
        timeout: .seconds(20), maximumBody: 16 << 20)
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body, which must be JSON.
    func json(_ location: SourceLocation = #_sourceLocation) throws -> JSONValue {
        try parse(body, location)
    }

    /// Expects an error as every route answers it.
    func expect(
        _ status: Int, code: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(self.status == status, sourceLocation: location)
        #expect(headers["content-type"] == "application/json", sourceLocation: location)
        let body = try json(location)
        #expect(body["code"]?.string == code, sourceLocation: location)
        #expect(body["message"]?.string?.isEmpty == false, sourceLocation: location)
    }
}

func parse(
    _ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation
) throws -> JSONValue {
    do {
        return try JSONText(bytes).root
    } catch {
        Issue.record(
            "not JSON (\(error.reason)): \(String(decoding: bytes, as: UTF8.self))",
            sourceLocation: location)
        throw error
    }
}

func parse(
    _ text: String, _ location: SourceLocation = #_sourceLocation
) throws -> JSONValue {
    try parse(Array(text.utf8), location)
}

extension JSONValue {
    /// The value as it was written.
    var written: String { String(decoding: raw, as: UTF8.self) }
}

/// HTTP's Basic authorization for this user name and no password.
func basic(_ key: String, password: String = "") -> HTTPField {
    let text = Base64.encode(Array("\(key):\(password)".utf8))
    return HTTPField("Authorization", "Basic \(String(decoding: text, as: UTF8.self))")
}
