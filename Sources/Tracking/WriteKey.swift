package import Formats

/// The write key that a call or a batch names, in any casing; nil if it names none.
///
/// The spec's own spelling wins over others. It may be of any kind: only a string can be right.
package func writeKey(of call: JSONValue) -> JSONValue? {
    var exact: JSONValue?
    var alias: JSONValue?
    for member in call.members where mayNameWriteKey(member.name) {
        guard let match = CallField.match(member.name), match.field == .writeKey else {
            continue
        }
        let value = member.value.unlessNull
        if match.isExact { exact = value } else { alias = value }
    }
    return exact ?? alias
}

/// Tells most other names apart at a glance: calls have many members, and keys are asked for first.
private func mayNameWriteKey(_ name: JSONValue) -> Bool {
    guard let first = name.plainContent?.first else { return true }
    return first | 0x20 == UInt8(ascii: "w")
}
