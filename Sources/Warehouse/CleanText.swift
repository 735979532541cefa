internal import Formats

/// The characters of a JSON value, as every database can keep them.
struct CleanText {
    /// UTF-8 without U+0000; U+FFFD stands for what was taken out.
    let bytes: ArraySlice<UInt8>
    /// True if a character was taken out.
    let isChanged: Bool

    /// A string's characters, or the JSON text of any other value.
    init(_ value: JSONValue) {
        if let plain = value.plainContent {
            // Without escapes, there can be no U+0000 in it.
            (bytes, isChanged) = (plain, false)
        } else if let text = value.utf8 {
            let hasHalves = value.hasUnpairedSurrogate
            let cleaned = Self.withoutNUL(text)
            (bytes, isChanged) = ((cleaned ?? text)[...], hasHalves || cleaned != nil)
        } else if let cleaned = CleanJSON.cleaned(value) {
            (bytes, isChanged) = (cleaned[...], true)
        } else {
            (bytes, isChanged) = (value.raw, false)
        }
    }

    /// The text with U+FFFD for each U+0000.
    static func clean(_ text: String) -> [UInt8] {
        let text = Array(text.utf8)
        return withoutNUL(text) ?? text
    }

    /// The text with U+FFFD for each U+0000; nil for one without any.
    static func withoutNUL(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(0) else { return nil }
        var cleaned: [UInt8] = []
        for byte in text {
            if byte == 0 { cleaned += CleanJSON.replacement } else { cleaned.append(byte) }
        }
        return cleaned
    }
}
