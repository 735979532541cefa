package import Formats
package import Platform
package import Secrets
internal import Transport

/// A secret that a setting holds or names: fetched when it is first needed, and kept and refreshed
/// as the partners' secrets are.
package final class SettingSecret {
    private let secret: Secret
    private let cache: RegistryCache

    /// Reads nothing yet.
    package init(_ secret: Secret, reader: ReferenceReader) {
        self.secret = secret
        cache = RegistryCache(.inline([]), reader: reader)
    }

    /// The secret, and the failure to refresh it that has just happened.
    package func value(
        at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> RegistryCache.Reading<[UInt8]> {
        switch secret {
        case .plain(let value): RegistryCache.Reading(value: value, failure: nil)
        case .kept(let reference): try cache.secret(reference, at: now, until: deadline)
        }
    }
}
