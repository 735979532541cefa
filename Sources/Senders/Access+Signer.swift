internal import Formats
internal import Partners

/// Who may have signed a request.
private struct Candidates {
    /// The active ones first, if there are several.
    let partners: [Partner]
    /// False if there are more.
    let isComplete: Bool
    /// The one to name in the log when nobody has signed; of several none is to blame.
    let blamed: String?
}

extension Access {
    /// Whoever made a claim's signature by this scheme: the owner of the token or, without one, any
    /// partner that signs so.
    func signer(
        of claim: SignatureClaim, by scheme: SigningRule.Scheme, token: [UInt8]?,
        at now: Timestamp
    ) throws(Refusal) -> Claimant {
        let candidates = try candidates(by: scheme, token: token)
        let signing = candidates.partners.filter { $0.signing?.scheme == scheme }
        guard !signing.isEmpty else {
            throw Refusal.signingNotConfigured(partner: candidates.blamed)
        }
        var mismatch = SignatureProblem.mismatch
        let inTime = signing.filter { partner in
            guard let problem = problem(with: claim, of: partner, at: now) else { return true }
            // That a time is too old says more than that another partner's secret differs.
            mismatch = problem
            return false
        }
        if let signer = try signer(of: claim, among: inTime) {
            try checkStanding(of: signer)
            return Claimant(partner: signer, token: token)
        }
        guard candidates.isComplete else { throw Refusal.notAllTried }
        throw Refusal.invalidSignature(reason: mismatch.reason, partner: candidates.blamed)
    }

    private func candidates(
        by scheme: SigningRule.Scheme, token: [UInt8]?
    ) throws(Refusal) -> Candidates {
        if let token {
            let owner = try owner(of: token).partner
            return Candidates(partners: [owner], isComplete: true, blamed: owner.name)
        }
        let signers = try Refusal.notCheckedIfUnreachable { () throws(LookupFailure) in
            try partners.signers(by: scheme, for: sender.name)
        }
        return Candidates(
            partners: signers.partners, isComplete: signers.isComplete, blamed: nil)
    }

    /// Why the claim's time does not count for a partner; nil if it does.
    private func problem(
        with claim: SignatureClaim, of partner: Partner, at now: Timestamp
    ) -> SignatureProblem? {
        guard let rule = partner.signing else { return .mismatch }
        do throws(SignatureProblem) {
            try claim.check(at: now, tolerance: rule.tolerance)
            return nil
        } catch {
            return error
        }
    }

    /// The partner whose secret made the signature, active ones tried first; nil if none did.
    ///
    /// - Throws: a refusal if a secret that was not tried may have made it.
    private func signer(
        of claim: SignatureClaim, among partners: [Partner]
    ) throws(Refusal) -> Partner? {
        var allowance = HashAllowance(
            body: claim.signedBytes, maximum: SignerSearch.maximumHashed)
        var isComplete = true
        var isAffordable = true
        // If one of the others signed, it is refused all the same: only the reason depends on it.
        for isActive in [true, false] {
            let some = partners.filter { ($0.standing == .active) == isActive }
            switch search.signer(
                among: some.compactMap { $0.signing }, within: &allowance,
                isMade: { claim.isMade(by: $1) })
            {
            case .signed(let place): return some[place]
            case .unsigned: continue
            case .undecided: if isActive { isComplete = false }
            case .tooCostly: isAffordable = false
            }
        }
        guard isAffordable else { throw Refusal.tooCostly }
        guard isComplete else { throw Refusal.notChecked }
        return nil
    }
}
