// WHATWG URL: application/x-www-form-urlencoded
internal import Formats

/// Forms that webhook senders post instead of JSON.
package enum FormBody {
    /// The JSON of a form: what its only field, `payload`, holds, as GitHub and Slack send it, or
    /// else an object of all its fields.
    ///
    /// It has at most six bytes for each of the form's, because names and texts gain quotes.
    package static func json(of bytes: [UInt8]) -> [UInt8] {
        var fields = PercentEncoding.pairs(bytes)
        if let only = fields.next(), fields.next() == nil, only.name.elementsEqual("payload".utf8),
            only.value.first(where: { !isSpace($0) }) == UInt8(ascii: "{")
        {
            return only.value
        }
        var writer = JSONWriter(reserving: bytes.count * 2)
        writer.object { object in
            for pair in PercentEncoding.pairs(bytes) {
                let field = NamedValue(pair)
                object.member(field.name, field.value)
            }
        }
        return writer.bytes
    }

    /// True for a form.
    ///
    /// It is told by its characters, because `curl` calls JSON a form: no JSON text has an equals
    /// sign outside of quotes, and no form has quotes.
    package static func isForm(_ bytes: [UInt8]) -> Bool {
        var text = bytes[...]
        while let last = text.last, isSpace(last) { text.removeLast() }
        // A name may have brackets, and not begin with one: that is JSON, if anything.
        return text.contains(UInt8(ascii: "=")) && text.first != UInt8(ascii: "[")
            && text.allSatisfy { 0x21..<0x7F ~= $0 && !notInForms.contains($0) }
    }

    private static let notInForms = Array(#""\{}"#.utf8)

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
