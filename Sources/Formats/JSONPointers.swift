// RFC 6901: JavaScript Object Notation (JSON) Pointer

/// Many pointers, followed in one pass: each name of a text is read once, however many pointers
/// there are.
public struct JSONPointers: Sendable {
    private struct Node: Sendable {
        let token: [UInt8]
        /// The token as an array's index; nil if it is none.
        let index: Int?
        /// In the order of their tokens.
        var children: [Int] = []
        /// The pointers that end here.
        var ends: [Int] = []
    }

    private var nodes = [Node(token: [], index: nil)]
    private let count: Int

    public init(_ pointers: [JSONPointer]) {
        count = pointers.count
        for (number, pointer) in pointers.enumerated() {
            var node = 0
            for token in pointer.tokens { node = child(of: node, named: token) }
            nodes[node].ends.append(number)
        }
    }

    /// The value of each pointer, in the order of the pointers; see ``JSONPointer/value(in:)``.
    public func values(in root: JSONValue) -> [JSONValue?] {
        var found = [JSONValue?](repeating: nil, count: count)
        follow(0, into: root, &found)
        return found
    }

    /// The child with this token; it is made if there is none.
    private mutating func child(of node: Int, named token: String) -> Int {
        let bytes = Array(token.utf8)
        let (place, isThere) = place(of: bytes[...], among: nodes[node].children)
        guard !isThere else { return nodes[node].children[place] }
        nodes.append(Node(token: bytes, index: JSONPointer.index(token)))
        nodes[node].children.insert(nodes.count - 1, at: place)
        return nodes.count - 1
    }

    /// The index at which a token stands among children, or would stand, by binary search.
    private func place(
        of token: ArraySlice<UInt8>, among children: [Int]
    ) -> (place: Int, isThere: Bool) {
        var (low, high) = (0, children.count)
        while low < high {
            let middle = (low + high) / 2
            switch Self.order(token, nodes[children[middle]].token) {
            case 0: return (middle, true)
            case ..<0: high = middle
            default: low = middle + 1
            }
        }
        return (low, false)
    }

    /// Negative, zero or positive; the shorter one comes first.
    private static func order(_ one: ArraySlice<UInt8>, _ other: [UInt8]) -> Int {
        guard one.count == other.count else { return one.count - other.count }
        for (byte, otherByte) in zip(one, other) where byte != otherByte {
            return Int(byte) - Int(otherByte)
        }
        return 0
    }

    /// Follows the pointers that continue from a node, which has this value.
    ///
    /// The recursion is as deep as the pointers are long.
    private func follow(_ node: Int, into value: JSONValue, _ found: inout [JSONValue?]) {
        for number in nodes[node].ends { found[number] = value }
        let children = nodes[node].children
        guard !children.isEmpty else { return }
        for (child, below) in zip(children, Self.values(of: value, self, children)) {
            if let below { follow(child, into: below, &found) }
        }
    }

    /// The values that children's tokens name in an object or an array; the last one if a name is
    /// repeated.
    private static func values(
        of value: JSONValue, _ pointers: JSONPointers, _ children: [Int]
    ) -> [JSONValue?] {
        var values = [JSONValue?](repeating: nil, count: children.count)
        switch value.kind {
        case .object:
            for member in value.members {
                let name = member.name.plainContent ?? (member.name.utf8 ?? [])[...]
                let (place, isThere) = pointers.place(of: name, among: children)
                if isThere { values[place] = member.value }
            }
        case .array:
            let last = children.compactMap { pointers.nodes[$0].index }.max() ?? -1
            // Sorted by index: children are sorted by token, so 10 stands before 9.
            var places = children.indices.filter { pointers.nodes[children[$0]].index != nil }
            places.sort {
                (pointers.nodes[children[$0]].index ?? 0)
                    > (pointers.nodes[children[$1]].index ?? 0)
            }
            for (index, element) in value.elements.enumerated() {
                guard index <= last else { break }
                guard let place = places.last, pointers.nodes[children[place]].index == index
                else { continue }
                values[place] = element
                places.removeLast()
            }
        case .string, .number, .true, .false, .null: break
        }
        return values
    }
}
