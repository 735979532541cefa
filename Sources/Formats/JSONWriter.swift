// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// A member's name that is written often: it is encoded once.
package struct JSONName: Sendable {
    /// As it stands in a text, with the colon.
    fileprivate let bytes: [UInt8]

    package init(_ name: String) {
        var bytes: [UInt8] = []
        JSONString.append(name.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        self.bytes = bytes
    }
}

/// Writes a compact JSON text from front to back.
///
/// The caller opens and closes containers in order; commas are placed here.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must be written next.
    package mutating func name(_ name: String) {
        comma()
        JSONString.append(name.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func name(_ name: JSONName) {
        comma()
        bytes.append(contentsOf: name.bytes)
        needsComma = false
    }

    /// Writes a member's name that is already a JSON string, quotes included.
    package mutating func name(raw: ArraySlice<UInt8>) {
        comma()
        bytes.append(contentsOf: raw)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        comma()
        JSONString.append(value.utf8.span, to: &bytes)
        needsComma = true
    }

    /// Writes a string from bytes that are valid UTF-8.
    package mutating func string(utf8: Span<UInt8>) {
        comma()
        JSONString.append(utf8, to: &bytes)
        needsComma = true
    }

    package mutating func number(_ value: Int) { raw(String(value)) }

    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    package mutating func null() { raw("null") }

    /// Writes a text that already is one JSON value.
    package mutating func raw(_ value: String) {
        comma()
        let utf8 = value.utf8.span
        for index in utf8.indices { bytes.append(utf8[index]) }
        needsComma = true
    }

    /// Writes bytes that already are one JSON value.
    package mutating func raw(_ value: ArraySlice<UInt8>) {
        comma()
        bytes.append(contentsOf: value)
        needsComma = true
    }

    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    package mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        number(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    package mutating func member(_ name: String, raw value: ArraySlice<UInt8>) {
        self.name(name)
        raw(value)
    }

    package mutating func member(_ name: JSONName, raw value: ArraySlice<UInt8>) {
        self.name(name)
        raw(value)
    }

    package mutating func member(_ name: JSONName, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member as it was read.
    package mutating func member(_ member: JSONMember) {
        name(raw: member.name.raw)
        raw(member.value.raw)
    }

    /// Writes an object; `fill` writes its members.
    package mutating func object(_ fill: (inout JSONWriter) -> Void) {
        beginObject()
        fill(&self)
        endObject()
    }

    /// Writes an array; `fill` writes its elements.
    package mutating func array(_ fill: (inout JSONWriter) -> Void) {
        beginArray()
        fill(&self)
        endArray()
    }

    private mutating func begin(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}
