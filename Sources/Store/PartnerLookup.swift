internal import Formats
package import Partners
package import Platform
package import Secrets
internal import Transport

/// The partners as one event sees them.
///
/// Each look-up may ask where the partners are kept, and throws only where nothing is known and that
/// cannot be reached in time. Partners that may not send are found too: the answer depends on why.
package struct PartnerLookup {
    /// Of one signing scheme: each of their secrets costs a hash of the body.
    package static let maximumSigners = 1000
    /// One more than are tried tells that there are more.
    static let signerLimit = maximumSigners + 1

    let cache: RegistryCache
    /// The wall clock's time.
    let now: Timestamp
    /// Nothing is awaited after it.
    package let deadline: Instant

    /// What was found for a token or an id on a sender's route.
    package enum Finding: Sendable {
        case partner(Partner)
        /// A partner that does not send so: whoever asks is told what is told of nobody. Its name is
        /// for a log line.
        case otherSender(name: String)
        case nobody
    }

    /// The partner that has this token and may use it on the sender's route; looked up by its hash.
    package func partner(
        token: some Collection<UInt8>, for sender: SenderName
    ) throws(StoreError) -> Finding {
        let hash = TokenHash(of: token)
        guard let partner = try cache.partner(.token(hash), at: now, until: deadline),
            partner.owns(hash, at: now)
        else { return .nobody }
        return Finding(partner, for: sender)
    }

    /// The partner of an id that may send on the sender's route.
    ///
    /// A `token`, where there is one, must be the partner's now: whoever has told the id may have
    /// checked it minutes ago.
    package func partner(
        id: String, token: [UInt8]? = nil, for sender: SenderName
    ) throws(StoreError) -> Finding {
        guard let partner = try cache.partner(.id(id), at: now, until: deadline),
            token.map({ partner.owns(TokenHash(of: $0), at: now) }) ?? true
        else { return .nobody }
        return Finding(partner, for: sender)
    }

    /// The partners that sign by some scheme.
    package struct Signers: Sendable {
        /// ``maximumSigners`` at most: the active ones first.
        package let partners: [Partner]
        /// False where there are more.
        package let isComplete: Bool

        package init(_ found: [Partner], for sender: SenderName) {
            partners = found.prefix(PartnerLookup.maximumSigners)
                .filter { $0.maySend(as: sender) }
            isComplete = found.count <= PartnerLookup.maximumSigners
        }
    }

    /// The partners that sign by this scheme on the sender's routes, whether their status lets them
    /// send or not; removed ones are left out.
    package func signers(
        by scheme: SigningRule.Scheme, for sender: SenderName
    ) throws(StoreError) -> Signers {
        Signers(
            try cache.partners(signingScheme: scheme, at: now, until: deadline), for: sender)
    }
}

extension PartnerLookup.Finding {
    fileprivate init(_ partner: Partner, for sender: SenderName) {
        self =
            partner.maySend(as: sender) ? .partner(partner) : .otherSender(name: partner.name)
    }
}

/// A look-up's trouble, for a log line.
package struct LookupFailure: Sendable {
    package let error: StoreError
    /// True where what was known before has been used instead.
    package let isBridged: Bool
}
