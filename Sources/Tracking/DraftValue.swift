package import Formats

/// A value of a call that is being made: as it was sent, or written here.
///
/// It is as small as a ``JSONValue``: most calls hold nothing else.
package enum DraftValue: Sendable {
    case json(JSONValue)
    case made(MadeJSON)
}

/// A JSON string or object that was written here, and that nobody has to read again.
package final class MadeJSON: Sendable {
    fileprivate let kind: JSONKind
    fileprivate let bytes: [UInt8]

    fileprivate init(_ kind: JSONKind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

extension DraftValue {
    /// A string of these characters.
    package static func text(_ text: String) -> DraftValue {
        var bytes: [UInt8] = []
        JSONString.append(text.utf8.span, to: &bytes)
        return .made(MadeJSON(.string, bytes))
    }

    /// A string of a prefix, in which nothing has to be escaped, and a text's or a number's own bytes.
    package static func text(_ prefix: String, _ value: JSONValue) -> DraftValue {
        .made(
            MadeJSON(
                .string, Array("\"\(prefix)".utf8) + value.content + [UInt8(ascii: "\"")]))
    }

    /// An object's text.
    package static func object(_ bytes: [UInt8]) -> DraftValue {
        .made(MadeJSON(.object, bytes))
    }

    /// An object; `fill` writes its members.
    package static func object(
        reserving capacity: Int = 256, _ fill: (inout JSONWriter) -> Void
    ) -> DraftValue {
        var writer = JSONWriter(reserving: capacity)
        writer.object(fill)
        return .object(writer.bytes)
    }
}

extension DraftValue {
    /// The value as it was sent; nil for one that was written here.
    var json: JSONValue? {
        if case .json(let value) = self { value } else { nil }
    }

    var kind: JSONKind {
        switch self {
        case .json(let value): value.kind
        case .made(let made): made.kind
        }
    }

    /// The value's text.
    package var raw: ArraySlice<UInt8> {
        switch self {
        case .json(let value): value.raw
        case .made(let made): made.bytes[...]
        }
    }

    /// The value as a JSON string: a number in quotes, anything else as it is.
    package var quoted: ArraySlice<UInt8> {
        switch self {
        case .json(let value): value.quoted
        case .made(let made): made.bytes[...]
        }
    }

    package var callText: CallText? {
        switch self {
        case .json(let value): CallText(value)
        case .made(let made) where made.kind == .string:
            CallText(content: made.bytes[1..<made.bytes.count - 1])
        case .made: nil
        }
    }

    /// The moment that the value names; nil if it names none.
    var moment: Timestamp? {
        switch self {
        case .json(let value): Timestamp(reading: value)
        // Times that are written here have no escapes.
        case .made(let made): Timestamp(reading: made.bytes[1..<made.bytes.count - 1])
        }
    }
}
