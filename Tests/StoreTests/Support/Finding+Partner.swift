import Partners
import Store

extension PartnerLookup.Finding {
    /// The partner that was found for its own sender.
    var partner: Partner? {
        if case .partner(let partner) = self { partner } else { nil }
    }
}
