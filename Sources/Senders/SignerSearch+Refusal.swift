internal import Partners

extension SignerSearch {
    /// Whether a secret of one rule made the signature; `isMade` tells it of one key.
    ///
    /// - Throws: ``Refusal/notChecked`` where a secret that could not be had may have made it.
    func isMade(
        by rule: SigningRule, _ isMade: ([UInt8]) -> Bool
    ) throws(Refusal) -> Bool {
        switch signer(among: [rule], isMade: { isMade($1) }) {
        case .signed: return true
        case .unsigned: return false
        case .undecided, .tooCostly: throw .notChecked
        }
    }
}
