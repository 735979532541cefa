internal import Formats

/// All partners, found by what a request can tell.
///
/// Partners that may not send are in it too: the answer depends on why.
package struct Registry: Sendable {
    package let partners: [Partner]
    private var byToken: [TokenHash: Int] = [:]
    private var byID: [String: Int] = [:]
    private var byName: [String: Int] = [:]

    /// Reads a JSON array of partner records.
    package init(json bytes: [UInt8]) throws(StoreError) {
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
        for (index, element) in text.root.elements.enumerated() {
            let place = "partners[\(index)]"
            let partner = try Partner(element, at: place)
            if let other = byID.updateValue(index, forKey: partner.id) {
                throw .invalid(place: "\(place).id", problem: "already that of partners[\(other)]")
            }
            if let other = byName.updateValue(index, forKey: partner.name) {
                throw .invalid(
                    place: "\(place).name", problem: "already that of partners[\(other)]")
            }
            for token in partner.tokens {
                if let other = byToken.updateValue(index, forKey: token.hash) {
                    throw .invalid(
                        place: "\(place).webhook_token",
                        problem: "already given at partners[\(other)]")
                }
            }
            partners.append(partner)
        }
        self.partners = partners
    }

    /// The partner that has this token, expired or not; looked up by its hash.
    package func partner(token: some Collection<UInt8>) -> Partner? {
        partner(TokenHash(of: token))
    }

    func partner(_ hash: TokenHash) -> Partner? { byToken[hash].map { partners[$0] } }

    package func partner(id: String) -> Partner? { byID[id].map { partners[$0] } }

    package func partner(name: String) -> Partner? { byName[name].map { partners[$0] } }

    /// The first active partners, in the record's order, that sign by this scheme.
    func partners(signingScheme scheme: SigningRule.Scheme, limit: Int) -> [Partner] {
        var found: [Partner] = []
        for partner in partners
        where partner.standing == .active && partner.signing?.scheme == scheme {
            guard found.count < limit else { break }
            found.append(partner)
        }
        return found
    }
}
