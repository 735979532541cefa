package import Formats

/// A text of a call: an id, or a name.
///
/// Two that differ as they were written can have the same characters: a surrogate without its
/// partner has no UTF-8 form.
package struct CallText: Sendable, Equatable {
    /// Its characters, with U+FFFD for what has no UTF-8 form.
    package let text: String
    /// The bytes between the quotes, escapes not resolved; a number's own bytes.
    package let written: ArraySlice<UInt8>
    /// True where U+FFFD stands for something else.
    package let isLossy: Bool

    /// A string, or a number as it was written; nil for any other kind.
    package init?(_ value: JSONValue) {
        switch value.kind {
        case .string: text = value.string ?? ""
        case .number: text = String(decoding: value.raw, as: UTF8.self)
        case .object, .array, .true, .false, .null: return nil
        }
        written = value.content
        isLossy = value.hasUnpairedSurrogate
    }

    /// A string that was written here, by what stands between its quotes.
    init(content: ArraySlice<UInt8>) {
        text = JSONString.text(content)
        written = content
        isLossy = JSONString.hasUnpairedSurrogate(content)
    }

    /// One that Inlet has made, of characters that JSON does not escape.
    package init(made text: String) {
        self.text = text
        written = Array(text.utf8)[...]
        isLossy = false
    }
}
