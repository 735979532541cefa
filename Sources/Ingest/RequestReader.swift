internal import Formats
internal import Gateway
internal import LambdaRuntime
internal import Senders
internal import Store
internal import Tracking
internal import Transport

/// Reads one request as its sender's protocol has it, with the partners and secrets that it needs.
///
/// A method per sender: each finds the partner, has the credentials checked, and takes the calls in.
struct RequestReader {
    let request: Request
    let invocation: Invocation
    let partners: PartnerLookup
    let cache: RegistryCache
    /// Nothing is awaited after it.
    let deadline: Instant
    let log: Logger
    /// Told what is about to be waited for.
    let note: (Activity) -> Void
    let randomID: () -> UUID

    func segmentAPI(_ call: SegmentAPI.Call) throws(Refusal) -> Intake {
        try segmentAPI.read(request, call)
    }

    func pixel(_ type: CallType) throws(Refusal) -> Intake {
        try segmentAPI.readPixel(request, type)
    }

    private var segmentAPI: SegmentAPI {
        SegmentAPI(partners: partners, receivedAt: invocation.receivedAt, randomID: randomID)
    }

    /// Behind the custom authorizer.
    func segmentDestination() throws(Refusal) -> Intake {
        try segmentDestination(from: Authentication.caller(of: request, in: partners))
    }

    func segmentWebhook(token: String) throws(Refusal) -> Intake {
        try segmentDestination(from: Authentication.owner(of: token, in: partners))
    }

    private func segmentDestination(from partner: Partner) throws(Refusal) -> Intake {
        let sender = SegmentDestination(randomID: randomID)
        guard let signing = partner.signing else {
            return try sender.read(request, from: partner, secrets: nil)
        }
        guard signing.scheme == .segment else { throw SegmentDestination.signatureRefused }
        let secrets = secrets(of: signing)
        do throws(Refusal) {
            return try sender.read(request, from: partner, secrets: secrets.values)
        } catch  where error == SegmentDestination.signatureRefused && secrets.missing != nil {
            // The secret that could not be read may be the one that signed.
            throw Refusal.notChecked
        }
    }

    /// The partner is the one whose token is in the path, or whichever signed.
    func customerio(token: String?) throws(Refusal) -> Intake {
        let sender = CustomerIO(receivedAt: invocation.receivedAt, randomID: randomID)
        return try sender.read(
            request,
            from: { () throws(Refusal) in
                if let token { return [try Authentication.owner(of: token, in: partners)] }
                return try Refusal.whereUnreachable { () throws(StoreError) in
                    try partners.partners(signingScheme: .customerio)
                }
            }, secrets: { secrets(of: $0) }, isLate: { deadline < .now })
    }

    /// The order is what a refusal tells: whose address it is counts before what it signed.
    func partnerWebhook(token: String) throws(Refusal) -> Intake {
        let partner = try Authentication.owner(
            of: token, in: partners, unknown: PartnerWebhook.tokenUnknown,
            deleted: PartnerWebhook.tokenRemoved)
        try Authentication.check(request.sourceIP, mayActFor: partner)
        return try PartnerWebhook(receivedAt: invocation.receivedAt, randomID: randomID)
            .read(request, from: partner, secrets: { secrets(of: $0) })
    }

    /// The keys that a partner may sign with, fetched where they are kept elsewhere.
    private func secrets(of rule: SigningRule) -> RegistryCache.Secrets {
        note(.secrets)
        defer { note(.handling) }
        let secrets = cache.secrets(of: rule, at: invocation.receivedAt, until: deadline)
        for problem in [secrets.missing, secrets.failure].compactMap(\.self) {
            log.write(
                .error, "a signing secret could not be read", invocation,
                [("reason", .text(problem.reason))])
        }
        return secrets
    }
}
