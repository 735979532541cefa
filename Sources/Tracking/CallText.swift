package import Formats

/// A text of a call: an id, or a name.
///
/// Two that differ as they were written can have the same characters: a surrogate without its
/// partner has no UTF-8 form.
package struct CallText: Sendable, Equatable {
    /// The bytes between the quotes, escapes not resolved; a number's own bytes.
    package let written: ArraySlice<UInt8>
    private let isEscaped: Bool

    /// A string, or a number as it was written; nil for any other kind.
    package init?(_ value: JSONValue) {
        guard let text = Self.text(at: value.place, of: value.text) else { return nil }
        self = text
    }

    /// The same of a place in a text.
    static func text(at place: JSONPlace, of text: JSONText) -> CallText? {
        switch text.kind(at: place) {
        case .string, .number:
            CallText(
                written: text.bytes[text.content(at: place)],
                isEscaped: text.isEscaped(at: place))
        case .object, .array, .true, .false, .null: nil
        }
    }

    private init(written: ArraySlice<UInt8>, isEscaped: Bool) {
        self.written = written
        self.isEscaped = isEscaped
    }

    /// By what stands between a string's quotes.
    init(content: ArraySlice<UInt8>) {
        written = content
        isEscaped = content.contains(UInt8(ascii: "\\"))
    }

    /// One that Inlet has made, of characters that JSON does not escape.
    package init(made text: String) {
        written = Array(text.utf8)[...]
        isEscaped = false
    }

    /// Its characters, with U+FFFD for what has no UTF-8 form.
    package var text: String {
        isEscaped ? JSONString.text(written) : String(decoding: written, as: UTF8.self)
    }

    /// The same as UTF-8; most texts are written so.
    package var utf8: ArraySlice<UInt8> { isEscaped ? Array(text.utf8)[...] : written }

    /// True where U+FFFD stands for something else.
    package var isLossy: Bool { isEscaped && JSONString.hasUnpairedSurrogate(written) }
}
