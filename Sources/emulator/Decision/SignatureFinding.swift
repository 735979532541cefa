import Formats
import LocalServer
import Partners
import Platform
import Senders

/// What is found of a request's signature; nothing of a secret is in it.
struct SignatureFinding {
    /// The partners whose secrets are tried if no token says who sends.
    private static let maximumTried = 100

    /// What came of one partner's secrets.
    private struct Trial {
        let partner: Partner
        let rule: SigningRule
        let recipe: SignatureRecipe
        /// Seconds from the signed time to the request; nil if none is signed.
        var lateness: Int64?
        /// Nil if a secret made the signature.
        var problem: SignatureProblem?
        /// Which secret did, from 1 on.
        var secret: Int?
    }

    let sending: Sending

    /// Nil if nothing has to be signed, or if it cannot be told any more.
    func step(isPassed: Bool) -> DecisionStep? {
        guard !sending.record.isTrimmed else { return nil }
        let trials = candidates.compactMap(trial)
        guard let best = trials.first(where: { $0.problem == nil }) ?? trials.first else {
            return nil
        }
        var words = ["scheme \(best.rule.scheme.rawValue)"]
        if sending.record.request.header(best.recipe.header) != nil {
            words.append("header \(best.recipe.header)")
        }
        if let lateness = best.lateness {
            let side = lateness < 0 ? "after" : "before"
            words.append(
                "signed \(abs(lateness)) s \(side) it arrived"
                    + ", \(best.rule.tolerance.seconds) s are allowed")
        }
        if isPassed, let secret = best.secret {
            words.append("made by secret \(secret) of \(best.rule.secrets.count)")
        }
        if !isPassed {
            let others = trials.count > 1 ? " (\(trials.count) partners sign so)" : ""
            words.append((best.problem?.reason ?? sending.record.explanation) + others)
        }
        return DecisionStep(
            stage: .signature, isPassed: isPassed, why: words.joined(separator: "; "))
    }

    /// Whoever may have signed.
    private var candidates: [Partner] {
        if let partner = sending.partner { return [partner] }
        guard sending.tokens.isEmpty, sending.sender.name == .customerIO else { return [] }
        let signers = try? sending.partners?.signers(by: .customerio)
        return Array((signers ?? []).prefix(Self.maximumTried))
    }

    private func trial(of partner: Partner) -> Trial? {
        let request = sending.record.request
        guard let rule = partner.signing, let partners = sending.partners,
            let content = sending.sender.name.signedContent(
                of: request.body, headers: request.headers, by: rule)
        else { return nil }
        var trial = Trial(partner: partner, rule: rule, recipe: content.recipe)
        do throws(SignatureProblem) {
            var claims: [SignatureClaim] = []
            for text in content.texts {
                claims.append(
                    try SignatureClaim(content.recipe, headers: request.headers, body: text))
            }
            let now = sending.record.time
            trial.lateness = claims[0].seconds.map { now.milliseconds / 1000 - $0 }
            try claims[0].check(at: now, tolerance: rule.tolerance)
            let place = partners.keys(of: rule).firstIndex { key in
                guard let key = try? key.get() else { return false }
                return claims.contains { $0.isMade(by: key) }
            }
            guard let place else { throw .mismatch }
            trial.secret = place + 1
        } catch {
            trial.problem = error
        }
        return trial
    }
}
