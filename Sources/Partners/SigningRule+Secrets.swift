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

    /// The key that each secret spells, in the record's order, or why there is none.
    package func keys(
        by reader: ReferenceReader, within budget: TimeBudget
    ) -> [Result<[UInt8], SigningKeyError>] {
        secrets.map { secret in
            switch secret {
            case .plain(let key): .success(key)
            case .kept(let reference): key(of: reference, reader, within: budget)
            }
        }
    }

    /// Why a secret cannot be used; nil for one that can.
    private func problem(
        of reference: Reference, _ reader: ReferenceReader, within budget: TimeBudget
    ) -> String? {
        switch key(of: reference, reader, within: budget) {
        case .success: nil
        case .failure(let error): error.reason
        }
    }

    private func key(
        of reference: Reference, _ reader: ReferenceReader, within budget: TimeBudget
    ) -> Result<[UInt8], SigningKeyError> {
        let value: [UInt8]
        do throws(SecretError) {
            value = try reader.read(reference, within: budget)
        } catch {
            return .failure(SigningKeyError(reason: error.reason))
        }
        do throws(PartnerError) {
            return .success(try recipe.key.bytes(of: value, at: reference.description))
        } catch {
            return .failure(SigningKeyError(reason: error.reason))
        }
    }
}

/// Why a secret gives no key.
package struct SigningKeyError: Error, Equatable {
    /// A phrase; it holds nothing of the secret.
    package let reason: String
}
