package import Formats
package import Partners
package import Senders

/// How a request's signature was checked, step by step, for a person who looks into a refusal.
///
/// The steps are those of ``SignatureClaim``, by which requests are checked; only the words are from
/// here. It holds nothing of a secret.
package struct SignatureReview: Sendable {
    /// What is checked, in this order.
    package enum Step: String, Sendable, CaseIterable {
        /// The signature's header is there once.
        case header
        /// The signed id's header is there once.
        case id
        /// The signed time is there, as a number of seconds.
        case time
        /// The header holds signatures of the recipe's form.
        case form
        /// The signed time is within the tolerance.
        case clock
        /// One of the secrets made one of the signatures.
        case secret
    }

    /// What came of a step.
    package struct Finding: Sendable, Equatable {
        package let step: Step
        package let isPassed: Bool
        /// A sentence without its full stop.
        package let text: String
    }

    /// The steps that were made; the last one may have failed, or the last two.
    package private(set) var findings: [Finding] = []
    /// What is wrong and what to do, most likely first.
    package private(set) var causes: [String] = []

    package var isPassed: Bool { findings.allSatisfy(\.isPassed) }

    /// Looks into a request whose rule's keys are these.
    ///
    /// `sendersKey` is what the sender says that it signs with.
    package init(
        _ content: SignedContent, _ rule: SigningRule, headers: [HTTPField], body: [UInt8],
        keys: [Result<[UInt8], SigningKeyError>], sendersKey: [UInt8]? = nil, at now: Timestamp
    ) {
        let known = keys.compactMap { try? $0.get() }
        let recipe = content.recipe(meantBy: headers, rule)
        let header = HeaderReview(recipe: recipe, headers: headers, keys: known, body: body)
        do throws(SignatureProblem) {
            let claims = try content.claims(recipe, headers)
            for step in header.steps { pass(step, header.words(for: step)) }
            review(claims[0], rule.tolerance, at: now)
            review(claims, keys)
        } catch {
            review(error, header)
            return
        }
        guard findings.last?.isPassed == false else { return }
        causes +=
            MismatchReview(
                recipe: recipe, headers: headers, body: body, texts: content.texts, keys: known,
                sendersKey: sendersKey
            ).causes
    }

    /// The headers' steps up to the one that failed.
    private mutating func review(_ problem: SignatureProblem, _ header: HeaderReview) {
        let step = header.step(of: problem)
        for earlier in header.steps where earlier < step {
            pass(earlier, header.words(for: earlier))
        }
        let found = header.problem(problem, at: step)
        fail(step, found.text)
        causes = found.causes
    }

    private mutating func review(
        _ claim: SignatureClaim, _ tolerance: Duration, at now: Timestamp
    ) {
        guard let seconds = claim.seconds else { return }
        let clock = ClockReview(seconds: seconds, now: now, tolerance: tolerance)
        do throws(SignatureProblem) {
            try claim.check(at: now, tolerance: tolerance)
            pass(.clock, clock.text)
        } catch {
            fail(.clock, clock.text)
            causes.append(clock.cause)
        }
    }

    private mutating func review(
        _ claims: [SignatureClaim], _ keys: [Result<[UInt8], SigningKeyError>]
    ) {
        var problems: [String] = []
        for (place, key) in keys.enumerated() {
            switch key {
            case .success(let key) where claims.contains { $0.isMade(by: key) }:
                return pass(.secret, "secret \(place + 1) of \(keys.count) made the signature")
            case .success: continue
            case .failure(let error):
                problems.append(
                    "Secret \(place + 1) could not be read, and may be the one: \(error.reason).")
            }
        }
        fail(.secret, SignatureProblem.mismatch.reason)
        causes += problems
    }

    private mutating func pass(_ step: Step, _ text: String) {
        findings.append(Finding(step: step, isPassed: true, text: text))
    }

    private mutating func fail(_ step: Step, _ text: String) {
        findings.append(Finding(step: step, isPassed: false, text: text))
    }
}

extension SignedContent {
    /// The recipe that the headers most likely follow: without a signature, the one that has others
    /// of them.
    fileprivate func recipe(meantBy headers: [HTTPField], _ rule: SigningRule) -> SignatureRecipe {
        guard headers.values(recipe.header).isEmpty else { return recipe }
        return rule.recipes.first { other in
            other.headerNames.contains { headers[$0] != nil }
        } ?? recipe
    }

    /// A claim for each of the texts.
    fileprivate func claims(
        _ recipe: SignatureRecipe, _ headers: [HTTPField]
    ) throws(SignatureProblem) -> [SignatureClaim] {
        try texts.map { text throws(SignatureProblem) in
            try SignatureClaim(recipe, headers: headers, body: text)
        }
    }
}

extension SignatureReview.Step: Comparable {
    package static func < (one: SignatureReview.Step, other: SignatureReview.Step) -> Bool {
        one.place < other.place
    }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
