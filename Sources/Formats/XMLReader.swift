// W3C Extensible Markup Language (XML) 1.0, the part that AWS query replies use

/// Why bytes are not an XML document that ``XMLReader`` reads.
public enum XMLError: Error, Equatable {
    case malformed
    case tooDeep
}

/// Reads a document from front to back: what begins, what is said, what ends.
///
/// Namespace prefixes, attributes, comments and processing instructions are left out. Document type
/// declarations are refused: replies have none, and they can expand without bound.
public struct XMLReader {
    /// Elements inside each other.
    public static let maximumDepth = 32

    public enum Token: Sendable, Equatable {
        /// An element begins; where its name stands, without a prefix.
        case start(name: Range<Int>)
        /// Characters directly inside of the element, as they are written there.
        case text(Range<Int>)
        /// A character that is written as an entity.
        case character(Unicode.Scalar)
        /// The element that began last, and has not ended, ends.
        case end
    }

    /// Where an open element's name stands, prefix included.
    ///
    /// No `Range`: an array of them is a type that is made when the first reply is read.
    private struct Element {
        let nameStart: Int
        let nameEnd: Int
    }

    /// A name that has been read.
    private struct Name {
        let start: Int
        /// One past the prefix's colon, or the start.
        let localStart: Int
        let end: Int
    }

    private let bytes: [UInt8]
    private var at = 0
    /// The open elements, the innermost last.
    private var open: [Element] = []
    private var hasRoot = false
    /// True between an empty element's two tokens.
    private var isEmptyElement = false

    /// - Throws: ``XMLError/malformed`` for bytes that are not UTF-8.
    public init(_ bytes: [UInt8]) throws(XMLError) {
        guard UTF8Sequence.isValid(bytes) else { throw .malformed }
        self.bytes = bytes
        open.reserveCapacity(8)
    }

    /// The bytes of a name or a text.
    public subscript(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }

    /// True for a name or a text with these characters.
    public func equals(_ range: Range<Int>, _ other: String) -> Bool {
        guard range.count == other.utf8.count else { return false }
        let (bytes, other) = (bytes.span, other.utf8.span)
        for index in other.indices where bytes[range.lowerBound + index] != other[index] {
            return false
        }
        return true
    }

    /// The next token; nil when the document has ended.
    public mutating func next() throws(XMLError) -> Token? {
        if isEmptyElement {
            isEmptyElement = false
            open.removeLast()
            return .end
        }
        guard !open.isEmpty else { return try outside() }
        while true {
            if at < bytes.count, bytes[at] != UInt8(ascii: "<") {
                let run = characterData()
                if !run.isEmpty { return .text(run) }
            }
            guard at < bytes.count else { throw .malformed }
            guard bytes[at] == UInt8(ascii: "<") else {
                at += 1
                return .character(try entity(upTo(";")))
            }
            switch at + 1 < bytes.count ? bytes[at + 1] : 0 {
            case UInt8(ascii: "/"):
                at += 2
                return try end()
            case UInt8(ascii: "!"):
                if take("<!--") {
                    _ = try upTo("-->")
                } else if take("<![CDATA[") {
                    let run = try upTo("]]>")
                    if !run.isEmpty { return .text(run) }
                } else {
                    throw .malformed
                }
            case UInt8(ascii: "?"):
                at += 2
                _ = try upTo("?>")
            default:
                at += 1
                return try start()
            }
        }
    }

    /// The root's beginning, or nil after its end.
    private mutating func outside() throws(XMLError) -> Token? {
        try skipMisc()
        guard !hasRoot else {
            guard at == bytes.count else { throw .malformed }
            return nil
        }
        hasRoot = true
        guard take("<") else { throw .malformed }
        return try start()
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
    private mutating func start() throws(XMLError) -> Token {
        guard open.count < Self.maximumDepth else { throw .tooDeep }
        let name = try name()
        open.append(Element(nameStart: name.start, nameEnd: name.end))
        isEmptyElement = try skipAttributes()
        return .start(name: name.localStart..<name.end)
    }

    /// The element's end, whose `</` has been read.
    private mutating func end() throws(XMLError) -> Token {
        guard let opened = open.popLast(), hasNext(opened) else { throw .malformed }
        at += opened.nameEnd - opened.nameStart
        skipSpace()
        guard take(UInt8(ascii: ">")) else { throw .malformed }
        return .end
    }

    /// True if the element's name stands here; a longer one is found out by what must follow.
    private func hasNext(_ element: Element) -> Bool {
        let bytes = bytes.span
        let count = element.nameEnd - element.nameStart
        guard count <= bytes.count - at else { return false }
        for index in 0..<count where bytes[at + index] != bytes[element.nameStart + index] {
            return false
        }
        return true
    }

    /// The bytes before the next markup or entity, or before the end.
    private mutating func characterData() -> Range<Int> {
        let start = at
        at = Self.endOfText(bytes.span, from: at)
        return start..<at
    }

    private static func endOfText(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let at = bytes.firstPlace(from: start) { $0.markup }
        return end(of: bytes, from: at) { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
    }

    /// The index of the first byte that does not belong there.
    @inline(__always)
    private static func end(
        of bytes: Span<UInt8>, from start: Int, while belongs: (UInt8) -> Bool
    ) -> Int {
        var at = start
        while at < bytes.count, belongs(bytes[at]) { at &+= 1 }
        return at
    }

    /// Skips to the end of a start tag; true when the element is empty (`/>`).
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            if at < bytes.count, bytes[at] == UInt8(ascii: ">") {
                at += 1
                return false
            }
            skipSpace()
            if take(UInt8(ascii: ">")) { return false }
            if take("/>") { return true }
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

    private mutating func name() throws(XMLError) -> Name {
        let name = Self.name(bytes.span, from: at)
        guard name.end > at else { throw .malformed }
        at = name.end
        return name
    }

    private static func name(_ bytes: Span<UInt8>, from start: Int) -> Name {
        var (at, localStart) = (start, start)
        while at < bytes.count, isName(bytes[at]) {
            at &+= 1
            if bytes[at &- 1] == UInt8(ascii: ":") { localStart = at }
        }
        return Name(start: start, localStart: localStart, end: at)
    }

    /// True for letters, digits and `-._:`, and for all that is not ASCII.
    private static func isName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte < 64 ? lowNames : highNames) >> (byte & 63) & 1 == 1
    }

    /// A bit for each of the characters from 0 to 63 that a name can have: `-`, `.`, digits, `:`.
    private static let lowNames: UInt64 = 0x07FF_6000_0000_0000
    /// The same from 64: letters and `_`.
    private static let highNames: UInt64 = 0x07FF_FFFE_87FF_FFFE

    private func entity(_ name: Range<Int>) throws(XMLError) -> Unicode.Scalar {
        switch String(decoding: bytes[name], as: UTF8.self) {
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

    private func character(
        _ digits: Substring, radix: Int
    ) throws(XMLError) -> Unicode.Scalar {
        guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw .malformed
        }
        return scalar
    }

    private mutating func skipSpace() {
        at = Self.end(of: bytes.span, from: at) {
            $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func take(_ text: String) -> Bool {
        let text = text.utf8.span
        guard at + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[at + index] != text[index] { return false }
        at += text.count
        return true
    }

    /// The bytes before `end`, which is skipped too.
    private mutating func upTo(_ end: String) throws(XMLError) -> Range<Int> {
        let start = at
        guard let first = end.utf8.first else { throw .malformed }
        while at < bytes.count {
            if bytes[at] == first, take(end) { return start..<at - end.utf8.count }
            at += 1
        }
        throw .malformed
    }
}

extension XMLReader {
    /// Hands over the children of the element that began last, each by its name, to the element's end.
    ///
    /// `body` must read the child to its end.
    public mutating func forEachChild(
        _ body: (inout XMLReader, Range<Int>) throws(XMLError) -> Void
    ) throws(XMLError) {
        while let token = try next() {
            switch token {
            case .start(let name): try body(&self, name)
            case .text, .character: continue
            case .end: return
            }
        }
    }

    /// The same for children of one name; others are skipped.
    public mutating func forEachChild(
        named wanted: String, _ body: (inout XMLReader) throws(XMLError) -> Void
    ) throws(XMLError) {
        try forEachChild { reader, name throws(XMLError) in
            if reader.equals(name, wanted) { try body(&reader) } else { try reader.skip() }
        }
    }

    /// Goes on to the end of the element that began last.
    public mutating func skip() throws(XMLError) {
        try forEachChild { reader, _ throws(XMLError) in try reader.skip() }
    }

    /// Goes on to the end of the element that began last, and returns its characters, without those
    /// of its children.
    public mutating func content() throws(XMLError) -> String {
        var text = ""
        while let token = try next() {
            switch token {
            case .start: try skip()
            case .text(let range) where text.isEmpty:
                text = String(decoding: self[range], as: UTF8.self)
            case .text(let range): text += String(decoding: self[range], as: UTF8.self)
            case .character(let scalar): text.unicodeScalars.append(scalar)
            case .end: return text
            }
        }
        return text
    }

    /// Goes on to the end of the element that began last; true if there are characters in it.
    public mutating func hasContent() throws(XMLError) -> Bool {
        var hasContent = false
        while let token = try next() {
            switch token {
            case .start: try skip()
            case .text, .character: hasContent = true
            case .end: return hasContent
            }
        }
        return hasContent
    }
}
