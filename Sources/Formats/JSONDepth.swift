// RFC 8259, section 9: an implementation may set limits on the depth of nesting

extension JSONValue {
    /// Arrays and objects inside each other, the value itself included; 0 for any other value.
    public var depth: Int {
        var ends: [Int32] = []
        var deepest = 0
        for at in index..<Int(text.nodes[index].next) {
            while let end = ends.last, end <= at { ends.removeLast() }
            let node = text.nodes[at]
            guard node.kind == .object || node.kind == .array else { continue }
            ends.append(node.next)
            deepest = max(deepest, ends.count)
        }
        return deepest
    }

    /// Refuses a value that would be nested too deeply if it stood below so many levels.
    public func check(below levels: Int) throws(JSONError) {
        guard depth + levels <= JSONText.maximumDepth else {
            throw JSONError(problem: .tooDeep, offset: range.lowerBound)
        }
    }
}
