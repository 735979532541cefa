internal import Formats
internal import Signing

/// Values of columns that can be keys: short enough for every database's index.
package enum Identifier {
    /// Bytes of UTF-8.
    package static let maximumLength = 255

    /// A cell for an identifier that is no part of a message.
    static func cell(_ text: String) -> Cell {
        let cleaned = CleanText.clean(text)
        return .text(cleaned.count > maximumLength ? hash(of: cleaned[...]) : cleaned[...])
    }

    /// What stands for an identifier that is too long, or that a database would change.
    static func hash(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        Array("sha256:\(Hex.encode(SHA256.digest(bytes).span))".utf8)[...]
    }
}

/// The `messageId` of a message, as the key of its row.
struct MessageID {
    let text: ArraySlice<UInt8>
    let original: JSONValue
    /// Why ``text`` is not what the message has; nil if it is.
    let reason: DiscardReason?

    /// Nil for an empty text and for what is neither text nor a whole number.
    init?(_ value: JSONValue) {
        guard value.kind == .string || value.isWholeNumber, !value.content.isEmpty else {
            return nil
        }
        original = value
        let clean = CleanText(value)
        if clean.isChanged {
            // Two ids must not become one by what is taken out of them.
            (text, reason) = (Identifier.hash(of: value.content), .unrepresentable)
        } else if clean.bytes.count > Identifier.maximumLength {
            (text, reason) = (Identifier.hash(of: clean.bytes), .tooLong)
        } else {
            (text, reason) = (clean.bytes, nil)
        }
    }
}
