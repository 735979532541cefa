package import Formats

/// The write key that a call or a batch names, in any casing; nil if it names none.
///
/// The spec's own spelling wins over others. It may be of any kind: only a string can be right.
package func writeKey(of call: JSONValue) -> JSONValue? {
    var exact: JSONValue?
    var alias: JSONValue?
    let text = call.text
    let bytes = text.bytes
    for member in call.memberPlaces {
        guard mayNameWriteKey(member.name, in: text, bytes.span),
            let match = CallField.match(member.name, in: text, bytes.span),
            match.field == .writeKey
        else { continue }
        let value = call.value(at: member.value).unlessNull
        if match.isExact { exact = value } else { alias = value }
    }
    return exact ?? alias
}

/// Tells most other names apart at a glance: calls have many members, and keys are asked for first.
private func mayNameWriteKey(
    _ name: JSONPlace, in text: JSONText, _ bytes: Span<UInt8>
) -> Bool {
    guard let plain = text.plainContent(at: name), !plain.isEmpty else { return true }
    return bytes[plain.lowerBound] | 0x20 == UInt8(ascii: "w")
}
