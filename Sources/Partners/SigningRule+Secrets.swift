package import Platform
package import Secrets

extension SigningRule {
    /// Fetches every secret that is kept elsewhere, and checks that it spells a key.
    ///
    /// `place` is the rule's own. All is tried until `deadline`, so that all that is wrong is told.
    package func checkSecrets(
        by reader: ReferenceReader, at place: String, until deadline: Instant
    ) throws(PartnerError) {
        var mistakes = MistakeList()
        for (index, secret) in secrets.enumerated() {
            guard case .kept(let reference) = secret else { continue }
            let problem = problem(of: reference, reader, until: deadline)
            if let problem {
                mistakes.add(place: "\(place).secrets[\(index)]", problem: problem)
            }
        }
        try mistakes.check()
    }

    /// Why a secret cannot be used; nil for one that can.
    private func problem(
        of reference: Reference, _ reader: ReferenceReader, until deadline: Instant
    ) -> String? {
        let value: [UInt8]
        do throws(SecretError) {
            value = try reader.read(reference, until: deadline)
        } catch {
            return error.reason
        }
        do throws(PartnerError) {
            _ = try recipe.key.bytes(of: value, at: reference.description)
            return nil
        } catch {
            return error.reason
        }
    }
}
