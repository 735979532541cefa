/// What is signed: the body, with a time, an id and fixed text around it.
package struct SignatureTemplate: Sendable, Equatable, ExpressibleByArrayLiteral {
    package enum Part: Sendable, Equatable {
        case text(String)
        /// As it stands in the request, like the other two.
        case id
        case timestamp
        case body
    }

    package let parts: [Part]

    package init(arrayLiteral parts: Part...) { self.parts = parts }

    /// Reads a text such as `{timestamp}.{body}`; nil when braces hold something else.
    init?(_ text: String) {
        var parts: [Part] = []
        var rest = text.utf8[...]
        func fixed(_ text: Substring.UTF8View) {
            guard !text.isEmpty else { return }
            parts.append(.text(String(decoding: text, as: UTF8.self)))
        }
        while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
            fixed(rest[..<open])
            rest = rest[open...].dropFirst()
            guard let close = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
            switch String(decoding: rest[..<close], as: UTF8.self) {
            case "id": parts.append(.id)
            case "timestamp": parts.append(.timestamp)
            case "body": parts.append(.body)
            default: return nil
            }
            rest = rest[close...].dropFirst()
        }
        fixed(rest)
        self.parts = parts
    }

    /// As a record spells it.
    package var text: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .id: "{id}"
            case .timestamp: "{timestamp}"
            case .body: "{body}"
            }
        }.joined()
    }

    package func contains(_ part: Part) -> Bool { parts.contains(part) }

    /// What is signed of a request with this id, this time and this body.
    package func bytes(id: String?, time: String?, body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if self == [.body] { return body }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 256)
        for part in parts {
            switch part {
            case .text(let text): bytes += text.utf8
            case .id: bytes += (id ?? "").utf8
            case .timestamp: bytes += (time ?? "").utf8
            case .body: bytes += body
            }
        }
        return bytes[...]
    }
}
