internal import Formats

/// Texts in the characters that Teradata keeps: those of Unicode's first plane, without U+FFFD.
///
/// Source: Teradata International Character Set Support 17.20, "Unicode Pass Through".
enum TeradataText {
    /// The text with an escape, as in JSON, for each character outside of ASCII; a JSON text is equal
    /// in value.
    static func escaped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        var out: [UInt8] = []
        out.reserveCapacity(text.count * 2)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            guard !scalar.isASCII else {
                out.append(UInt8(truncatingIfNeeded: scalar.value))
                continue
            }
            for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                out += "\\u".utf8
                Hex.append(UInt8(unit >> 8), to: &out)
                Hex.append(UInt8(truncatingIfNeeded: unit), to: &out)
            }
        }
        return out[...]
    }

    /// The text with `?` for each character that Teradata does not keep; nil if there is none.
    static func replaced(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        // Bytes from here on begin what is not kept, besides a few characters of the first plane.
        guard text.contains(where: { $0 >= 0xEF }) else { return nil }
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        guard !scalars.allSatisfy(isKept) else { return nil }
        let kept = scalars.map { isKept($0) ? $0 : "?" }
        return Array(String(String.UnicodeScalarView(kept)).utf8)[...]
    }

    /// The first characters of a text, which has none outside of the first plane; nil if it is no
    /// longer than that.
    static func cut(_ text: ArraySlice<UInt8>, to length: Int) -> ArraySlice<UInt8>? {
        guard text.count > length else { return nil }
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        guard scalars.count > length else { return nil }
        return Array(String(String.UnicodeScalarView(scalars.prefix(length))).utf8)[...]
    }

    /// A text as a JSON string of ASCII alone.
    static func spelling(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var writer = JSONWriter()
        writer.string(utf8: text.span)
        return escaped(writer.bytes[...])
    }

    /// The text in parts of at most so many characters, which are cut between characters.
    static func parts(_ text: ArraySlice<UInt8>, of length: Int) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var part: [UInt8] = []
        var count = 0
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if count == length {
                parts.append(part[...])
                (part, count) = ([], 0)
            }
            part += UTF8.encode(scalar).map(Array.init) ?? []
            count += 1
        }
        return parts + [part[...]]
    }

    private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value <= 0xFFFF && scalar.value != 0xFFFD
    }
}
