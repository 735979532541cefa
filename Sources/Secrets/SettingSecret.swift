package import Platform

/// A secret that a setting holds or names.
///
/// One that is named is fetched when it is first needed, and cached as partners' secrets are.
package struct SettingSecret {
    private let secret: Secret
    private let cache: SecretCache

    package init(_ secret: Secret, _ cache: SecretCache) {
        self.secret = secret
        self.cache = cache
    }

    package func value(within budget: TimeBudget) throws(SecretError) -> SecretCache.Reading {
        switch secret {
        case .plain(let value): SecretCache.Reading(value: value)
        case .kept(let reference): try cache.value(reference, within: budget)
        }
    }
}
