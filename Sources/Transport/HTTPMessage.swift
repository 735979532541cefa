package struct HTTPHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request as it goes out; `Host` and `Content-Length` are libcurl's.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: [HTTPHeader]
    /// Sent with `Content-Length`, also when empty, unless the method is GET.
    package var body: [UInt8]

    package init(
        method: String, url: String, headers: [HTTPHeader] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A response's header fields in the order they came.
package struct HTTPHeaders: Sendable, Equatable {
    private var fields: [HTTPHeader] = []

    package init() {}

    /// The last value of a field, named in lower case.
    package subscript(_ name: String) -> String? { fields.last { $0.name == name }?.value }

    /// Adds a field line, `Name: value` with its line end; anything else is left out.
    mutating func append(line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        let end = value.lastIndex { ![0x20, 0x09, 0x0D, 0x0A].contains($0) }
        let trimmed = end.map { value[...$0] } ?? []
        fields.append(HTTPHeader(name, String(decoding: trimmed, as: UTF8.self)))
    }
}

/// What a server answered; a status of 500 is an answer, not an error.
package struct HTTPResponse: Sendable, Equatable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
