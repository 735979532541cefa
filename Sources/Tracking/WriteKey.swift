package import Formats

/// The write key that a call or a batch names, in any casing; nil where it names none.
///
/// The spec's own spelling wins over others. It may be of any kind: only a string can be right.
package func writeKey(of call: JSONValue) -> JSONValue? {
    var exact: JSONValue?
    var alias: JSONValue?
    for member in call.members where mayNameWriteKey(member.name) {
        guard let (name, isExact) = CallFields.field(named: member.name), name == .writeKey else {
            continue
        }
        if isExact { exact = member.value.unlessNull } else { alias = member.value.unlessNull }
    }
    return exact ?? alias
}

/// Tells most other names apart at a glance: calls have many members, and keys are asked for first.
private func mayNameWriteKey(_ name: JSONValue) -> Bool {
    guard let first = name.plainContent?.first else { return true }
    return first | 0x20 == UInt8(ascii: "w")
}

/// The text of a call or a batch with every write key in it emptied, items' included.
///
/// What is kept of an invalid call must not hold what authenticates valid ones.
package func withoutWriteKeys(_ call: JSONValue) -> [UInt8] {
    var keys = writeKeyRanges(of: call)
    if let batch = call["batch"] { keys += batch.elements.flatMap(writeKeyRanges) }
    guard !keys.isEmpty else { return Array(call.raw) }
    var out: [UInt8] = []
    out.reserveCapacity(call.range.count)
    var at = call.range.lowerBound
    for key in keys.sorted(by: { $0.lowerBound < $1.lowerBound }) where key.lowerBound >= at {
        out += call.text.bytes[at..<key.lowerBound]
        out += Array("\"\"".utf8)
        at = key.upperBound
    }
    return out + call.text.bytes[at..<call.range.upperBound]
}

private func writeKeyRanges(of call: JSONValue) -> [Range<Int>] {
    call.members.compactMap { member in
        guard mayNameWriteKey(member.name) else { return nil }
        return isWriteKey(member.name) ? member.value.range : nil
    }
}
