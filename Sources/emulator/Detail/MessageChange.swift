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
        let before = MessageLeaf.leaves(of: sent)
        let after = MessageLeaf.leaves(of: published)
        let places = Dictionary(before.enumerated().map { ($1.name, $0) }) { $1 }
        let spellings = Dictionary(before.enumerated().map { ($1.spelling, $0) }) { first, _ in
            first
        }
        // A number that has become text is the same.
        let values = Dictionary(grouping: before.indices) { before[$0].value.content }
        let kept = Set(after.map(\.name))
        var used: Set<Int> = []
        var changes: [MessageChange] = []
        for leaf in after {
            if let place = places[leaf.name] {
                used.insert(place)
                guard !before[place].isEqual(to: leaf) else { continue }
                changes.append(
                    MessageChange(
                        kind: .corrected, from: leaf.name, to: leaf.name,
                        why: reason.correction(of: leaf, from: before[place])))
            } else if let place = spellings[leaf.spelling], !kept.contains(before[place].name) {
                used.insert(place)
                changes.append(
                    MessageChange(
                        kind: .renamed, from: before[place].name, to: leaf.name,
                        why: reason.renaming(of: leaf, from: before[place])))
            } else if let why = reason.addition(of: leaf) {
                changes.append(MessageChange(kind: .added, to: leaf.name, why: why))
            } else if let place = source(of: leaf, values[leaf.value.content] ?? [], before) {
                used.insert(place)
                changes.append(
                    MessageChange(
                        kind: .moved, from: before[place].name, to: leaf.name,
                        why: reason.move(to: leaf)))
            } else if let header = header(of: leaf, headers) {
                changes.append(
                    MessageChange(
                        kind: .moved, from: "header \(header.name)", to: leaf.name,
                        why: reason.move(to: leaf)))
            } else {
                changes.append(
                    MessageChange(kind: .added, to: leaf.name, why: reason.otherAddition(of: leaf)))
            }
        }
        for (place, leaf) in before.enumerated() where !used.contains(place) {
            changes.append(
                MessageChange(kind: .dropped, from: leaf.name, why: reason.drop(of: leaf)))
        }
        return changes
    }

    /// The header that a field of the message was taken from.
    private static func header(of leaf: MessageLeaf, _ headers: [HTTPField]) -> HTTPField? {
        guard leaf.path.count == 1, !leaf.isCommon, let text = leaf.value.string else { return nil }
        return headers.first { $0.value == text }
    }

    /// The value that was sent elsewhere and is this one, of those that are equal.
    private static func source(
        of leaf: MessageLeaf, _ equal: [Int], _ before: [MessageLeaf]
    ) -> Int? {
        let last = leaf.spelling.last
        return equal.first { before[$0].spelling.last == last }
            ?? (leaf.isCommon ? nil : equal.first)
    }
}
