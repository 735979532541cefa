package import Formats
package import Gateway
package import Store
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

    /// Finds out which of the partners signed a request, and reads its event.
    ///
    /// `partners` and `secrets` are asked only for what has a signature's form; once `isLate` says
    /// so, no further partner is tried.
    package func read(
        _ request: Request, from partners: () throws(Refusal) -> [Partner],
        secrets: (SigningRule) -> RegistryCache.Secrets, isLate: () -> Bool
    ) throws(Refusal) -> Intake {
        let claim: SignatureClaim
        do throws(SignatureProblem) {
            claim = try SignatureClaim(
                .customerio, values: request.headers.values, body: request.body[...])
        } catch {
            throw Self.refusal(error, partner: nil)
        }
        let partner = try signer(of: claim, among: partners(), secrets: secrets, isLate: isLate)
        return read(request.body, from: partner)
    }

    /// Reads a body that counts as the partner's.
    func read(_ body: [UInt8], from partner: Partner) -> Intake {
        var intake = Intake(partner: partner)
        do throws(Unusable) {
            intake.messages = [try message(body, from: partner)]
        } catch {
            intake.rejects = [error.reject(body)]
        }
        return intake
    }

    private func signer(
        of claim: SignatureClaim, among partners: [Partner],
        secrets: (SigningRule) -> RegistryCache.Secrets, isLate: () -> Bool
    ) throws(Refusal) -> Partner {
        let only = partners.count == 1 ? partners.first?.name : nil
        var problem: SignatureProblem?
        var isComplete = true
        var isConfigured = false
        for partner in partners {
            guard let rule = partner.signing, rule.scheme == .customerio else { continue }
            isConfigured = true
            guard !isLate() else {
                isComplete = false
                break
            }
            do throws(SignatureProblem) {
                try claim.check(at: receivedAt, tolerance: rule.tolerance)
                let secrets = secrets(rule)
                if claim.isMade(by: secrets.values) { return partner }
                isComplete = isComplete && secrets.missing == nil
                throw .mismatch
            } catch {
                // That a time is too old says more than that another partner's secret differs.
                if problem != .outsideWindow { problem = error }
            }
        }
        guard isConfigured else {
            throw Refusal(
                .notAccepted, code: "signing_not_configured",
                message: "There is no signing secret to check this with: send it again.",
                partner: only)
        }
        // The secret that could not be had may be the one that signed.
        guard isComplete else { throw Refusal.notChecked }
        throw Self.refusal(problem ?? .mismatch, partner: only)
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
        let json = try Self.json(input)
        guard json.kind == .object else { throw .notObject }
        guard let event = CustomerIOEvent(json) else { throw .noEventID }
        let call = try Self.json(event.call(naming: partner.naming))
        let normaliser = Normaliser(
            times: .client(receivedAt: receivedAt), types: [.track], maximumCall: Self.maximumCall,
            partnerID: partner.id, sourceIP: nil, randomID: randomID)
        let origin = Origin(
            partner: partner.name, sender: CustomerIOContract.name, authentication: .signed)
        do throws(CallError) {
            return try normaliser.message(call, origin: origin)
        } catch {
            throw .call(error)
        }
    }

    private static func json(_ bytes: [UInt8]) throws(Unusable) -> JSONValue {
        do throws(RequestBody.Problem) {
            return try RequestBody(bytes, maximum: maximumBody).json
        } catch {
            throw .body(error)
        }
    }
}
