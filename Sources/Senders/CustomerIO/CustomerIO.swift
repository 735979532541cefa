package import Formats
package import Gateway
package import Partners
internal import Tracking

/// Reads Customer.io's reporting webhooks: one event in each request.
///
/// Source: Customer.io, "Reporting webhooks".
package struct CustomerIO {
    /// Bytes of a request: Lambda takes 6 MB, and Base64 adds a third.
    package static let maximumBody = 5 << 20
    /// Bytes of the call that an event becomes; what is larger does not fit into an SNS message.
    package static let maximumCall = 256 << 10

    private let receivedAt: Timestamp
    private let randomID: () -> UUID

    package init(receivedAt: Timestamp, randomID: @escaping () -> UUID) {
        self.receivedAt = receivedAt
        self.randomID = randomID
    }

    /// Who may have signed a request.
    package enum Candidates {
        /// Whose token it came with.
        case owner(Partner)
        /// Any of these, the active ones first.
        case signers(PartnerLookup.Signers)
    }

    /// Finds out which partner signed a request, and reads its event.
    ///
    /// `candidates` are asked for only where something has a signature's form. A signer may be a
    /// partner that may not send.
    package func read(
        _ request: Request, from candidates: () throws(Refusal) -> Candidates,
        search: SignerSearch
    ) throws(Refusal) -> Intake {
        let claim: SignatureClaim
        do throws(SignatureProblem) {
            claim = try SignatureClaim(
                .customerio, values: request.headers.values, body: request.body[...])
        } catch {
            throw Self.refusal(error, partner: nil)
        }
        let partner = try signer(of: claim, among: candidates(), search)
        return read(request.body, from: partner, within: ReadingTime(until: search.deadline))
    }

    /// Reads a body that counts as the partner's.
    func read(
        _ body: [UInt8], from partner: Partner, within time: ReadingTime = .unlimited
    ) -> Intake {
        var intake = Intake(partner: partner, within: time)
        guard !intake.isOutOfTime(body, index: nil) else { return intake }
        do throws(Unusable) {
            let message = try message(body, from: partner)
            intake.messages = [message]
            intake.warn(message.warnings, index: nil)
        } catch {
            intake.rejects = [error.reject(body)]
        }
        return intake
    }

    private func signer(
        of claim: SignatureClaim, among candidates: Candidates, _ search: SignerSearch
    ) throws(Refusal) -> Partner {
        let partners: [Partner]
        var isComplete = true
        // Of those who may have signed, none is to blame.
        var blamed: String?
        switch candidates {
        case .owner(let partner): (partners, blamed) = ([partner], partner.name)
        case .signers(let signers): (partners, isComplete) = (signers.partners, signers.isComplete)
        }
        let signing = partners.compactMap { partner -> (partner: Partner, rule: SigningRule)? in
            guard let rule = partner.signing, rule.scheme == .customerio else { return nil }
            return (partner, rule)
        }
        guard !signing.isEmpty else {
            throw Refusal(
                .notAccepted, code: "signing_not_configured",
                message: "There is no signing secret to check this with: send it again.",
                partner: blamed)
        }
        var problem = SignatureProblem.mismatch
        let inTime = signing.filter { _, rule in
            do throws(SignatureProblem) {
                try claim.check(at: receivedAt, tolerance: rule.tolerance)
                return true
            } catch {
                // That a time is too old says more than that another partner's secret differs.
                problem = error
                return false
            }
        }
        var allowance = HashAllowance(
            body: claim.signedBytes, maximum: SignerSearch.maximumHashed)
        func signer(_ found: [(partner: Partner, rule: SigningRule)]) -> SignerSearch.Finding {
            search.signer(among: found.map(\.rule), within: &allowance) { claim.isMade(by: $1) }
        }
        let active = inTime.filter { $0.partner.standing == .active }
        let finding = signer(active)
        if case .signed(let place) = finding { return active[place].partner }
        // Whether one of these signed or nobody did, it is refused: only the reason depends on it.
        let others = inTime.filter { $0.partner.standing != .active }
        let otherFinding = signer(others)
        if case .signed(let place) = otherFinding { return others[place].partner }
        // A secret that was not tried may be the one that signed.
        guard finding != .tooCostly, otherFinding != .tooCostly else { throw Refusal.tooCostly }
        guard finding == .unsigned else { throw Refusal.notChecked }
        guard isComplete else { throw Refusal.notAllTried }
        throw Self.refusal(problem, partner: blamed)
    }

    private static func refusal(_ problem: SignatureProblem, partner: String?) -> Refusal {
        Refusal(
            .notAuthentic, code: "invalid_signature",
            message: "The signature is missing or does not match the body.",
            reason: problem.reason, partner: partner)
    }

    /// Why a signed request is no message.
    private enum Unusable: Error {
        case body(RequestBody.Problem)
        case notObject
        case noEventID
        case call(CallError)

        func reject(_ input: [UInt8]) -> Reject {
            switch self {
            case .body(let problem): problem.reject(input)
            case .notObject:
                Reject(
                    .invalid, code: "bad_request", message: "The body is not a JSON object.",
                    input: input)
            case .noEventID:
                Reject(
                    .invalid, code: "event_id_missing", message: "The event has no event_id.",
                    input: input)
            case .call(let error):
                Reject(error.outcome, code: error.code, message: error.message, input: input)
            }
        }
    }

    private func message(_ input: [UInt8], from partner: Partner) throws(Unusable) -> Message {
        let body = try Self.body(input)
        guard let event = CustomerIOEvent(body.json) else { throw .noEventID }
        guard !body.isWithoutContent || !event.keepsContent(partner.naming) else {
            throw .call(.tooLarge(limit: Self.maximumCall))
        }
        let call = try Self.json { () throws(JSONError) in
            try JSONText(event.call(naming: partner.naming)).root
        }
        let normaliser = Normaliser(
            times: .client(receivedAt: receivedAt), types: [.track], maximumCall: Self.maximumCall,
            partnerID: partner.id, sourceIP: nil, randomID: randomID)
        let origin = Origin(
            partner: partner.name, partnerID: partner.id, sender: CustomerIOContract.name,
            authentication: .signed)
        do throws(CallError) {
            return try normaliser.message(call, origin: origin)
        } catch {
            throw .call(error)
        }
    }

    /// The event's text, of which what calls do not keep is left out where it is too large for one.
    private static func body(_ input: [UInt8]) throws(Unusable) -> CustomerIOBody {
        let text: [UInt8]
        do throws(RequestBody.Problem) {
            text = RequestBody.unmarked(try RequestBody.content(of: input, maximum: maximumBody))
        } catch {
            throw .body(error)
        }
        let body = try json { () throws(JSONError) in
            try CustomerIOBody(text, maximumCall: maximumCall)
        }
        guard let body else { throw .call(.tooLarge(limit: maximumCall)) }
        guard body.json.kind == .object else { throw .notObject }
        return body
    }

    private static func json<Value>(
        _ read: () throws(JSONError) -> Value
    ) throws(Unusable) -> Value {
        do throws(JSONError) {
            return try read()
        } catch {
            throw .body(.notJSON(error))
        }
    }
}
