internal import Formats
internal import Secrets

/// A secret that may have made a signature, and the rule that names it.
struct SigningCandidate {
    /// A key that is at hand.
    struct Known {
        let key: [UInt8]
        let isStale: Bool
    }

    /// The rule's place among those that are tried.
    let place: Int
    let rule: SigningRule
    let secret: Secret

    /// Nil for a secret that stands in the record.
    var reference: Reference? {
        guard case .kept(let reference) = secret else { return nil }
        return reference
    }

    /// The key without a fetch; nil when there is none, or when what was fetched spells none.
    func known(in cache: SecretCache, at now: Timestamp) -> Known? {
        switch secret {
        case .plain(let key): return Known(key: key, isStale: false)
        case .kept(let reference):
            guard let known = cache.known(reference, at: now),
                let key = try? key(of: known.value)
            else { return nil }
            return Known(key: key, isStale: known.isStale)
        }
    }

    /// The key that a fetched secret spells.
    func key(of value: [UInt8]) throws(PartnerError) -> [UInt8] {
        try rule.recipe.key.bytes(of: value, at: reference?.description ?? "")
    }
}
