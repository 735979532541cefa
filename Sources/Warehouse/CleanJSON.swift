internal import Formats

/// Takes out of a JSON value what PostgreSQL's `jsonb` refuses: U+0000, half surrogate pairs, and
/// numbers out of its range.
///
/// Source: PostgreSQL documentation, "JSON Types" and "Numeric Types".
enum CleanJSON {
    /// U+FFFD.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
    /// Digits that `numeric` keeps before the decimal point.
    private static let maximumDigitsBefore = 131_072
    /// Digits that `numeric` keeps after the decimal point.
    private static let maximumDigitsAfter = 16_383

    /// The value without them; nil if there is none in it.
    static func cleaned(_ value: JSONValue) -> [UInt8]? {
        var edits: [Edit] = []
        collect(value, &edits)
        guard !edits.isEmpty else { return nil }
        var cleaned: [UInt8] = []
        var at = value.range.lowerBound
        for edit in edits {
            cleaned += value.text.bytes[at..<edit.range.lowerBound]
            cleaned += edit.bytes
            at = edit.range.upperBound
        }
        return cleaned + value.text.bytes[at..<value.range.upperBound]
    }

    /// What comes in the place of some bytes of the text.
    private struct Edit {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    /// Adds what is to be replaced, in order.
    ///
    /// Values are nested as deep as ``JSONText`` allows.
    private static func collect(_ value: JSONValue, _ edits: inout [Edit]) {
        switch value.kind {
        case .object:
            for member in value.members {
                collect(member.name, &edits)
                collect(member.value, &edits)
            }
        case .array: for element in value.elements { collect(element, &edits) }
        case .string:
            if value.plainContent == nil { collectEscapes(value.content, &edits) }
        case .number:
            if isOutOfRange(value.raw) {
                edits.append(Edit(range: value.range, bytes: Array("null".utf8)))
            }
        case .true, .false, .null: return
        }
    }

    /// Adds the escapes of a string's content that stand for no character.
    private static func collectEscapes(_ content: ArraySlice<UInt8>, _ edits: inout [Edit]) {
        var at = content.startIndex
        while at < content.endIndex {
            guard content[at] == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            guard let unit = codeUnit(content, at) else {
                at += 2
                continue
            }
            let isPair =
                0xD800...0xDBFF ~= unit
                && codeUnit(content, at + 6).map { 0xDC00...0xDFFF ~= $0 } ?? false
            if unit == 0 || 0xD800...0xDFFF ~= unit && !isPair {
                edits.append(Edit(range: at..<at + 6, bytes: replacement))
            }
            at += isPair ? 12 : 6
        }
    }

    /// The code unit of a `\uXXXX` at this place; nil for anything else.
    private static func codeUnit(_ content: ArraySlice<UInt8>, _ at: Int) -> UInt16? {
        guard at + 6 <= content.endIndex, content[at] == UInt8(ascii: "\\"),
            content[at + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt16(String(decoding: content[at + 2..<at + 6], as: UTF8.self), radix: 16)
    }

    /// True for a number that `numeric` cannot hold.
    static func isOutOfRange(_ number: ArraySlice<UInt8>) -> Bool {
        let parts = number.split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 | 0x20 == 0x65 })
        guard parts.count == 2 || number.count > maximumDigitsAfter else { return false }
        var exponent = 0
        if parts.count == 2 {
            guard let given = Int(String(decoding: parts[1], as: UTF8.self)),
                given.magnitude < 1 << 30
            else { return true }
            exponent = given
        }
        let digits = parts[0].split(separator: UInt8(ascii: "."))
        let before = digits[0].drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }.count
        let after = digits.count == 2 ? digits[1].count : 0
        let isZero = parts[0].allSatisfy { "-0.".utf8.contains($0) }
        return !isZero && before + exponent > maximumDigitsBefore
            || after - exponent > maximumDigitsAfter
    }
}
