import Formats
import LocalServer
import Partners
import Samples
import Senders

/// What is found of a request's signature; nothing of a secret is in it.
struct SignatureFinding {
    /// The partners whose secrets are tried if no token says who sends.
    private static let maximumTried = 100

    /// What came of one partner's secrets.
    private struct Trial {
        let rule: SigningRule
        let recipe: SignatureRecipe
        let review: SignatureReview
    }

    let sending: Sending

    /// Nil if nothing has to be signed, or if it cannot be told any more.
    func step(isPassed: Bool) -> DecisionStep? {
        guard !sending.record.isTrimmed else { return nil }
        let trials = candidates.compactMap(trial)
        guard let best = trials.first(where: { $0.review.isPassed }) ?? trials.first else {
            return nil
        }
        var words = ["scheme \(best.rule.scheme.rawValue)"]
        if sending.record.request.header(best.recipe.header) != nil {
            words.append("header \(best.recipe.header)")
        }
        let findings = best.review.findings
        words += findings.filter { [.clock, .secret].contains($0.step) || !$0.isPassed }.map(\.text)
        if !isPassed {
            // The record may have changed since.
            if best.review.isPassed { words.append(sending.record.explanation) }
            if trials.count > 1 { words.append("\(trials.count) partners sign so") }
        }
        return DecisionStep(
            stage: .signature, isPassed: isPassed, why: words.joined(separator: "; "),
            looks: findings.map { DecisionStep.Look(isPassed: $0.isPassed, text: $0.text) },
            causes: isPassed ? [] : best.review.causes)
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
        return Trial(
            rule: rule, recipe: content.recipe,
            review: SignatureReview(
                content, rule, headers: request.headers, body: request.body,
                keys: partners.keys(of: rule), at: sending.record.time))
    }
}
