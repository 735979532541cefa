package import Formats
package import Transport

/// Finds whose secret made a signature, and waits for as few secrets as that takes.
///
/// What is at hand is tried first, over all rules: secrets that stand in a record, and fetched ones
/// that are kept. Only where none of them fits is fetched what is missing or old. So a secret that
/// cannot be had delays nobody who signs with another one.
package struct SignerSearch {
    /// What fetching one secret may take away from the others, and from publishing.
    package static let fetchBudget = Duration.seconds(1)

    package enum Finding: Equatable, Sendable {
        /// By a secret of the rule at this place.
        case signed(Int)
        /// By no secret of the rules.
        case unsigned
        /// A secret could not be had, or time ran out: it may be the one that signed.
        case undecided
    }

    private let cache: RegistryCache
    private let now: Timestamp
    private let deadline: Instant
    private let waits: (Bool) -> Void
    private let report: (StoreError) -> Void

    /// `now` is the wall clock's time, and nothing is tried after `deadline`; `waits` is told when a
    /// fetch begins and ends, and `report` why one has failed, for a log line.
    package init(
        _ cache: RegistryCache, at now: Timestamp, until deadline: Instant,
        waits: @escaping (Bool) -> Void = { _ in },
        report: @escaping (StoreError) -> Void = { _ in }
    ) {
        self.cache = cache
        self.now = now
        self.deadline = deadline
        self.waits = waits
        self.report = report
    }

    /// Tries each rule's secrets; `isMade` tells whether this key, for the rule at this place, made
    /// the signature.
    package func signer(
        among rules: [SigningRule], isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        for (place, rule) in rules.enumerated() {
            guard .now <= deadline else { return .undecided }
            for secret in rule.secrets {
                guard let known = known(secret, of: rule), isMade(place, known.key) else {
                    continue
                }
                // An old one counts when it is still the secret, or that cannot be told.
                if !known.isDue { return .signed(place) }
                if let key = fetch(secret, of: rule), key == known.key || isMade(place, key) {
                    return .signed(place)
                }
            }
        }
        var isComplete = true
        for (place, rule) in rules.enumerated() {
            for secret in rule.secrets {
                let known = known(secret, of: rule)
                if let known, !known.isDue { continue }
                guard .now <= deadline else { return .undecided }
                guard let key = fetch(secret, of: rule) else {
                    isComplete = false
                    continue
                }
                if isMade(place, key) { return .signed(place) }
            }
        }
        return isComplete ? .unsigned : .undecided
    }

    /// The key as far as it is at hand.
    private func known(_ secret: Secret, of rule: SigningRule) -> (key: [UInt8], isDue: Bool)? {
        switch secret {
        case .plain(let key): return (key, false)
        case .kept(let reference):
            guard let known = cache.knownSecret(reference, at: now),
                let key = try? rule.recipe.key.bytes(of: known.value, at: reference.description)
            else { return nil }
            return (key, known.isDue)
        }
    }

    /// The key as it is kept elsewhere, or the old one where that does not answer.
    private func fetch(_ secret: Secret, of rule: SigningRule) -> [UInt8]? {
        switch secret {
        case .plain(let key): return key
        case .kept(let reference):
            waits(true)
            defer { waits(false) }
            do throws(StoreError) {
                let reading = try cache.secret(
                    reference, at: now, until: min(deadline, .now + Self.fetchBudget))
                if let failure = reading.failure { report(failure) }
                return try rule.recipe.key.bytes(of: reading.value, at: reference.description)
            } catch {
                report(error)
                return nil
            }
        }
    }
}
