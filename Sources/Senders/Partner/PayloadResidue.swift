internal import Formats

/// What of a payload is in no field of its call: each value is published once.
struct PayloadResidue {
    /// A member's name, and what is left of its value.
    typealias Member = (name: JSONValue, value: ArraySlice<UInt8>)

    private let paths: [ArraySlice<String>]

    /// `paths` lead to what is published elsewhere.
    init(without paths: [[String]]) { self.paths = paths.map { $0[...] } }

    private init(below paths: [ArraySlice<String>]) { self.paths = paths }

    /// What is left of a member; nil where all of it is published elsewhere.
    ///
    /// An array stays whole: without one of its elements the others would have other places.
    func rest(of member: JSONMember) -> Member? {
        let leading = paths.filter { $0.first.map(member.name.equals) == true }
        guard !leading.isEmpty else { return (member.name, member.value.raw) }
        let below = PayloadResidue(below: leading.map { $0.dropFirst() })
        guard !below.paths.contains(where: \.isEmpty) else { return nil }
        guard member.value.kind == .object else { return (member.name, member.value.raw) }
        let rest = below.rest(of: member.value)
        return rest.elementsEqual("{}".utf8) ? nil : (member.name, rest)
    }

    /// What is left of an object.
    func rest(of object: JSONValue) -> ArraySlice<UInt8> {
        var writer = JSONWriter(reserving: object.range.count)
        writer.object { rest in
            for member in object.members {
                guard let left = self.rest(of: member) else { continue }
                rest.name(raw: left.name.raw)
                rest.raw(left.value)
            }
        }
        return writer.bytes[...]
    }
}
