// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// The single pass over the bytes: a loop with its own stack, so depth costs no stack frames.
struct JSONScanner {
    var nodes: [JSONNode] = []
    /// The offset of the first name or value for which there was no room.
    private(set) var firstUnindexed: Int?
    /// The open containers, the innermost last.
    private var open: [Container] = []
    private let depth: Int
    private let maximumNodes: Int
    private let malformedUTF8: JSONText.MalformedUTF8

    private struct Container {
        let isObject: Bool
        /// The place of its node; -1 if it has none.
        let node: Int32
    }

    /// No more nodes than these are reserved in advance.
    private static let firstNodes = 64 << 10

    init(
        expecting count: Int, depth: Int = .max, maximumNodes: Int = .max,
        malformedUTF8: JSONText.MalformedUTF8 = .refused
    ) {
        self.malformedUTF8 = malformedUTF8
        self.depth = depth
        self.maximumNodes = maximumNodes
        // Typical events have a node per 16 bytes; a bad guess costs some reallocations.
        nodes.reserveCapacity(min(16 + count / 16, maximumNodes, Self.firstNodes))
        open.reserveCapacity(16)
    }

    mutating func scan(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= JSONText.maximumLength else {
            throw JSONError(problem: .tooLong, offset: JSONText.maximumLength)
        }
        try scan(bytes.span)
    }

    // What follows takes the place as an argument, and is made one function by the compiler: so the
    // place stays in a register.

    private mutating func scan(_ bytes: Span<UInt8>) throws(JSONError) {
        var at = 0
        skipSpace(bytes, &at)
        guard at < bytes.count else { throw JSONError(problem: .empty, offset: at) }
        while true {
            if try enterValue(bytes, &at) { continue }
            // A value has ended: close what it completes, or go to its next sibling.
            while let container = open.last {
                skipSpace(bytes, &at)
                switch try byte(bytes, at) {
                case UInt8(ascii: ","):
                    at &+= 1
                    skipSpace(bytes, &at)
                    if container.isObject { try scanName(bytes, &at) }
                case UInt8(ascii: "}") where container.isObject,
                    UInt8(ascii: "]") where !container.isObject:
                    at &+= 1
                    close(at)
                    continue
                default:
                    throw JSONError(problem: .unexpectedByte, offset: at)
                }
                break
            }
            guard open.isEmpty else { continue }
            skipSpace(bytes, &at)
            guard at == bytes.count else { throw JSONError(problem: .trailingBytes, offset: at) }
            return
        }
    }

    /// Scans one value's beginning; true when it opened a container that is not empty.
    @inline(__always)
    private mutating func enterValue(
        _ bytes: Span<UInt8>, _ at: inout Int
    ) throws(JSONError) -> Bool {
        skipSpace(bytes, &at)
        let start = at
        switch try byte(bytes, at) {
        case UInt8(ascii: "\""):
            try scanString(bytes, &at, isName: false)
        case UInt8(ascii: "{"):
            try enter(isObject: true, &at)
            skipSpace(bytes, &at)
            guard try byte(bytes, at) == UInt8(ascii: "}") else {
                try scanName(bytes, &at)
                return true
            }
            at &+= 1
            close(at)
        case UInt8(ascii: "["):
            try enter(isObject: false, &at)
            skipSpace(bytes, &at)
            guard try byte(bytes, at) == UInt8(ascii: "]") else { return true }
            at &+= 1
            close(at)
        case UInt8(ascii: "t"):
            try scanWord("true", bytes, &at)
            add(.true, start..<at)
        case UInt8(ascii: "f"):
            try scanWord("false", bytes, &at)
            add(.false, start..<at)
        case UInt8(ascii: "n"):
            try scanWord("null", bytes, &at)
            add(.null, start..<at)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            at = try endOfNumber(bytes, from: at)
            add(.number, start..<at)
        default:
            throw JSONError(problem: .unexpectedByte, offset: at)
        }
        return false
    }

    private mutating func enter(isObject: Bool, _ at: inout Int) throws(JSONError) {
        guard open.count < JSONText.maximumDepth else {
            throw JSONError(problem: .tooDeep, offset: at)
        }
        let place = Int32(truncatingIfNeeded: nodes.count)
        let hasNode = add(isObject ? .object : .array, at..<at)
        open.append(Container(isObject: isObject, node: hasNode ? place : -1))
        at &+= 1
    }

    private mutating func close(_ at: Int) {
        let container = Int(open.removeLast().node)
        guard container >= 0 else { return }
        nodes[container].end = Int32(truncatingIfNeeded: at)
        nodes[container].next = Int32(truncatingIfNeeded: nodes.count)
    }

    /// Adds a node, unless it is too deep or there is no room; a name needs room for its value too.
    @discardableResult
    @inline(__always)
    private mutating func add(
        _ kind: JSONKind, _ range: Range<Int>, isEscaped: Bool = false, isName: Bool = false
    ) -> Bool {
        guard open.count <= depth, firstUnindexed == nil else { return false }
        guard nodes.count < maximumNodes &- (isName ? 1 : 0) else {
            firstUnindexed = range.lowerBound
            return false
        }
        nodes.append(
            JSONNode(
                start: Int32(truncatingIfNeeded: range.lowerBound),
                end: Int32(truncatingIfNeeded: range.upperBound),
                next: Int32(truncatingIfNeeded: nodes.count &+ 1), kind: kind,
                isEscaped: isEscaped))
        return true
    }

    @inline(__always)
    private mutating func scanName(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONError) {
        guard try byte(bytes, at) == UInt8(ascii: "\"") else {
            throw JSONError(problem: .unexpectedByte, offset: at)
        }
        try scanString(bytes, &at, isName: true)
        skipSpace(bytes, &at)
        guard try byte(bytes, at) == UInt8(ascii: ":") else {
            throw JSONError(problem: .unexpectedByte, offset: at)
        }
        at &+= 1
    }

    private mutating func scanString(
        _ bytes: Span<UInt8>, _ at: inout Int, isName: Bool
    ) throws(JSONError) {
        let start = at
        let count = bytes.count
        var here = at &+ 1
        var isEscaped = false
        while true {
            here = JSONString.endOfPlain(from: here, in: bytes)
            guard here < count else { throw JSONError(problem: .endsEarly, offset: count) }
            let byte = bytes[here]
            if byte == UInt8(ascii: "\"") {
                at = here &+ 1
                add(.string, start..<at, isEscaped: isEscaped, isName: isName)
                return
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                here = try endOfEscape(from: here, bytes)
            } else if byte >= 0x80 {
                if let next = UTF8Sequence.end(from: here, in: bytes) {
                    here = next
                } else if malformedUTF8 == .kept {
                    here &+= 1
                } else {
                    throw JSONError(problem: .badUTF8, offset: here)
                }
            } else {
                throw JSONError(problem: .controlCharacter, offset: here)
            }
        }
    }

    @inline(__always)
    private func endOfEscape(from start: Int, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard start + 1 < bytes.count else {
            throw JSONError(problem: .endsEarly, offset: bytes.count)
        }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            for index in start + 2..<start + 6 {
                guard index < bytes.count else {
                    throw JSONError(problem: .endsEarly, offset: bytes.count)
                }
                guard Hex.value(of: bytes[index]) != nil else {
                    throw JSONError(problem: .badEscape, offset: start)
                }
            }
            return start + 6
        default:
            throw JSONError(problem: .badEscape, offset: start)
        }
    }

    private func endOfNumber(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONError) -> Int {
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        if bytes[at] == UInt8(ascii: "0") {
            at &+= 1
        } else {
            try scanDigits(bytes, &at, from: start)
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at &+= 1
            try scanDigits(bytes, &at, from: start)
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                at &+= 1
            }
            try scanDigits(bytes, &at, from: start)
        }
        // "01", "1x": the digit or letter cannot begin what follows a number either.
        if at < bytes.count, bytes[at].isASCIIDigit {
            throw JSONError(problem: .badNumber, offset: start)
        }
        return at
    }

    private func scanDigits(
        _ bytes: Span<UInt8>, _ at: inout Int, from start: Int
    ) throws(JSONError) {
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        guard bytes[at].isASCIIDigit else { throw JSONError(problem: .badNumber, offset: start) }
        while at < bytes.count, bytes[at].isASCIIDigit { at &+= 1 }
    }

    private func scanWord(
        _ word: String, _ bytes: Span<UInt8>, _ at: inout Int
    ) throws(JSONError) {
        let word = word.utf8.span
        for index in word.indices {
            guard try byte(bytes, at) == word[index] else {
                throw JSONError(problem: .unexpectedByte, offset: at)
            }
            at &+= 1
        }
    }

    @inline(__always)
    private func skipSpace(_ bytes: Span<UInt8>, _ at: inout Int) {
        while at < bytes.count, JSONText.isSpace(bytes[at]) { at &+= 1 }
    }

    @inline(__always)
    private func byte(_ bytes: Span<UInt8>, _ at: Int) throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        return bytes[at]
    }
}
