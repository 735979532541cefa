// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// Why bytes are not a JSON text.
public struct JSONError: Error, Equatable {
    public enum Problem: Equatable, Sendable {
        case empty
        case endsEarly
        case unexpectedByte
        case trailingBytes
        case badNumber
        case badEscape
        case controlCharacter
        case badUTF8
        case tooDeep
        case tooLong
    }

    public let problem: Problem
    /// Where in the bytes, from 0.
    public let offset: Int

    /// A phrase for people: it names the place and never repeats the input.
    public var reason: String {
        switch problem {
        case .empty: "it is empty"
        case .endsEarly: "it ends early, at byte \(offset)"
        case .unexpectedByte: "a character at byte \(offset) does not belong there"
        case .trailingBytes: "something follows the value, at byte \(offset)"
        case .badNumber: "a number at byte \(offset) is malformed"
        case .badEscape: "an escape at byte \(offset) is malformed"
        case .controlCharacter: "a control character at byte \(offset) is not escaped"
        case .badUTF8: "byte \(offset) is not valid UTF-8"
        case .tooDeep: "it is nested more than \(JSONText.maximumDepth) levels deep"
        case .tooLong: "it is longer than \(JSONText.maximumLength) bytes"
        }
    }
}

/// One JSON text, checked and indexed in a single pass, that keeps its bytes as they came.
///
/// Nothing is decoded or copied until asked for: a number keeps its spelling, a string its
/// escapes, an object its order and its repeated names. Accepts exactly what RFC 8259 accepts,
/// without a byte order mark, down to ``maximumDepth`` levels.
public final class JSONText: Sendable {
    /// Arrays and objects inside each other; more is ``JSONError/Problem/tooDeep``.
    public static let maximumDepth = 512
    /// Offsets are kept in 32 bits.
    public static let maximumLength = Int(Int32.max) - 1

    /// What happens to bytes in a string that are not UTF-8.
    public enum MalformedUTF8: Sendable {
        case refused
        /// They stay: ``JSONValue/string`` has U+FFFD for them, ``JSONValue/utf8`` the bytes.
        case kept
    }

    public let bytes: [UInt8]
    @usableFromInline
    let nodes: [JSONNode]
    private let unescaped: UnescapedString?
    /// True for an outline that could not hold all of the text.
    public let isCut: Bool

    /// Indexes all of it: up to eight bytes of memory for each of the text.
    ///
    /// `unescaping` names a member of the root, of which ``JSONValue/utf8`` will be asked: resolving
    /// a string's escapes while it is checked saves a pass over a long one.
    public convenience init(
        _ bytes: [UInt8], malformedUTF8: MalformedUTF8 = .refused, unescaping: String? = nil
    ) throws(JSONError) {
        try self.init(
            bytes,
            JSONScanner(
                expecting: bytes.count, malformedUTF8: malformedUTF8, unescaping: unescaping))
    }

    private init(_ bytes: [UInt8], _ scanner: consuming JSONScanner) throws(JSONError) {
        try scanner.scan(bytes)
        self.bytes = bytes
        nodes = scanner.nodes
        unescaped = scanner.unescaped
        isCut = false
    }

    /// Checks all of the text and indexes what is at most `depth` levels below its root, in order, up
    /// to `maximumNodes` values and names.
    ///
    /// Containers at that depth seem empty. A text with more than that is cut: what is not in the
    /// index is overwritten by spaces in ``bytes``, and the containers that it was in seem to end
    /// before it. So nothing is left in the text that could not be found in it.
    public convenience init(
        outlining bytes: [UInt8], depth: Int, maximumNodes: Int
    ) throws(JSONError) {
        try self.init(
            outlining: bytes,
            JSONScanner(expecting: bytes.count, depth: depth, maximumNodes: maximumNodes))
    }

    private init(
        outlining bytes: [UInt8], _ scanner: consuming JSONScanner
    ) throws(JSONError) {
        try scanner.scan(bytes)
        nodes = scanner.nodes
        unescaped = nil
        isCut = scanner.firstUnindexed != nil
        guard let end = scanner.firstUnindexed else {
            self.bytes = bytes
            return
        }
        var blanked = bytes
        for index in end..<bytes.count { blanked[index] = 0x20 }
        self.bytes = blanked
    }

    public var root: JSONValue { JSONValue(text: self, index: 0) }

    /// True for what may stand around a value.
    public static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09: true
        default: false
        }
    }

    /// The node of an object's member of that name; the last one if the name is repeated.
    func member(named name: Span<UInt8>, of object: Int) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        var at = object &+ 1
        let end = Int(nodes[object].next)
        var found: Int?
        while at < end {
            let node = nodes[at]
            // Most names have another length.
            if node.content.count == name.count || node.isEscaped, string(at, equals: name) {
                found = at &+ 1
            }
            at = Int(nodes[at &+ 1].next)
        }
        return found
    }

    /// A string's characters as UTF-8, with every escape resolved.
    func characters(of index: Int) -> [UInt8] {
        if let unescaped, unescaped.node == index { return unescaped.utf8 }
        return JSONString.unescaped(bytes[nodes[index].content])
    }

    /// True when the string at that node has these characters.
    func string(_ index: Int, equals other: Span<UInt8>) -> Bool {
        let node = nodes[index]
        let content = node.content
        if node.isEscaped {
            let unescaped = characters(of: index)
            return Self.equal(unescaped, 0..<unescaped.count, other)
        }
        return Self.equal(bytes, content, other)
    }

    @inline(__always)
    private static func equal(_ bytes: [UInt8], _ range: Range<Int>, _ other: Span<UInt8>) -> Bool {
        guard range.count == other.count else { return false }
        let bytes = bytes.span
        for index in other.indices where bytes[range.lowerBound &+ index] != other[index] {
            return false
        }
        return true
    }
}

// MARK: - Values by their places, which do not keep the text alive

extension JSONText {
    @inlinable
    public func kind(at place: JSONPlace) -> JSONKind { nodes[Int(place.index)].kind }

    /// Where the value's bytes are, quotes and brackets included.
    @inlinable
    public func range(at place: JSONPlace) -> Range<Int> {
        let node = nodes[Int(place.index)]
        return Int(node.start)..<Int(node.end)
    }

    /// Where a string's bytes between the quotes are, or the whole value of any other kind.
    @inlinable
    public func content(at place: JSONPlace) -> Range<Int> {
        let node = nodes[Int(place.index)]
        return node.kind == .string ? node.content : Int(node.start)..<Int(node.end)
    }

    /// The value of an object's member; the last one if the name is repeated, nil for any other kind.
    public func member(_ name: String, of place: JSONPlace) -> JSONPlace? {
        member(named: name.utf8.span, of: Int(place.index)).map {
            JSONPlace(index: Int32(truncatingIfNeeded: $0))
        }
    }

    /// True for a string with at least one backslash.
    @inlinable
    public func isEscaped(at place: JSONPlace) -> Bool { nodes[Int(place.index)].isEscaped }

    /// The same as ``content(at:)`` for a string without escapes; nil for every other value.
    @inlinable
    public func plainContent(at place: JSONPlace) -> Range<Int>? {
        let node = nodes[Int(place.index)]
        return node.kind == .string && !node.isEscaped ? node.content : nil
    }
}

public enum JSONKind: UInt8, Sendable {
    case object, array, string, number, `true`, `false`, null
}

/// One value's place in the text. The nodes of a container follow it, an object's as name, value, …
@usableFromInline
struct JSONNode: Sendable {
    @usableFromInline
    var start: Int32
    /// One past the last byte.
    @usableFromInline
    var end: Int32
    /// The index of the node after this one and everything in it.
    @usableFromInline
    var next: Int32
    @usableFromInline
    var kind: JSONKind
    /// A string with at least one backslash.
    @usableFromInline
    var isEscaped: Bool

    /// What room is filled with.
    static let none = JSONNode(start: 0, end: 0, next: 0, kind: .null, isEscaped: false)

    /// Of a string: its bytes between the quotes.
    @inlinable
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }
}
