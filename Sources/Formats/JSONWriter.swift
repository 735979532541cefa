// RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format

/// A member's name that is written often: it is encoded once.
public struct JSONName: Sendable {
    /// As it stands behind another member, with comma and colon.
    fileprivate let bytes: [UInt8]

    public init(_ name: String) {
        var bytes: [UInt8] = [UInt8(ascii: ",")]
        JSONString.append(name.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        self.bytes = bytes
    }
}

/// Writes a compact JSON text from front to back.
///
/// The caller opens and closes containers in order; commas are placed here.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must be written next.
    public mutating func name(_ name: String) {
        comma()
        JSONString.append(name.utf8.span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func name(_ name: JSONName) {
        bytes.append(copying: name.bytes.span.extracting(droppingFirst: needsComma ? 0 : 1))
        needsComma = false
    }

    /// Writes a member's name that is already a JSON string, quotes included.
    public mutating func name(raw: ArraySlice<UInt8>) {
        comma()
        bytes.append(contentsOf: raw)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        comma()
        JSONString.append(value.utf8.span, to: &bytes)
        needsComma = true
    }

    /// Writes a string from bytes that are valid UTF-8.
    public mutating func string(utf8: Span<UInt8>) {
        comma()
        JSONString.append(utf8, to: &bytes)
        needsComma = true
    }

    public mutating func number(_ value: Int) { raw(String(value)) }

    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    public mutating func null() { raw("null") }

    /// Writes a text that already is one JSON value.
    public mutating func raw(_ value: String) {
        comma()
        bytes.append(copying: value.utf8.span)
        needsComma = true
    }

    /// Writes bytes that already are one JSON value.
    public mutating func raw(_ value: ArraySlice<UInt8>) {
        comma()
        bytes.append(contentsOf: value)
        needsComma = true
    }

    public mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        number(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    public mutating func member(_ name: String, raw value: ArraySlice<UInt8>) {
        self.name(name)
        raw(value)
    }

    /// Writes a member of bytes that already are one JSON value.
    public mutating func member(_ name: JSONName, raw value: Span<UInt8>) {
        bytes.append(name.bytes.span.extracting(droppingFirst: needsComma ? 0 : 1), value)
        needsComma = true
    }

    /// Writes a member of a time; nothing if that has no text.
    public mutating func member(_ name: JSONName, _ time: Timestamp) {
        guard time.hasText else { return }
        self.name(name)
        bytes.append(UInt8(ascii: "\""))
        _ = time.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func member(_ name: JSONName, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member as it was read.
    public mutating func member(_ member: JSONMember) {
        name(raw: member.name.raw)
        raw(member.value.raw)
    }

    /// Writes an object; `fill` writes its members.
    public mutating func object(_ fill: (inout JSONWriter) -> Void) {
        beginObject()
        fill(&self)
        endObject()
    }

    /// Writes an array; `fill` writes its elements.
    public mutating func array(_ fill: (inout JSONWriter) -> Void) {
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
