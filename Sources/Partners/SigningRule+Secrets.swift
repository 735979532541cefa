package import Platform
package import Secrets

extension SigningRule {
    /// Fetches every secret that is kept elsewhere, and checks that it spells a key.
    ///
    /// `place` is the rule's own. All are tried within the budget, so that all mistakes are told.
    package func checkSecrets(
        by reader: ReferenceReader, at place: String, within budget: TimeBudget
    ) throws(PartnerError) {
        var mistakes = MistakeList()
        for (index, secret) in secrets.enumerated() {
            guard case .kept(let reference) = secret else { continue }
            let problem = problem(of: reference, reader, within: budget)
            if let problem {
                mistakes.add(place: "\(place).secrets[\(index)]", problem: problem)
            }
        }
        try mistakes.check()
    }

    /// Why a secret cannot be used; nil for one that can.
    private func problem(
        of reference: Reference, _ reader: ReferenceReader, within budget: TimeBudget
    ) -> String? {
        let value: [UInt8]
        do throws(SecretError) {
            value = try reader.read(reference, within: budget)
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
