package import Formats

/// A path to a field of a partner's payload, as its configuration spells it.
///
/// A text that is empty or begins with `/` is a JSON Pointer; anything else is a dotted path,
/// `data.items.0.sku` for `/data/items/0/sku`.
package struct FieldPath: Sendable {
    /// Bytes of one path.
    static let maximumLength = 256
    /// Names in one path.
    static let maximumDepth = 16

    package let text: String
    package let pointer: JSONPointer

    /// A path of names that hold no dots.
    init(_ names: [String]) {
        text = names.joined(separator: ".")
        pointer = JSONPointer(tokens: names)
    }

    init(_ text: String, at place: String) throws(PartnerError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw .invalid(place: place, problem: "longer than \(Self.maximumLength) bytes")
        }
        self.text = text
        pointer = try Self.pointer(text, at: place)
        guard pointer.tokens.count <= Self.maximumDepth else {
            throw .invalid(place: place, problem: "deeper than \(Self.maximumDepth) levels")
        }
    }

    /// The top-level field that the path begins with; nil for the whole payload.
    package var root: String? { pointer.tokens.first }

    private static func pointer(
        _ text: String, at place: String
    ) throws(PartnerError) -> JSONPointer {
        if text.utf8.first == nil || text.utf8.first == UInt8(ascii: "/") {
            guard let pointer = JSONPointer(text) else {
                throw .invalid(
                    place: place, problem: "not a JSON Pointer: after ~ only 0 or 1 may come")
            }
            return pointer
        }
        let names = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw .invalid(place: place, problem: "a dotted path with an empty name")
        }
        // `$.a`, `a[0]`, `#/a` and `a/b` are other notations, which would never find anything.
        guard !names[0].elementsEqual("$".utf8), !text.utf8.contains(where: notDotted.contains)
        else {
            throw .invalid(
                place: place,
                problem: "neither a JSON Pointer such as /data/user_id nor a dotted path such as "
                    + "data.user_id")
        }
        return JSONPointer(tokens: names.map { String(decoding: $0, as: UTF8.self) })
    }

    private static let notDotted = Array("/[]#".utf8)
}
