internal import Formats
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
    let deadline: Instant

    /// The partner that has this token; looked up by its hash.
    package func partner(token: some Collection<UInt8>) throws(StoreError) -> Partner? {
        let hash = TokenHash(of: token)
        guard let partner = try cache.partner(.token(hash), at: now, until: deadline),
            partner.owns(hash, at: now)
        else { return nil }
        return partner
    }

    package func partner(id: String) throws(StoreError) -> Partner? {
        try cache.partner(.id(id), at: now, until: deadline)
    }

    /// The partners that sign by some scheme.
    package struct Signers: Sendable {
        /// ``maximumSigners`` at most: the active ones first.
        package let partners: [Partner]
        /// False where there are more.
        package let isComplete: Bool

        package init(_ found: [Partner]) {
            partners = Array(found.prefix(PartnerLookup.maximumSigners))
            isComplete = found.count <= PartnerLookup.maximumSigners
        }
    }

    /// The partners that sign by this scheme, whether they may send or not; removed ones are left out.
    package func signers(
        by scheme: SigningRule.Scheme
    ) throws(StoreError) -> Signers {
        Signers(try cache.partners(signingScheme: scheme, at: now, until: deadline))
    }
}

/// A look-up's trouble, for a log line.
package struct LookupFailure: Sendable {
    package let error: StoreError
    /// True where what was known before has been used instead.
    package let isBridged: Bool
}
