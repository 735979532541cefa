/// A list is read as a whole, so that looking up in it waits for nothing.
extension Registry: PartnerBook {
    package func partner(
        _ key: PartnerKey, in context: LookupContext
    ) throws(LookupFailure) -> Partner? {
        switch key {
        case .token(let hash): partner(hash)
        case .id(let id): partner(id: id)
        }
    }

    package func signers(
        by scheme: SigningRule.Scheme, in context: LookupContext
    ) throws(LookupFailure) -> [Partner] {
        partners(signingScheme: scheme, limit: PartnerLookup.signerLimit)
    }

    package func inquire(in context: LookupContext) throws(LookupFailure) {}
}
