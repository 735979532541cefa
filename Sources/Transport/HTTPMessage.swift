package import Formats

/// A request as it goes out; `Host` and `Content-Length` are libcurl's.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    /// Path and query, where ``url`` has none: libcurl then need not take a URL apart each time.
    package var target: String?
    package var headers: [HTTPField]
    /// Sent with `Content-Length`, also when empty, unless the method is GET.
    package var body: [UInt8]

    package init(
        method: String, url: String, target: String? = nil, headers: [HTTPField] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A response's header fields in the order they came; decoded when they are asked for.
package struct HTTPFieldLines: Sendable, Equatable {
    /// Lines as they came, one after the other.
    private var text: [UInt8] = []
    /// One past each line.
    private var ends: [Int] = []

    package init() {}

    /// The last value of a field, named in lower case.
    package subscript(_ name: String) -> String? {
        let name = name.utf8.span
        for line in ends.indices.reversed() {
            let start = line == 0 ? 0 : ends[line - 1]
            guard starts(at: start, before: ends[line], with: name) else { continue }
            return Self.trimmed(text[(start + name.count + 1)..<ends[line]])
        }
        return nil
    }

    /// Adds a field line, `Name: value` with its line end.
    mutating func append(line: some Collection<UInt8>) {
        text.append(contentsOf: line)
        ends.append(text.count)
    }

    /// True for a line of that field; a line without a colon is of none.
    private func starts(at start: Int, before end: Int, with name: Span<UInt8>) -> Bool {
        let text = text.span
        guard end - start > name.count, text[start + name.count] == UInt8(ascii: ":") else {
            return false
        }
        for index in name.indices {
            let byte = text[start &+ index]
            let isUpper = byte &- UInt8(ascii: "A") < 26
            guard (isUpper ? byte | 0x20 : byte) == name[index] else { return false }
        }
        return true
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
        }
        var (start, end) = (value.startIndex, value.endIndex)
        while start < end, isSpace(value[end - 1]) { end -= 1 }
        while start < end, isSpace(value[start]) { start += 1 }
        return String(decoding: value[start..<end], as: UTF8.self)
    }
}

/// What a server answered; a status of 500 is an answer, not an error.
package struct HTTPResponse: Sendable, Equatable {
    package let status: Int
    package let headers: HTTPFieldLines
    package let body: [UInt8]

    package init(status: Int, headers: HTTPFieldLines = HTTPFieldLines(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
