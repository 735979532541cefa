import Formats

/// Says in one line why a value differs, from what was sent and published.
struct ChangeReason {
    let sent: JSONValue
    /// The request around an item of a batch.
    let batch: JSONValue?
    let published: JSONValue
    let sender: String?

    private static let times = ["timestamp", "originalTimestamp", "sentAt", "receivedAt"]
    private static let ids = ["userId", "anonymousId", "groupId", "previousId", "messageId"]

    /// True if the sender speaks the spec's own language.
    private var isSegment: Bool { sender?.hasPrefix("segment") == true }

    func correction(of leaf: MessageLeaf, from old: MessageLeaf) -> String {
        if let name = leaf.path.first, leaf.path.count == 1 {
            if Self.times.contains(name) { return time(leaf.value, from: old.value) }
            if Self.ids.contains(name) { return "an id is published as text" }
        }
        switch (old.value.kind, leaf.value.kind) {
        case (.array, .object): return "an empty object has one spelling"
        case (.null, _), (_, .null): return "null counts as absent"
        default: return "written in the spec's form"
        }
    }

    func renaming(of leaf: MessageLeaf, from old: MessageLeaf) -> String {
        let text = "the spec's spelling"
        return leaf.isEqual(to: old) ? text : "\(text); \(correction(of: leaf, from: old))"
    }

    /// Why a value is new that Inlet itself adds; nil if it may have been sent elsewhere.
    func addition(of leaf: MessageLeaf) -> String? {
        if let own = batch.flatMap({ Self.value(at: leaf.path, in: $0) }),
            own.raw == leaf.value.raw, leaf.path.first != "messageId"
        {
            return "the batch says it for all its items"
        }
        guard leaf.path.count == 1 else {
            return leaf.path == ["context", "ip"] && sent["context"]?["direct"] != nil
                ? "the client's address, which context.direct asks for" : nil
        }
        switch leaf.path[0] {
        case "receivedAt": return "when it reached Inlet"
        case "originalTimestamp" where isSegment: return "the time as the sender wrote it"
        case "timestamp" where isSegment: return "none was sent: when it arrived"
        case "type" where sender == "segment-api": return "the path says it"
        default: return nil
        }
    }

    func move(to leaf: MessageLeaf) -> String {
        switch sender {
        case "partner": "the partner's mapping takes it from there"
        case "customerio": "where the call has what Customer.io sends there"
        default: "where the spec has it"
        }
    }

    func otherAddition(of leaf: MessageLeaf) -> String {
        switch leaf.path.first {
        case "messageId": idReason(leaf.value)
        case "timestamp", "originalTimestamp": "the time that was sent, else when it arrived"
        case "type": "such webhooks become calls of this type"
        case "event": "made of what kind of event it is"
        case "context": "says where the call comes from"
        default: "a rule of the sender \(sender ?? "") adds it"
        }
    }

    func drop(of leaf: MessageLeaf) -> String {
        let name = leaf.spelling.first ?? ""
        if name == "writekey" { return "a key does not leave Inlet" }
        let isEmpty = leaf.value.kind == .null || leaf.value.content.isEmpty
        if isEmpty, leaf.path.count == 1 { return "empty counts as absent" }
        switch sender {
        case "partner": return "the partner's mapping takes it nowhere"
        case "customerio": return "the call has no place for it"
        default: return "the spec has no place for it"
        }
    }

    /// An id that is made is a UUID, whose version says of what.
    private func idReason(_ value: JSONValue) -> String {
        let digits = Array(value.content)
        guard digits.count == 36 else { return "made of what was sent" }
        return digits[14] == UInt8(ascii: "5")
            ? "none was sent: made of partner and bytes, so that a resend has the same"
            : "none was sent, and no time: random"
    }

    private func time(_ new: JSONValue, from old: JSONValue) -> String {
        guard let after = Timestamp(reading: new) else { return "written in the spec's form" }
        guard let before = Timestamp(reading: old) else {
            return "it cannot be read: when it arrived, and originalTimestamp keeps the text"
        }
        let moved = after.microseconds / 1000 - before.microseconds / 1000
        guard moved != 0 else { return "the same moment, as RFC 3339 in UTC" }
        let seconds = Double(abs(moved)) / 1000
        return "the sender's clock, by sentAt, is \(seconds) s \(moved > 0 ? "slow" : "fast")"
    }

    private static func value(at path: [String], in root: JSONValue) -> JSONValue? {
        JSONPointer(tokens: path).value(in: root)
    }
}
