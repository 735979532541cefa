package import Platform
package import Secrets

/// Finds the secret that made a signature, and waits for as few secrets as possible.
///
/// What is at hand is tried first, over all rules: secrets that stand in a record, and those that are
/// cached. Only when none of them fits are missing and stale ones fetched, some at once. So a secret
/// that cannot be fetched does not delay requests that were signed with another one.
package struct SignerSearch {
    /// What one fetch may take away from the next ones, and from publishing.
    package static let fetchTime = Duration.seconds(1)
    /// Secrets that are fetched before the next ones are: two calls of Parameter Store, or one of
    /// Secrets Manager.
    static let fetchedAtOnce = 20
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

    private let secrets: SecretCache
    private let context: LookupContext

    /// Nothing is tried after the context's deadline; its events tell of secrets that could not be
    /// read.
    package init(_ secrets: SecretCache, _ context: LookupContext) {
        self.secrets = secrets
        self.context = context
    }

    /// Nothing is tried after it.
    package var deadline: Instant { context.time.deadline }

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
                guard let known = candidate.known(in: secrets, at: context.time.now) else {
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
        guard let key = fetch([candidate])[0] else { return .undecided }
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

    /// The keys of secrets that are kept elsewhere, stale ones when those are not given now; nil for
    /// one that cannot be had.
    private func fetch(_ candidates: [SigningCandidate]) -> [[UInt8]?] {
        let references = candidates.compactMap(\.reference)
        let readings = context.events.waiting(for: .secrets) {
            secrets.values(references, within: context.time.capped(at: Self.fetchTime))
        }
        return zip(candidates, readings).map { key(of: $0, $1) }
    }

    private func key(
        of candidate: SigningCandidate, _ reading: Result<SecretCache.Reading, SecretError>
    ) -> [UInt8]? {
        switch reading {
        case .success(let reading):
            if let failure = reading.failure {
                context.events.note(secretProblem: failure.reason)
            }
            do throws(PartnerError) {
                return try candidate.key(of: reading.value)
            } catch {
                context.events.note(secretProblem: error.reason)
            }
        case .failure(let error): context.events.note(secretProblem: error.reason)
        }
        return nil
    }
}
