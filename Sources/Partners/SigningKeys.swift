internal import Formats
internal import Platform
internal import Secrets

/// The keys of signing secrets: those that are at hand, and those that have to be fetched.
struct SigningKeys {
    /// What one fetch may take away from the next ones, and from publishing.
    static let fetchTime = Duration.seconds(1)
    /// Secrets that one fetch asks for at most: two calls of Parameter Store, or one of Secrets
    /// Manager.
    static let fetchedAtOnce = 20

    let secrets: SecretCache
    /// Its events tell of secrets that could not be read.
    let context: LookupContext

    /// The key without a fetch; nil when there is none.
    func known(_ candidate: SigningCandidate) -> SigningCandidate.Known? {
        candidate.known(in: secrets, at: context.time.now)
    }

    /// The keys of secrets that are kept elsewhere, stale ones when those are not given now; nil for
    /// one that cannot be had.
    func fetch(_ candidates: [SigningCandidate]) -> [[UInt8]?] {
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
