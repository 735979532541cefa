import Formats

/// Finds for each value of a message where it was sent, and remembers what has been found.
struct MessageComparison {
    private let before: [MessageLeaf]
    private let headers: [HTTPField]
    private let published: Set<String>
    private let reason: ChangeReason
    /// Where in `before` the value of a name stands.
    private let places: [String: Int]
    /// The same by the spellings that differ in case and underscores alone.
    private let spellings: [[String]: Int]
    /// Where equal values stand; a number that has become text is the same.
    private let values: [ArraySlice<UInt8>: [Int]]
    private var used: Set<Int> = []

    /// `published` are the names of all values of the message.
    init(
        sent before: [MessageLeaf], headers: [HTTPField], published: Set<String>,
        _ reason: ChangeReason
    ) {
        self.before = before
        self.headers = headers
        self.published = published
        self.reason = reason
        places = Dictionary(before.enumerated().map { ($1.name, $0) }) { $1 }
        spellings = Dictionary(before.enumerated().map { ($1.spelling, $0) }) { first, _ in first }
        values = Dictionary(grouping: before.indices) { before[$0].value.content }
    }

    /// What was done to get a value of the message; nil if it was sent so.
    mutating func change(to leaf: MessageLeaf) -> MessageChange? {
        if let place = places[leaf.name] {
            let old = use(place)
            guard !old.isEqual(to: leaf) else { return nil }
            return MessageChange(
                kind: .corrected, from: leaf.name, to: leaf.name,
                why: reason.correction(of: leaf, from: old))
        }
        if let place = spellings[leaf.spelling], !published.contains(before[place].name) {
            let old = use(place)
            return MessageChange(
                kind: .renamed, from: old.name, to: leaf.name,
                why: reason.renaming(of: leaf, from: old))
        }
        if let why = reason.addition(of: leaf) {
            return MessageChange(kind: .added, to: leaf.name, why: why)
        }
        if let origin = source(of: leaf).map({ use($0).name })
            ?? header(of: leaf).map({ "header \($0.name)" })
        {
            return MessageChange(
                kind: .moved, from: origin, to: leaf.name, why: reason.move(to: leaf))
        }
        return MessageChange(kind: .added, to: leaf.name, why: reason.otherAddition(of: leaf))
    }

    /// What was sent and no value of the message has been found in, once all have been asked for.
    var dropped: [MessageChange] {
        before.indices.filter { !used.contains($0) }.map { place in
            let leaf = before[place]
            return MessageChange(kind: .dropped, from: leaf.name, why: reason.drop(of: leaf))
        }
    }

    private mutating func use(_ place: Int) -> MessageLeaf {
        used.insert(place)
        return before[place]
    }

    /// The header that a field of the message was taken from.
    private func header(of leaf: MessageLeaf) -> HTTPField? {
        guard leaf.path.count == 1, !leaf.isCommon, let text = leaf.value.string else { return nil }
        return headers.first { $0.value == text }
    }

    /// The value that was sent elsewhere and is this one, of those that are equal.
    private func source(of leaf: MessageLeaf) -> Int? {
        let equal = values[leaf.value.content] ?? []
        let last = leaf.spelling.last
        return equal.first { before[$0].spelling.last == last }
            ?? (leaf.isCommon ? nil : equal.first)
    }
}
