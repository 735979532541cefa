internal import Formats

/// Members of a JSON object by name, quick also where there are thousands.
struct MemberIndex {
    /// Up to here looking at each member is quicker than hashing.
    private static let fewMembers = 16

    private let object: JSONValue
    /// By UTF-8: as text, two spellings of one accented letter would be the same name.
    private var byName: [[UInt8]: JSONValue]?

    init(_ object: JSONValue) {
        self.object = object
        guard object.members.dropFirst(Self.fewMembers).contains(where: { _ in true }) else {
            return
        }
        byName = [:]
        for member in object.members { byName?[member.name.utf8 ?? []] = member.value }
    }

    subscript(_ name: JSONValue) -> JSONValue? {
        if let byName { return byName[name.utf8 ?? []] }
        var found: JSONValue?
        for member in object.members where Self.same(member.name, name) { found = member.value }
        return found
    }

    private static func same(_ one: JSONValue, _ other: JSONValue) -> Bool {
        if let a = one.plainContent, let b = other.plainContent { return a == b }
        return one.utf8 == other.utf8
    }
}

/// An object that every item of a batch is given: its `context` or `integrations`.
final class SharedObject {
    let object: JSONValue
    private let index: MemberIndex

    init(_ object: JSONValue) {
        self.object = object
        index = MemberIndex(object)
    }

    /// Writes an item's own members, then the shared ones it does not have.
    ///
    /// Objects that both have are merged in the same way, at any depth; anything else of the item
    /// wins as it is. Depth is bounded by ``JSONText/maximumDepth``.
    func merge(under own: JSONValue, to writer: inout JSONWriter) {
        writer.object { merged in
            Self.write(own, over: object, index, to: &merged)
        }
    }

    /// Writes the members of the merged object but those of one name, without its brackets.
    func mergeMembers(
        under own: JSONValue, except name: String, to writer: inout JSONWriter
    ) {
        Self.write(own, over: object, index, except: name, to: &writer)
    }

    private static func write(
        _ own: JSONValue, over shared: JSONValue, _ index: MemberIndex, except left: String? = nil,
        to merged: inout JSONWriter
    ) {
        func isLeft(_ name: JSONValue) -> Bool { left.map(name.equals) ?? false }
        let owned = MemberIndex(own)
        for member in own.members where !isLeft(member.name) {
            merged.name(raw: member.name.raw)
            // Of a repeated name the last value counts, and it alone is merged: what is shared is
            // written once, however often an item repeats a name.
            if member.value.kind == .object, let below = index[member.name], below.kind == .object,
                owned[member.name]?.range == member.value.range
            {
                merged.object { nested in
                    write(member.value, over: below, MemberIndex(below), to: &nested)
                }
            } else {
                merged.raw(member.value.raw)
            }
        }
        for member in shared.members where owned[member.name] == nil && !isLeft(member.name) {
            merged.member(member)
        }
    }
}
