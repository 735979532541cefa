internal import Formats
internal import Tracking

/// What of a payload is in no field of its call: each value is published once.
struct PayloadResidue {
    /// A member, and what is left of its value.
    struct Member {
        let name: JSONValue
        let value: DraftValue
        /// The value as it was sent.
        fileprivate let whole: JSONValue

        /// Refuses what would be too deep for JSON below so many levels.
        func check(below levels: Int) throws(JSONError) { try whole.check(below: levels) }
    }

    private let paths: [ArraySlice<String>]

    /// `paths` lead to what is published elsewhere.
    init(without paths: [[String]]) { self.paths = paths.map { $0[...] } }

    private init(below paths: [ArraySlice<String>]) { self.paths = paths }

    /// What is left of a member; nil if all of it is published elsewhere.
    ///
    /// An array stays whole: without one of its elements the others would have other places.
    func rest(of member: JSONMember) -> Member? {
        func whole() -> Member {
            Member(name: member.name, value: .json(member.value), whole: member.value)
        }
        let leading = paths.filter { $0.first.map(member.name.equals) == true }
        guard !leading.isEmpty else { return whole() }
        let below = PayloadResidue(below: leading.map { $0.dropFirst() })
        guard !below.paths.contains(where: \.isEmpty) else { return nil }
        guard member.value.kind == .object else { return whole() }
        let rest = below.rest(of: member.value)
        guard rest.count > 2 else { return nil }
        return Member(name: member.name, value: .object(rest), whole: member.value)
    }

    /// What is left of an object.
    func rest(of object: JSONValue) -> [UInt8] {
        var writer = JSONWriter(reserving: object.range.count)
        writer.object { rest in
            for member in object.members {
                guard let left = self.rest(of: member) else { continue }
                rest.member(left)
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    mutating func member(_ member: PayloadResidue.Member) {
        name(raw: member.name.raw)
        raw(member.value.raw)
    }
}
