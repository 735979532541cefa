import Formats

/// What was done to one value between what was sent and what was published.
struct MessageChange: Equatable {
    enum Kind: String {
        case added, renamed, moved, dropped, corrected
    }

    let kind: Kind
    /// Where it was sent; nil for what was added.
    var from: String?
    /// Where it was published; nil for what was dropped.
    var to: String?
    /// One line.
    let why: String

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", kind.rawValue)
            writer.member("from", from)
            writer.member("to", to)
            writer.member("why", why)
        }
    }
}

extension MessageChange {
    /// The changes that made a message of what was sent, those of the message first.
    ///
    /// `batch` is the request around an item, which gives it what it says for all; `headers` came
    /// with it.
    static func changes(
        from sent: JSONValue, in batch: JSONValue?, headers: [HTTPField] = [],
        to published: JSONValue, by sender: String?
    ) -> [MessageChange] {
        let reason = ChangeReason(sent: sent, batch: batch, published: published, sender: sender)
        let after = MessageLeaf.leaves(of: published)
        var comparison = MessageComparison(
            sent: MessageLeaf.leaves(of: sent), headers: headers,
            published: Set(after.map(\.name)), reason)
        let changes = after.compactMap { comparison.change(to: $0) }
        return changes + comparison.dropped
    }
}
