// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// The single pass over the bytes: a loop with its own stack, so depth costs no stack frames.
struct JSONScanner: ~Copyable {
    private(set) var nodes: [JSONNode] = []
    /// What is kept of the string that was to be unescaped.
    var unescaped: UnescapedString?
    /// The offset of the first name or value for which there was no room.
    private(set) var firstUnindexed: Int?
    /// The containers around the innermost one, which is the last's child.
    private var outer: [Container] = []
    private let depth: Int
    private let maximumNodes: Int
    let malformedUTF8: JSONText.MalformedUTF8
    private let unescaping: String?

    private struct Container {
        let isObject: Bool
        /// The place of its node; -1 if it has none.
        let node: Int32

        /// What the root is in.
        static let none = Container(isObject: false, node: -1)
    }

    /// How far the scan has come.
    private struct Progress {
        var at = 0
        /// Nodes that there are.
        var nodes = 0
        /// True where a member's name comes next, and then its value.
        var isAtName = false
        /// The innermost open container.
        var container = Container.none
        /// How many are open.
        var depth = 0
    }

    /// The nodes that there are, and behind them room for more.
    private typealias Nodes = MutableSpan<JSONNode>

    /// No more nodes than these are reserved in advance.
    private static let firstNodes = 64 << 10
    /// Nodes for which room is filled at once: memory that is not used after all.
    private static let mostRoom = 16 << 10
    private static let leastRoom = 64

    /// `unescaping` names a member of the root, as it is written without escapes: its characters are
    /// kept if it is a string that has some, with room for the rest of the text.
    init(
        expecting count: Int, depth: Int = .max, maximumNodes: Int = .max,
        malformedUTF8: JSONText.MalformedUTF8 = .refused, unescaping: String? = nil
    ) {
        self.malformedUTF8 = malformedUTF8
        self.depth = depth
        self.maximumNodes = maximumNodes
        self.unescaping = unescaping
        // A batch has a node per twelve bytes; a bad guess costs some reallocations.
        nodes.reserveCapacity(min(64 + count / 10, min(maximumNodes, Self.firstNodes) + 2))
        outer.reserveCapacity(16)
    }

    mutating func scan(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= JSONText.maximumLength else {
            throw JSONError(problem: .tooLong, offset: JSONText.maximumLength)
        }
        var nodes: [JSONNode] = []
        swap(&nodes, &self.nodes)
        var progress = Progress()
        var isDone = false
        while !isDone {
            // Twice as many each time, and few at first: an event has no more than its members.
            let more = max(
                min(nodes.count, nodes.capacity - nodes.count, Self.mostRoom), Self.leastRoom)
            nodes.append(addingCapacity: more) { $0.append(repeating: .none, count: more) }
            var room = nodes.mutableSpan
            isDone = try scan(bytes.span, &progress, into: &room)
        }
        nodes.removeLast(nodes.count - progress.nodes)
        self.nodes = nodes
    }

    // What follows is made one function by the compiler.

    /// - Returns: false if there was no room for another member.
    private mutating func scan(
        _ bytes: Span<UInt8>, _ progress: inout Progress, into nodes: inout Nodes
    ) throws(JSONError) -> Bool {
        var here = progress
        if here.at == 0 {
            here.at = JSONToken.endOfSpace(from: here.at, bytes)
            guard here.at < bytes.count else { throw JSONError(problem: .empty, offset: here.at) }
        }
        while here.nodes &+ 2 <= nodes.count {
            if here.isAtName { try scanName(bytes, &here, into: &nodes) }
            if try enterValue(bytes, &here, into: &nodes) { continue }
            if try leave(bytes, &here, &nodes) {
                progress = here
                return true
            }
        }
        progress = here
        return false
    }

    /// Scans one value's beginning; true when it opened a container that is not empty.
    @inline(__always)
    private mutating func enterValue(
        _ bytes: Span<UInt8>, _ here: inout Progress, into nodes: inout Nodes
    ) throws(JSONError) -> Bool {
        here.at = JSONToken.endOfSpace(from: here.at, bytes)
        let start = here.at
        switch try JSONToken.byte(at: start, bytes) {
        case UInt8(ascii: "\""):
            let string =
                isToBeUnescaped(bytes, here, nodes)
                ? try unescape(from: start, bytes, node: here.nodes)
                : try JSONToken.endOfString(from: start, bytes, malformedUTF8: malformedUTF8)
            add(.string, to: string.at, isEscaped: string.isEscaped, &here, &nodes)
        case UInt8(ascii: "{"):
            return try enter(isObject: true, bytes, &here, &nodes)
        case UInt8(ascii: "["):
            return try enter(isObject: false, bytes, &here, &nodes)
        case UInt8(ascii: "t"):
            add(.true, to: try JSONToken.end(of: "true", from: start, bytes), &here, &nodes)
        case UInt8(ascii: "f"):
            add(.false, to: try JSONToken.end(of: "false", from: start, bytes), &here, &nodes)
        case UInt8(ascii: "n"):
            add(.null, to: try JSONToken.end(of: "null", from: start, bytes), &here, &nodes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            add(.number, to: try JSONToken.endOfNumber(from: start, bytes), &here, &nodes)
        default:
            throw JSONError(problem: .unexpectedByte, offset: start)
        }
        return false
    }

    /// Enters a container; false if it is empty, and has been left again.
    @inline(__always)
    private mutating func enter(
        isObject: Bool, _ bytes: Span<UInt8>, _ here: inout Progress, _ nodes: inout Nodes
    ) throws(JSONError) -> Bool {
        guard here.depth < JSONText.maximumDepth else {
            throw JSONError(problem: .tooDeep, offset: here.at)
        }
        let place = Int32(truncatingIfNeeded: here.nodes)
        let hasNode = add(isObject ? .object : .array, to: here.at, &here, &nodes)
        outer.append(here.container)
        here.container = Container(isObject: isObject, node: hasNode ? place : -1)
        here.depth &+= 1
        here.at &+= 1
        here.at = JSONToken.endOfSpace(from: here.at, bytes)
        let last = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard try JSONToken.byte(at: here.at, bytes) == last else {
            here.isAtName = isObject
            return true
        }
        close(&here, &nodes)
        return false
    }

    /// A value has ended: closes what it completes, and goes on to what follows.
    ///
    /// - Returns: true at the end of the text.
    @inline(__always)
    private mutating func leave(
        _ bytes: Span<UInt8>, _ here: inout Progress, _ nodes: inout Nodes
    ) throws(JSONError) -> Bool {
        while here.depth > 0 {
            here.at = JSONToken.endOfSpace(from: here.at, bytes)
            switch try JSONToken.byte(at: here.at, bytes) {
            case UInt8(ascii: ","):
                here.at &+= 1
                here.isAtName = here.container.isObject
                return false
            case UInt8(ascii: "}") where here.container.isObject,
                UInt8(ascii: "]") where !here.container.isObject:
                close(&here, &nodes)
            default:
                throw JSONError(problem: .unexpectedByte, offset: here.at)
            }
        }
        here.at = JSONToken.endOfSpace(from: here.at, bytes)
        guard here.at == bytes.count else {
            throw JSONError(problem: .trailingBytes, offset: here.at)
        }
        return true
    }

    /// Goes past the bracket that ends the innermost container.
    @inline(__always)
    private mutating func close(_ here: inout Progress, _ nodes: inout Nodes) {
        here.at &+= 1
        here.depth &-= 1
        let container = Int(here.container.node)
        here.container = outer.removeLast()
        guard container >= 0 else { return }
        nodes[container].end = Int32(truncatingIfNeeded: here.at)
        nodes[container].next = Int32(truncatingIfNeeded: here.nodes)
    }

    /// Adds a node from here to `end`, where it goes on, unless it is too deep or there is no room;
    /// a name needs room for its value too.
    @discardableResult
    @inline(__always)
    private mutating func add(
        _ kind: JSONKind, to end: Int, isEscaped: Bool = false, isName: Bool = false,
        _ here: inout Progress, _ nodes: inout Nodes
    ) -> Bool {
        let start = here.at
        here.at = end
        guard here.depth <= depth, firstUnindexed == nil else { return false }
        guard here.nodes < maximumNodes &- (isName ? 1 : 0) else {
            firstUnindexed = start
            return false
        }
        nodes[here.nodes] = JSONNode(
            start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
            next: Int32(truncatingIfNeeded: here.nodes &+ 1), kind: kind, isEscaped: isEscaped)
        here.nodes &+= 1
        return true
    }

    @inline(__always)
    private mutating func scanName(
        _ bytes: Span<UInt8>, _ here: inout Progress, into nodes: inout Nodes
    ) throws(JSONError) {
        here.at = JSONToken.endOfSpace(from: here.at, bytes)
        guard try JSONToken.byte(at: here.at, bytes) == UInt8(ascii: "\"") else {
            throw JSONError(problem: .unexpectedByte, offset: here.at)
        }
        let string = try JSONToken.endOfString(
            from: here.at, bytes, malformedUTF8: malformedUTF8)
        add(.string, to: string.at, isEscaped: string.isEscaped, isName: true, &here, &nodes)
        here.at = JSONToken.endOfSpace(from: here.at, bytes)
        guard try JSONToken.byte(at: here.at, bytes) == UInt8(ascii: ":") else {
            throw JSONError(problem: .unexpectedByte, offset: here.at)
        }
        here.at &+= 1
        here.isAtName = false
    }

    /// True if the value that comes next is the one to be unescaped.
    @inline(__always)
    private func isToBeUnescaped(
        _ bytes: Span<UInt8>, _ here: Progress, _ nodes: borrowing Nodes
    ) -> Bool {
        guard let unescaping, here.depth == 1, here.container.isObject, here.nodes > 1 else {
            return false
        }
        return Self.isName(nodes[here.nodes &- 1], unescaping, in: bytes)
    }

    private static func isName(
        _ node: JSONNode, _ name: String, in bytes: Span<UInt8>
    ) -> Bool {
        let (content, name) = (node.content, name.utf8.span)
        guard node.kind == .string, content.count == name.count else { return false }
        for index in name.indices where bytes[content.lowerBound + index] != name[index] {
            return false
        }
        return true
    }
}
