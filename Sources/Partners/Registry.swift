internal import Formats

/// All partners, found by what a request can tell.
///
/// Partners that may not send are in it too: the answer depends on why.
package struct Registry: Sendable {
    package let partners: [Partner]
    // Sorted rather than hashed: what a dictionary needs to know of its types at run time would
    // take a fifth of a start.
    private let byToken: [(hash: TokenHash, place: Int)]
    private let byID: [Int]
    private let byName: [Int]

    /// Reads a JSON array of partner records.
    package init(json bytes: [UInt8]) throws(PartnerError) {
        let text: JSONText
        do throws(JSONError) {
            text = try JSONText(bytes)
        } catch {
            throw .notJSON(error)
        }
        guard text.root.kind == .array else {
            throw .invalid(place: "partners", problem: "not an array")
        }
        var partners: [Partner] = []
        var tokens: [(hash: TokenHash, place: Int)] = []
        var mistakes = MistakeList()
        for (index, element) in text.root.elements.enumerated() {
            let partner = try mistakes.gather { () throws(PartnerError) in
                try Self.partner(element, at: "partners[\(index)]")
            }
            guard let partner else { continue }
            for token in partner.tokens { tokens.append((token.hash, index)) }
            partners.append(partner)
        }
        try mistakes.check()
        self.partners = partners
        byID = try Self.sorted(partners.map(\.id), member: "id")
        byName = try Self.sorted(partners.map(\.name), member: "name")
        tokens.sort { ($0.hash, $0.place) < ($1.hash, $1.place) }
        for index in tokens.indices.dropFirst() where tokens[index].hash == tokens[index - 1].hash {
            throw .invalid(
                place: "partners[\(tokens[index].place)].webhook_token",
                problem: "already given at partners[\(tokens[index - 1].place)]")
        }
        byToken = tokens
    }

    /// A partner of the array, whose name is one that may be given.
    private static func partner(
        _ value: JSONValue, at place: String
    ) throws(PartnerError) -> Partner {
        let partner = try Partner(value, at: place)
        try PartnerName.check(partner.name, at: "\(place).name")
        return partner
    }

    /// The places of texts in their order; no two may be the same.
    private static func sorted(_ texts: [String], member: String) throws(PartnerError) -> [Int] {
        let places = texts.indices.sorted { (texts[$0], $0) < (texts[$1], $1) }
        for index in places.indices.dropFirst() {
            let (one, other) = (places[index - 1], places[index])
            guard texts[one] != texts[other] else {
                throw .invalid(
                    place: "partners[\(other)].\(member)",
                    problem: "already that of partners[\(one)]")
            }
        }
        return places
    }

    /// The partner that has this token, expired or not; looked up by its hash.
    package func partner(token: some Collection<UInt8>) -> Partner? {
        partner(TokenHash(of: token))
    }

    package func partner(_ hash: TokenHash) -> Partner? {
        Self.first(of: byToken.count) { byToken[$0].hash >= hash }
            .flatMap { byToken[$0].hash == hash ? partners[byToken[$0].place] : nil }
    }

    package func partner(id: String) -> Partner? {
        Self.first(of: byID.count) { partners[byID[$0]].id >= id }
            .flatMap { partners[byID[$0]].id == id ? partners[byID[$0]] : nil }
    }

    package func partner(name: String) -> Partner? {
        Self.first(of: byName.count) { partners[byName[$0]].name >= name }
            .flatMap { partners[byName[$0]].name == name ? partners[byName[$0]] : nil }
    }

    /// The first of so many places from which on a condition is true, by halving.
    private static func first(of count: Int, where isTrue: (Int) -> Bool) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isTrue(middle) { high = middle } else { low = middle + 1 }
        }
        return low < count ? low : nil
    }

    /// The first partners that sign by this scheme, in the record's order.
    ///
    /// The active ones come before those that may not send; removed ones are left out.
    package func partners(signingScheme scheme: SigningRule.Scheme, limit: Int) -> [Partner] {
        var active: [Partner] = []
        var others: [Partner] = []
        for partner in partners where partner.signing?.scheme == scheme {
            switch partner.standing {
            case .active: active.append(partner)
            case .inactive, .suspended: others.append(partner)
            case .deleted: continue
            }
        }
        return Array((active + others).prefix(limit))
    }
}
