// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// A place in a ``JSONText``: cheap to copy, and it keeps the text alive.
public struct JSONValue: Sendable {
    public let text: JSONText
    let index: Int

    private var node: JSONNode { text.nodes[index] }

    public var kind: JSONKind { node.kind }

    /// The range of the value's bytes in the text, quotes and brackets included.
    public var range: Range<Int> {
        let node = node
        return Int(node.start)..<Int(node.end)
    }

    /// The value as it was written.
    public var raw: ArraySlice<UInt8> { text.bytes[range] }

    public var isNull: Bool { kind == .null }

    /// This value, or nil for `null`: senders write null when they mean nothing.
    public var unlessNull: JSONValue? { isNull ? nil : self }

    public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A whole number that fits; nil for fractions, exponents and everything else.
    public var int: Int? {
        guard kind == .number else { return nil }
        return Int(String(decoding: raw, as: UTF8.self))
    }

    /// True for a number that is written without a fraction and an exponent, however large it is.
    public var isWholeNumber: Bool {
        kind == .number && raw.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
    }

    /// The value as a JSON string: a number in quotes, anything else as it was written.
    public var quoted: ArraySlice<UInt8> {
        guard kind == .number else { return raw }
        let quote = UInt8(ascii: "\"")
        return ([quote] + raw + [quote])[...]
    }

    /// A string's characters; nil for any other kind.
    ///
    /// An escaped surrogate without its partner has no UTF-8 form and becomes U+FFFD.
    public var string: String? {
        guard kind == .string else { return nil }
        if node.isEscaped { return String(decoding: text.characters(of: index), as: UTF8.self) }
        return String(decoding: content, as: UTF8.self)
    }

    /// A string's characters as UTF-8, as ``string`` has them.
    public var utf8: [UInt8]? {
        guard kind == .string else { return nil }
        return node.isEscaped ? text.characters(of: index) : Array(content)
    }

    /// True for a string with an escaped surrogate that has no partner.
    public var hasUnpairedSurrogate: Bool {
        kind == .string && node.isEscaped && JSONString.hasUnpairedSurrogate(content)
    }

    /// A string's bytes between the quotes, or the whole value for any other kind.
    public var content: ArraySlice<UInt8> {
        let node = node
        guard node.kind == .string else { return text.bytes[range] }
        return text.bytes[node.content]
    }

    /// The bytes of a string that has no escapes, without copying; nil for every other value.
    public var plainContent: ArraySlice<UInt8>? {
        let node = node
        guard node.kind == .string, !node.isEscaped else { return nil }
        return text.bytes[node.content]
    }

    /// True for a string with these characters.
    public func equals(_ other: String) -> Bool {
        kind == .string && text.string(index, equals: other.utf8.span)
    }

    /// Where the value is in its text.
    public var place: JSONPlace { JSONPlace(index: Int32(truncatingIfNeeded: index)) }

    /// Another value of the same text.
    public func value(at place: JSONPlace) -> JSONValue {
        JSONValue(text: text, index: Int(place.index))
    }

    /// Where an object's members are, in order, repeated names included; none for any other kind.
    public var memberPlaces: JSONMemberPlaces {
        JSONMemberPlaces(text: text, at: index &+ 1, end: kind == .object ? Int(node.next) : 0)
    }

    /// An object's members in order, repeated names included; empty for any other kind.
    public var members: JSONMembers {
        JSONMembers(text: text, at: index + 1, end: kind == .object ? Int(node.next) : 0)
    }

    /// An array's elements in order; empty for any other kind.
    public var elements: JSONElements {
        JSONElements(text: text, at: index + 1, end: kind == .array ? Int(node.next) : 0)
    }

    /// An array's element at this index; nil past the end and for any other kind.
    public func element(at place: Int) -> JSONValue? {
        var rest = elements
        for _ in 0..<place where rest.next() == nil { return nil }
        return rest.next()
    }

    /// The member of that name; the last one if the name is repeated, as in ECMAScript.
    public subscript(_ name: String) -> JSONValue? {
        text.member(named: name.utf8.span, of: index).map { JSONValue(text: text, index: $0) }
    }

    /// The members of that name, given in lower case, whatever the case of its ASCII letters in
    /// the text, in order.
    public func members(ignoringCase name: String) -> [JSONValue] {
        var found: [JSONValue] = []
        for member in members where member.name.equals(ignoringCase: name) {
            found.append(member.value)
        }
        return found
    }

    private func equals(ignoringCase lowercased: String) -> Bool {
        let content = content
        guard content.count == lowercased.utf8.count else { return false }
        for (byte, expected) in zip(content, lowercased.utf8) {
            let isUpper = byte &- UInt8(ascii: "A") < 26
            guard (isUpper ? byte | 0x20 : byte) == expected else { return false }
        }
        return true
    }
}

/// Where a value is in a text, which it does not keep alive.
public struct JSONPlace: Sendable {
    /// From 0.
    public let index: Int32

    @inlinable
    public init(index: Int32) { self.index = index }
}

/// Where an object's member is.
public struct JSONMemberPlace: Sendable {
    public let name: JSONPlace
    public let value: JSONPlace

    @inlinable
    init(name: JSONPlace, value: JSONPlace) {
        self.name = name
        self.value = value
    }
}

public struct JSONMemberPlaces: Sequence, IteratorProtocol {
    @usableFromInline
    let text: JSONText
    @usableFromInline
    var at: Int
    @usableFromInline
    let end: Int

    @inlinable
    public mutating func next() -> JSONMemberPlace? {
        guard at < end else { return nil }
        let name = Int32(truncatingIfNeeded: at)
        at = Int(text.nodes[at &+ 1].next)
        return JSONMemberPlace(name: JSONPlace(index: name), value: JSONPlace(index: name &+ 1))
    }
}

public struct JSONMember: Sendable {
    public let name: JSONValue
    public let value: JSONValue
}

public struct JSONMembers: Sequence, IteratorProtocol {
    let text: JSONText
    var at: Int
    let end: Int

    public var isEmpty: Bool { at >= end }

    public mutating func next() -> JSONMember? {
        guard at < end else { return nil }
        let name = JSONValue(text: text, index: at)
        let value = JSONValue(text: text, index: at + 1)
        at = Int(text.nodes[at + 1].next)
        return JSONMember(name: name, value: value)
    }
}

public struct JSONElements: Sequence, IteratorProtocol {
    let text: JSONText
    var at: Int
    let end: Int

    public var isEmpty: Bool { at >= end }

    public var first: JSONValue? {
        var rest = self
        return rest.next()
    }

    public mutating func next() -> JSONValue? {
        guard at < end else { return nil }
        let element = JSONValue(text: text, index: at)
        at = Int(text.nodes[at].next)
        return element
    }
}
