internal import Formats
internal import Transport

/// The partners as one event sees them.
///
/// Each look-up may ask where the partners are kept, and throws only where nothing is known and that
/// cannot be reached in time. Partners that may not send are found too: the answer depends on why.
package struct PartnerLookup {
    /// Of one signing scheme: each of their secrets costs a hash of the body.
    package static let maximumSigners = 1000

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

    /// The active partners that sign by this scheme, the first ``maximumSigners`` of them.
    package func partners(
        signingScheme scheme: SigningRule.Scheme
    ) throws(StoreError) -> [Partner] {
        try cache.partners(signingScheme: scheme, at: now, until: deadline)
    }
}

/// A look-up's trouble, for a log line.
package struct LookupFailure: Sendable {
    package let error: StoreError
    /// True where what was known before has been used instead.
    package let isBridged: Bool
}
