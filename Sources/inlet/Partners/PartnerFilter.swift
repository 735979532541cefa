import Partners

/// Which partners a list shows, and in which order.
struct PartnerFilter {
    static let status = Option(
        name: "status", value: "STATUS", help: "only those of this status; may be repeated",
        choices: Partner.Status.allCases.map(\.rawValue) + [removed])
    static let sender = Option(
        name: "sender", value: "SENDER",
        help: "only those that may send as this sender; may be repeated",
        choices: SenderName.allCases.map(\.rawValue))
    static let name = Option(
        name: "name", value: "PATTERN",
        help: "only those whose name fits; * is any text, ? a character")
    static let removedToo = Option(name: "all", help: "also those that were removed")
    static let sort = Option(
        name: "sort", value: "ORDER",
        help: "by name (default), or the latest created or modified first",
        choices: Order.allCases.map(\.rawValue))
    static let limit = Option(name: "limit", value: "N", help: "the first N of them")
    /// What chooses partners; an export has these too.
    static let chosen = [status, sender, name, removedToo]

    private static let removed = "REMOVED"
    private static let maximumLimit = 100_000

    private enum Order: String, CaseIterable {
        case name, created, modified
    }

    private let states: Set<String>
    private let senders: Set<SenderName>
    private let pattern: Pattern?
    private let order: Order
    private let limit: Int
    /// True if removed partners are asked for.
    let includesRemoved: Bool

    init(_ arguments: Arguments) throws(InletError) {
        states = Set(arguments.values(Self.status))
        senders = Set(arguments.values(Self.sender).compactMap(SenderName.init(rawValue:)))
        pattern = arguments.value(Self.name).map(Pattern.init)
        order = arguments.value(Self.sort).flatMap(Order.init) ?? .name
        includesRemoved = arguments.has(Self.removedToo) || states.contains(Self.removed)
        guard let text = arguments.value(Self.limit) else {
            limit = Self.maximumLimit
            return
        }
        guard let number = Int(text), 1...Self.maximumLimit ~= number else {
            throw .malformed("--limit", expected: "a number from 1 to \(Self.maximumLimit)")
        }
        limit = number
    }

    /// The partners that it chooses, of some that are sorted by name.
    func apply(to entries: [PartnerEntry]) -> [PartnerEntry] {
        var found = entries.filter { entry in
            (states.isEmpty || states.contains(entry.state))
                && (senders.isEmpty || entry.senders.contains(where: senders.contains))
                && pattern?.fits(entry.name) != false
        }
        switch order {
        case .name: break
        case .created: found.sort { $0.time("created_at") > $1.time("created_at") }
        case .modified: found.sort { $0.time("modified_at") > $1.time("modified_at") }
        }
        return Array(found.prefix(limit))
    }
}

/// A pattern of names: `*` stands for any text, `?` for one character.
struct Pattern {
    private let characters: [Character]

    init(_ text: String) { characters = Array(text) }

    /// Takes time in proportion to both lengths, whatever the pattern.
    func fits(_ name: String) -> Bool {
        // The places of the pattern that the name so far can have led to.
        var places: Set<Int> = reach([0])
        for character in name {
            var next: Set<Int> = []
            for place in places where place < characters.count {
                if characters[place] == "*" {
                    next.insert(place)
                } else if characters[place] == "?" || characters[place] == character {
                    next.insert(place + 1)
                }
            }
            places = reach(next)
        }
        return places.contains(characters.count)
    }

    /// These places, and those behind a `*` that stands for nothing.
    private func reach(_ places: Set<Int>) -> Set<Int> {
        var found = places
        for place in places {
            var next = place
            while next < characters.count, characters[next] == "*" {
                next += 1
                found.insert(next)
            }
        }
        return found
    }
}
