internal import Formats

/// The one spelling of a request that both ends hash.
struct CanonicalRequest {
    /// Names that are never signed: HTTP libraries and proxies rewrite them, or the signer adds
    /// them.
    ///
    /// Source: botocore `auth.py`.
    private static let unsigned = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
        "x-amz-date", "x-amz-security-token", "x-amzn-trace-id",
    ]

    private(set) var bytes: [UInt8] = []
    private var signedHeadersRange = 0..<0

    /// Lower-case names, joined with `;`.
    var signedHeaders: ArraySlice<UInt8> { bytes[signedHeadersRange] }

    init(_ request: SigV4Request, date: String, securityToken: String?) {
        bytes.reserveCapacity(512 + (securityToken?.utf8.count ?? 0))
        bytes.append(contentsOf: request.method.utf8)
        bytes.append(0x0A)
        append(path: request.path, rule: request.pathRule)
        bytes.append(0x0A)
        if !request.query.isEmpty { append(query: request.query) }
        bytes.append(0x0A)
        append(headers: Self.signed(request.headers, date: date, securityToken: securityToken))
        bytes.append(0x0A)
        bytes.append(hex: request.payloadHash)
    }

    // MARK: - Path

    private mutating func append(path: String, rule: SigV4Request.PathRule) {
        if path.isEmpty || path == "/" {
            bytes.append(UInt8(ascii: "/"))
            return
        }
        switch rule {
        case .verbatim:
            bytes.append(contentsOf: path.utf8)
        case .normalised:
            var segments: [Substring] = []
            for segment in path.split(separator: "/") where segment != "." {
                if segment == ".." {
                    _ = segments.popLast()
                } else {
                    segments.append(segment)
                }
            }
            for segment in segments {
                bytes.append(UInt8(ascii: "/"))
                PercentEncoding.append(segment.utf8.span, space: .percent20, to: &bytes)
            }
            if segments.isEmpty || path.hasSuffix("/") { bytes.append(UInt8(ascii: "/")) }
        }
    }

    // MARK: - Query

    /// Sorts by encoded name and then by value; the pairs as a whole would sort otherwise.
    private mutating func append(query: String) {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = pair[equals...].dropFirst()
            return (name: Self.encoded(pair[..<equals]), value: Self.encoded(value))
        }
        let sorted = pairs.sorted { one, other in
            one.name == other.name
                ? one.value.lexicographicallyPrecedes(other.value)
                : one.name.lexicographicallyPrecedes(other.name)
        }
        for (index, pair) in sorted.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "&")) }
            bytes.append(contentsOf: pair.name)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: pair.value)
        }
    }

    private static func encoded(_ part: Substring.UTF8View) -> [UInt8] {
        var out: [UInt8] = []
        let decoded = PercentEncoding.decode(part.span)
        PercentEncoding.append(decoded.span, space: .percent20, to: &out)
        return out
    }

    // MARK: - Headers

    private static func signed(
        _ headers: [HTTPField], date: String, securityToken: String?
    ) -> [HTTPField] {
        var signed: [HTTPField] = []
        signed.reserveCapacity(headers.count + 2)
        for field in headers {
            let name = field.name.lowercased()
            if !unsigned.contains(name) { signed.append(HTTPField(name, field.value)) }
        }
        signed.append(HTTPField("x-amz-date", date))
        if let securityToken { signed.append(HTTPField("x-amz-security-token", securityToken)) }
        // An insertion sort: the list is short, and equal names must keep their order.
        for index in signed.indices.dropFirst() {
            var at = index
            while at > 0, signed[at].name < signed[at - 1].name {
                signed.swapAt(at, at - 1)
                at -= 1
            }
        }
        return signed
    }

    /// Appends a `name:value` line for each name, an empty line, and the names, which it remembers.
    private mutating func append(headers: [HTTPField]) {
        var previous = ""
        for field in headers {
            if field.name == previous {
                bytes[bytes.count - 1] = UInt8(ascii: ",")
            } else {
                bytes.append(contentsOf: field.name.utf8)
                bytes.append(UInt8(ascii: ":"))
            }
            append(value: field.value)
            bytes.append(0x0A)
            previous = field.name
        }
        bytes.append(0x0A)
        let start = bytes.count
        previous = ""
        for field in headers where field.name != previous {
            if !previous.isEmpty { bytes.append(UInt8(ascii: ";")) }
            bytes.append(contentsOf: field.name.utf8)
            previous = field.name
        }
        signedHeadersRange = start..<bytes.count
    }

    /// Trims the value and makes every run of white space, folded lines too, one space.
    private mutating func append(value: String) {
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        guard Self.needsTrimming(bytes.span.extracting(start...)) else { return }
        var hasSpace = false
        bytes.removeSubrange(start...)
        for byte in value.utf8 {
            if Self.isSpace(byte) {
                hasSpace = true
            } else {
                if hasSpace, bytes.count > start { bytes.append(0x20) }
                hasSpace = false
                bytes.append(byte)
            }
        }
    }

    /// True if there is white space other than single inner spaces.
    ///
    /// Most values, and the longest of them, have none.
    private static func needsTrimming(_ value: Span<UInt8>) -> Bool {
        guard value.hasSpaceOrControl else { return false }
        var wasSpace = true
        for index in value.indices {
            let byte = value[index]
            let isSpace = isSpace(byte)
            if isSpace, wasSpace || byte != 0x20 { return true }
            wasSpace = isSpace
        }
        return wasSpace && !value.isEmpty
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
}
