package import Platform
package import Secrets

/// Finds the secret that made a signature, and waits for as few secrets as possible.
///
/// What is at hand is tried first, over all rules: secrets that stand in a record, and those that are
/// cached. Only when none of them fits are missing and stale ones fetched, some at once. So a secret
/// that cannot be fetched does not delay requests that were signed with another one.
package struct SignerSearch {
    /// Bytes that are hashed for a request whose sender is not known yet.
    package static let maximumHashed = 32 << 20

    package enum Finding: Equatable, Sendable {
        /// By a secret of the rule at this place.
        case signed(Int)
        /// By no secret of the rules.
        case unsigned
        /// A secret could not be had, or time ran out: it may be the one that signed.
        case undecided
        /// To try all secrets on a body of this size would cost more than is allowed.
        case tooCostly
    }

    private let keys: SigningKeys
    /// Nothing is tried after it.
    package let deadline: Instant

    /// Nothing is tried after the context's deadline; its events tell of secrets that could not be
    /// read.
    package init(_ secrets: SecretCache, _ context: LookupContext) {
        keys = SigningKeys(secrets: secrets, context: context)
        deadline = context.time.deadline
    }

    /// Tries each rule's secrets; `isMade` says whether this key, for the rule at this place, made
    /// the signature.
    package func signer(
        among rules: [SigningRule], isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        var allowance = HashAllowance.unlimited
        return signer(among: rules, within: &allowance, isMade: isMade)
    }

    /// The same, for as many secrets as the allowance lasts: those of the first rules.
    package func signer(
        among rules: [SigningRule], within allowance: inout HashAllowance,
        isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        var missing: [SigningCandidate] = []
        for (place, rule) in rules.enumerated() {
            guard .now <= deadline else { return .undecided }
            for secret in rule.secrets {
                let candidate = SigningCandidate(place: place, rule: rule, secret: secret)
                guard let known = keys.known(candidate) else {
                    missing.append(candidate)
                    continue
                }
                guard allowance.spend() else { return .tooCostly }
                guard isMade(place, known.key) else {
                    if known.isStale { missing.append(candidate) }
                    continue
                }
                if let finding = confirm(candidate, known, isMade) { return finding }
            }
        }
        return signer(among: missing, within: &allowance, isMade: isMade)
    }

    /// The finding of a key that made the signature; nil when it is no longer the secret's.
    ///
    /// A stale key counts when the secret still spells it.
    private func confirm(
        _ candidate: SigningCandidate, _ known: SigningCandidate.Known,
        _ isMade: (Int, [UInt8]) -> Bool
    ) -> Finding? {
        guard known.isStale else { return .signed(candidate.place) }
        guard let key = keys.fetch([candidate])[0] else { return .undecided }
        return key == known.key || isMade(candidate.place, key) ? .signed(candidate.place) : nil
    }

    /// Tries secrets that have to be fetched.
    private func signer(
        among missing: [SigningCandidate], within allowance: inout HashAllowance,
        isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        var isComplete = true
        var rest = missing[...]
        while !rest.isEmpty {
            guard .now <= deadline else { return .undecided }
            let some = Array(rest.prefix(SigningKeys.fetchedAtOnce))
            rest = rest.dropFirst(some.count)
            for (candidate, key) in zip(some, keys.fetch(some)) {
                guard let key else {
                    isComplete = false
                    continue
                }
                guard allowance.spend() else { return .tooCostly }
                if isMade(candidate.place, key) { return .signed(candidate.place) }
            }
        }
        return isComplete ? .unsigned : .undecided
    }
}
