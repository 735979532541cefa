// W3C Extensible Markup Language (XML) 1.0, the part that AWS query replies use

/// Why bytes are not an XML document that ``XMLElement`` reads.
package enum XMLError: Error, Equatable {
    case malformed
    case tooDeep
}

/// An element with its namespace prefix and its attributes left out.
///
/// Document type declarations are refused: replies have none, and they can expand without bound.
package struct XMLElement: Sendable {
    /// Elements inside each other.
    package static let maximumDepth = 32

    package let name: String
    package let children: [XMLElement]
    /// The character data directly inside, entities resolved.
    package let text: String

    /// Reads a document and returns its root element.
    package static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        guard UTF8Sequence.isValid(bytes) else { throw .malformed }
        var reader = XMLReader(bytes: bytes)
        return try reader.document()
    }

    /// The first child of that name.
    package subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

private struct XMLReader {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLError) -> XMLElement {
        try skipMisc()
        guard take("<") else { throw .malformed }
        let root = try element(depth: 1)
        try skipMisc()
        guard at == bytes.count else { throw .malformed }
        return root
    }

    /// White space, the declaration, processing instructions and comments around the root.
    private mutating func skipMisc() throws(XMLError) {
        while true {
            skipSpace()
            if take("<?") {
                _ = try upTo("?>")
            } else if take("<!--") {
                _ = try upTo("-->")
            } else {
                return
            }
        }
    }

    /// The element whose `<` has been read.
    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= XMLElement.maximumDepth else { throw .tooDeep }
        let name = try name()
        if try skipAttributes() { return XMLElement(name: local(name), children: [], text: "") }
        var children: [XMLElement] = []
        var text = ""
        while true {
            let run = characterData()
            if !run.isEmpty { text += String(decoding: run, as: UTF8.self) }
            guard at < bytes.count else { throw .malformed }
            guard bytes[at] == UInt8(ascii: "<") else {
                at += 1
                text += try entity(upTo(";"))
                continue
            }
            switch at + 1 < bytes.count ? bytes[at + 1] : 0 {
            case UInt8(ascii: "/"):
                at += 2
                guard try self.name() == name else { throw .malformed }
                skipSpace()
                guard take(">") else { throw .malformed }
                return XMLElement(name: local(name), children: children, text: text)
            case UInt8(ascii: "!"):
                if take("<!--") {
                    _ = try upTo("-->")
                } else if take("<![CDATA[") {
                    text += String(decoding: try upTo("]]>"), as: UTF8.self)
                } else {
                    throw .malformed
                }
            case UInt8(ascii: "?"):
                at += 2
                _ = try upTo("?>")
            default:
                at += 1
                children.append(try element(depth: depth + 1))
            }
        }
    }

    /// The bytes before the next markup or entity, or before the end.
    private mutating func characterData() -> ArraySlice<UInt8> {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "<"), bytes[at] != UInt8(ascii: "&") {
            at += 1
        }
        return bytes[start..<at]
    }

    /// Skips to the end of a start tag; true when the element is empty (`/>`).
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            skipSpace()
            if take("/>") { return true }
            if take(">") { return false }
            _ = try name()
            skipSpace()
            guard take("=") else { throw .malformed }
            skipSpace()
            if take("\"") {
                _ = try upTo("\"")
            } else if take("'") {
                _ = try upTo("'")
            } else {
                throw .malformed
            }
        }
    }

    private mutating func name() throws(XMLError) -> ArraySlice<UInt8> {
        let start = at
        while at < bytes.count, isName(bytes[at]) { at += 1 }
        guard at > start else { throw .malformed }
        return bytes[start..<at]
    }

    private func isName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func local(_ name: ArraySlice<UInt8>) -> String {
        let colon = name.lastIndex(of: UInt8(ascii: ":"))
        return String(decoding: colon.map { name[($0 + 1)...] } ?? name, as: UTF8.self)
    }

    private func entity(_ name: ArraySlice<UInt8>) throws(XMLError) -> String {
        switch String(decoding: name, as: UTF8.self) {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        case let text where text.hasPrefix("#x"): return try character(text.dropFirst(2), radix: 16)
        case let text where text.hasPrefix("#"): return try character(text.dropFirst(), radix: 10)
        default: throw .malformed
        }
    }

    private func character(_ digits: Substring, radix: Int) throws(XMLError) -> String {
        guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw .malformed
        }
        return String(scalar)
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private mutating func take(_ text: String) -> Bool {
        let text = text.utf8.span
        guard at + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[at + index] != text[index] { return false }
        at += text.count
        return true
    }

    /// The bytes before `end`, which is skipped too.
    private mutating func upTo(_ end: String) throws(XMLError) -> ArraySlice<UInt8> {
        let start = at
        while at < bytes.count {
            if take(end) { return bytes[start..<at - end.utf8.count] }
            at += 1
        }
        throw .malformed
    }
}
