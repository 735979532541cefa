package import Formats
package import Partners
package import Platform
package import Secrets
internal import Transport

/// Finds whose secret made a signature, and waits for as few secrets as that takes.
///
/// What is at hand is tried first, over all rules: secrets that stand in a record, and fetched ones
/// that are kept. Only where none of them fits is fetched what is missing or old, some at once. So a
/// secret that cannot be had delays nobody who signs with another one.
package struct SignerSearch {
    /// What fetching some secrets may take away from the others, and from publishing.
    package static let fetchBudget = Duration.seconds(1)
    /// Secrets that are fetched before the next ones are: two calls of Parameter Store, or one of
    /// Secrets Manager.
    static let fetchedAtOnce = 20
    /// Bytes that are hashed for a request of which nobody knows yet whose it is.
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

    /// The bytes that may still be hashed, and what each secret takes of them.
    package struct Allowance {
        private var left: Int
        private let cost: Int

        /// For a body of this size; `maximum` for all secrets.
        package init(body: Int, maximum: Int) {
            left = maximum
            // Two more blocks are the key's.
            cost = body + 128
        }

        static let unlimited = Allowance(body: 0, maximum: .max)

        mutating func spend() -> Bool {
            guard left >= cost else { return false }
            left -= cost
            return true
        }
    }

    private let cache: RegistryCache
    private let now: Timestamp
    /// Nothing is tried after it.
    package let deadline: Instant
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
        var allowance = Allowance.unlimited
        return signer(among: rules, within: &allowance, isMade: isMade)
    }

    /// The same, for as many secrets as the allowance lasts: those of the first rules.
    package func signer(
        among rules: [SigningRule], within allowance: inout Allowance,
        isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        var missing: [Candidate] = []
        for (place, rule) in rules.enumerated() {
            guard .now <= deadline else { return .undecided }
            for secret in rule.secrets {
                let candidate = Candidate(place: place, rule: rule, secret: secret)
                guard let known = known(candidate) else {
                    missing.append(candidate)
                    continue
                }
                guard allowance.spend() else { return .tooCostly }
                guard isMade(place, known.key) else {
                    if known.isDue { missing.append(candidate) }
                    continue
                }
                // An old one counts when it is still the secret, or that cannot be told.
                if !known.isDue { return .signed(place) }
                guard let key = fetch([candidate])[0] else { return .undecided }
                if key == known.key || isMade(place, key) { return .signed(place) }
            }
        }
        return signer(among: missing, within: &allowance, isMade: isMade)
    }

    /// A secret that may have signed, and for which rule.
    private struct Candidate {
        let place: Int
        let rule: SigningRule
        let secret: Secret
    }

    /// Tries secrets that have to be fetched.
    private func signer(
        among missing: [Candidate], within allowance: inout Allowance,
        isMade: (Int, [UInt8]) -> Bool
    ) -> Finding {
        var isComplete = true
        var rest = missing[...]
        while !rest.isEmpty {
            guard .now <= deadline else { return .undecided }
            let some = Array(rest.prefix(Self.fetchedAtOnce))
            rest = rest.dropFirst(some.count)
            for (candidate, key) in zip(some, fetch(some)) {
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

    /// The key as far as it is at hand.
    private func known(_ candidate: Candidate) -> (key: [UInt8], isDue: Bool)? {
        switch candidate.secret {
        case .plain(let key): return (key, false)
        case .kept(let reference):
            guard let known = cache.knownSecret(reference, at: now),
                let key = try? candidate.rule.recipe.key.bytes(
                    of: known.value, at: reference.description)
            else { return nil }
            return (key, known.isDue)
        }
    }

    /// The keys as they are kept elsewhere, or the old ones where that does not answer; nil for one
    /// that cannot be had.
    private func fetch(_ candidates: [Candidate]) -> [[UInt8]?] {
        waits(true)
        defer { waits(false) }
        let references = candidates.compactMap { candidate -> Reference? in
            guard case .kept(let reference) = candidate.secret else { return nil }
            return reference
        }
        let readings = cache.secrets(
            references, at: now, until: min(deadline, .now + Self.fetchBudget))
        return zip(candidates, zip(references, readings)).map { candidate, found in
            do throws(StoreError) {
                let reading = try found.1.get()
                if let failure = reading.failure { report(failure) }
                return try candidate.rule.recipe.key.bytes(
                    of: reading.value, at: found.0.description)
            } catch {
                report(error)
                return nil
            }
        }
    }
}
