// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// The single pass over the bytes: a loop with its own stack, so depth costs no stack frames.
struct JSONScanner {
    var nodes: [JSONNode] = []
    /// The offset of the first name or value for which there was no room.
    private(set) var firstUnindexed: Int?
    /// The open containers' nodes; for a container without a node, one of the constants below.
    private var open: [Int32] = []
    private var at = 0
    private let depth: Int
    private let maximumNodes: Int
    private let malformedUTF8: JSONText.MalformedUTF8

    private static let unindexedObject: Int32 = -1
    private static let unindexedArray: Int32 = -2
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

    private mutating func scan(_ bytes: Span<UInt8>) throws(JSONError) {
        skipSpace(bytes)
        guard at < bytes.count else { throw JSONError(problem: .empty, offset: at) }
        while true {
            if try enterValue(bytes) { continue }
            // A value has ended: close what it completes, or go to its next sibling.
            while let container = open.last {
                skipSpace(bytes)
                let isObject = isObject(container)
                switch try byte(bytes) {
                case UInt8(ascii: ","):
                    at += 1
                    skipSpace(bytes)
                    if isObject { try scanName(bytes) }
                case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                    at += 1
                    close()
                    continue
                default:
                    throw unexpected()
                }
                break
            }
            guard open.isEmpty else { continue }
            skipSpace(bytes)
            guard at == bytes.count else { throw JSONError(problem: .trailingBytes, offset: at) }
            return
        }
    }

    /// Scans one value's beginning; true when it opened a container that is not empty.
    private mutating func enterValue(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        skipSpace(bytes)
        let start = at
        switch try byte(bytes) {
        case UInt8(ascii: "\""):
            try scanString(bytes)
        case UInt8(ascii: "{"):
            try enter(.object)
            skipSpace(bytes)
            guard try byte(bytes) == UInt8(ascii: "}") else {
                try scanName(bytes)
                return true
            }
            at += 1
            close()
        case UInt8(ascii: "["):
            try enter(.array)
            skipSpace(bytes)
            guard try byte(bytes) == UInt8(ascii: "]") else { return true }
            at += 1
            close()
        case UInt8(ascii: "t"):
            try scanWord("true", bytes)
            add(.true, from: start)
        case UInt8(ascii: "f"):
            try scanWord("false", bytes)
            add(.false, from: start)
        case UInt8(ascii: "n"):
            try scanWord("null", bytes)
            add(.null, from: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanNumber(bytes)
            add(.number, from: start)
        default:
            throw unexpected()
        }
        return false
    }

    private mutating func enter(_ kind: JSONKind) throws(JSONError) {
        guard open.count < JSONText.maximumDepth else {
            throw JSONError(problem: .tooDeep, offset: at)
        }
        let place = Int32(truncatingIfNeeded: nodes.count)
        let unindexed = kind == .object ? Self.unindexedObject : Self.unindexedArray
        open.append(add(kind, from: at) ? place : unindexed)
        at += 1
    }

    private func isObject(_ container: Int32) -> Bool {
        container >= 0
            ? nodes[Int(container)].kind == .object : container == Self.unindexedObject
    }

    private mutating func close() {
        let container = Int(open.removeLast())
        guard container >= 0 else { return }
        nodes[container].end = Int32(truncatingIfNeeded: at)
        nodes[container].next = Int32(truncatingIfNeeded: nodes.count)
    }

    /// Adds a node, unless it is too deep or there is no room; a name needs room for its value too.
    @discardableResult
    private mutating func add(
        _ kind: JSONKind, from start: Int, isEscaped: Bool = false, isName: Bool = false
    ) -> Bool {
        guard open.count <= depth, firstUnindexed == nil else { return false }
        guard nodes.count < maximumNodes &- (isName ? 1 : 0) else {
            firstUnindexed = start
            return false
        }
        nodes.append(
            JSONNode(
                start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: at),
                next: Int32(truncatingIfNeeded: nodes.count + 1), kind: kind,
                isEscaped: isEscaped))
        return true
    }

    private mutating func scanName(_ bytes: Span<UInt8>) throws(JSONError) {
        guard try byte(bytes) == UInt8(ascii: "\"") else { throw unexpected() }
        try scanString(bytes, isName: true)
        skipSpace(bytes)
        guard try byte(bytes) == UInt8(ascii: ":") else { throw unexpected() }
        at += 1
    }

    private mutating func scanString(
        _ bytes: Span<UInt8>, isName: Bool = false
    ) throws(JSONError) {
        let start = at
        let count = bytes.count
        var here = at + 1
        var isEscaped = false
        while true {
            here = JSONString.endOfPlain(from: here, in: bytes)
            guard here < count else { throw JSONError(problem: .endsEarly, offset: count) }
            let byte = bytes[here]
            if byte >= 0x80 {
                if let next = UTF8Sequence.end(from: here, in: bytes) {
                    here = next
                } else if malformedUTF8 == .kept {
                    here += 1
                } else {
                    throw JSONError(problem: .badUTF8, offset: here)
                }
            } else if byte == UInt8(ascii: "\"") {
                at = here + 1
                add(.string, from: start, isEscaped: isEscaped, isName: isName)
                return
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                here = try endOfEscape(from: here, bytes)
            } else {
                throw JSONError(problem: .controlCharacter, offset: here)
            }
        }
    }

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

    private mutating func scanNumber(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        if bytes[at] == UInt8(ascii: "0") {
            at += 1
        } else {
            try scanDigits(bytes, from: start)
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            try scanDigits(bytes, from: start)
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                at += 1
            }
            try scanDigits(bytes, from: start)
        }
        // "01", "1x": the digit or letter cannot begin what follows a number either.
        if at < bytes.count, isDigit(bytes[at]) {
            throw JSONError(problem: .badNumber, offset: start)
        }
    }

    private mutating func scanDigits(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) {
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        guard isDigit(bytes[at]) else { throw JSONError(problem: .badNumber, offset: start) }
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
    }

    private mutating func scanWord(_ word: String, _ bytes: Span<UInt8>) throws(JSONError) {
        let word = word.utf8.span
        for index in word.indices {
            guard try byte(bytes) == word[index] else { throw unexpected() }
            at += 1
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while at < bytes.count, JSONText.isSpace(bytes[at]) { at += 1 }
    }

    private func byte(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw JSONError(problem: .endsEarly, offset: at) }
        return bytes[at]
    }

    private func unexpected() -> JSONError { JSONError(problem: .unexpectedByte, offset: at) }
}
