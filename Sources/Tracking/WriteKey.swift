package import Formats

/// The write key that a call or a batch names, in any casing; nil if it names none.
///
/// The spec's own spelling wins over others. It may be of any kind: only a string can be right.
package func writeKey(of call: JSONValue) -> JSONValue? {
    var exact: JSONValue?
    var alias: JSONValue?
    call.forEachMember { name, value in
        guard mayNameWriteKey(name, in: call.text), let match = CallField.match(name, in: call),
            match.field == .writeKey
        else { return }
        let value = call.value(at: value).unlessNull
        if match.isExact { exact = value } else { alias = value }
    }
    return exact ?? alias
}

/// Tells most other names apart at a glance: calls have many members, and keys are asked for first.
private func mayNameWriteKey(_ name: JSONPlace, in text: JSONText) -> Bool {
    guard let plain = text.plainContent(at: name), !plain.isEmpty else { return true }
    return text.bytes[plain.lowerBound] | 0x20 == UInt8(ascii: "w")
}
