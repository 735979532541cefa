package import Platform
package import Secrets

extension SigningRule {
    /// Fetches every secret that is kept elsewhere, and checks that it spells a key.
    ///
    /// `place` is the rule's own. All is tried until `deadline`, so that all that is wrong is told.
    package func checkSecrets(
        by reader: ReferenceReader, at place: String, until deadline: Instant
    ) throws(StoreError) {
        var mistakes = MistakeList()
        for (index, secret) in secrets.enumerated() {
            guard case .kept(let reference) = secret else { continue }
            do throws(StoreError) {
                let value = try reader.read(reference, until: deadline)
                _ = try recipe.key.bytes(of: value, at: reference.description)
            } catch {
                mistakes.add(place: "\(place).secrets[\(index)]", problem: error.reason)
            }
        }
        try mistakes.check()
    }
}
