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

/// The keys in bytes that need not be sound JSON, and what is left of those bytes without them.
///
/// A key is the text after a name in quotes and a colon: `writeKey` in any casing, or one of the
/// names that are given. Nothing else of the bytes is looked at, so this tells who sent them only as
/// well as they do.
package struct KeySearch {
    /// The keys that are there as a whole, each once, in order.
    package private(set) var keys: [[UInt8]] = []
    /// The bytes with every key emptied, one that is cut off too.
    package private(set) var remainder: [UInt8] = []

    /// Names other than `writeKey`, as they are written.
    private let names: [String]

    /// Bytes of a name with its underscores, quotes left out.
    private static let longestName = 40
    /// Different keys that are noted; nobody has this many.
    private static let maximumKeys = 8

    package init(_ bytes: [UInt8], named names: [String] = []) {
        self.names = names
        remainder.reserveCapacity(bytes.count)
        var kept = 0
        var at = 0
        while at < bytes.count {
            guard bytes[at] == Self.quote, let start = valueStart(bytes, after: at) else {
                at += 1
                continue
            }
            let end = Self.end(of: bytes, from: start)
            if end < bytes.count { note(bytes[start..<end]) }
            remainder += bytes[kept..<start]
            (kept, at) = (end, end)
        }
        remainder += bytes[kept...]
    }

    private mutating func note(_ key: ArraySlice<UInt8>) {
        guard !key.isEmpty, keys.count < Self.maximumKeys, !keys.contains(where: key.elementsEqual)
        else { return }
        keys.append(Array(key))
    }

    private static let quote = UInt8(ascii: "\"")

    /// Where a key begins, if the quote at that place opens the name of one.
    private func valueStart(_ bytes: [UInt8], after quote: Int) -> Int? {
        let name = bytes[(quote + 1)...].prefix(Self.longestName + 1).prefix { $0 != Self.quote }
        guard name.endIndex < bytes.count, name.count <= Self.longestName, isKeyName(name) else {
            return nil
        }
        var at = name.endIndex + 1
        func skipSpace() {
            while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        }
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return nil }
        at += 1
        skipSpace()
        return at < bytes.count && bytes[at] == Self.quote ? at + 1 : nil
    }

    private func isKeyName(_ name: ArraySlice<UInt8>) -> Bool {
        CallFields.field(name.span)?.name == .writeKey
            || names.contains { name.elementsEqual($0.utf8) }
    }

    /// Where the string that begins there ends: at its quote, or where the bytes do.
    private static func end(of bytes: [UInt8], from start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] != quote {
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(at, bytes.count)
    }
}
