/// Values for `$1`, `$2` and so on, in the text form that the server reads.
package struct PostgreSQLParameters: Sendable {
    /// The values one after the other, each ended by a zero byte.
    private(set) var bytes: [UInt8] = []
    /// Where each value begins.
    private(set) var starts: [Int] = []
    private(set) var holdsNUL = false

    package init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func add(_ text: String) {
        begin()
        append(text.utf8.span, escaping: false)
        end()
    }

    /// Adds an array of texts or nulls.
    ///
    /// Nulls at its end are left out: `unnest` fills up a shorter array with them.
    package mutating func add(array elements: some BidirectionalCollection<ArraySlice<UInt8>?>) {
        begin()
        bytes.append(UInt8(ascii: "{"))
        let last = elements.lastIndex { $0 != nil }
        var separator: UInt8?
        for element in last.map({ elements[...$0] }) ?? elements.prefix(0) {
            if let separator { bytes.append(separator) }
            separator = UInt8(ascii: ",")
            guard let element else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            append(element.span, escaping: true)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        end()
    }

    private mutating func begin() { starts.append(bytes.count) }

    private mutating func end() { bytes.append(0) }

    private mutating func append(_ text: Span<UInt8>, escaping: Bool) {
        bytes.append(addingCapacity: escaping ? text.count * 2 : text.count) { out in
            for index in text.indices {
                let byte = text[index]
                if byte == 0 { holdsNUL = true }
                if escaping, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    out.append(UInt8(ascii: "\\"))
                }
                out.append(byte)
            }
        }
    }
}

/// A statement with its values.
package struct PostgreSQLStatement: Sendable {
    package let text: String
    package let parameters: PostgreSQLParameters

    /// Give only texts of the program itself.
    package init(_ text: String, _ parameters: PostgreSQLParameters) {
        self.text = text
        self.parameters = parameters
    }
}
