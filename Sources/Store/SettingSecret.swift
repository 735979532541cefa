package import Formats
package import Transport

/// A secret that a setting holds or names: fetched when it is first needed, and kept and refreshed
/// as the partners' secrets are.
package final class SettingSecret {
    private let rule: SigningRule
    private let cache: RegistryCache

    /// Reads nothing yet.
    package init(_ secret: Secret, reader: ReferenceReader) {
        rule = SigningRule(
            scheme: .segment, secrets: [secret], tolerance: SigningRule.defaultTolerance)
        cache = RegistryCache(.inline([]), reader: reader)
    }

    /// The secret, and the failure to refresh it that has just happened.
    package func value(
        at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> RegistryCache.Reading<[UInt8]> {
        let found = cache.secrets(of: rule, at: now, until: deadline)
        guard let value = found.values.first else { throw found.missing ?? .malformedSource }
        return RegistryCache.Reading(value: value, failure: found.failure)
    }
}
