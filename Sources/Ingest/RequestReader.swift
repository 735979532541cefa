internal import Formats
internal import Gateway
internal import LambdaRuntime
internal import Partners
internal import Senders
internal import Tracking

/// Reads one request as its sender's protocol has it, with the partners and secrets that it needs.
///
/// A method per sender: each finds the partner, has the credentials checked, and takes the calls in.
struct RequestReader {
    let request: Request
    let invocation: Invocation
    let partners: PartnerLookup
    /// Finds whose secret signed, fetching those that are kept elsewhere.
    let search: SignerSearch
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
        try segmentDestination(
            from: Authentication.caller(
                of: request, in: partners, sender: SegmentDestinationContract.sender))
    }

    func segmentWebhook(token: String) throws(Refusal) -> Intake {
        try segmentDestination(
            from: Authentication.owner(
                of: token, in: partners, sender: SegmentDestinationContract.sender))
    }

    private func segmentDestination(from partner: Partner) throws(Refusal) -> Intake {
        try SegmentDestination(randomID: randomID).read(request, from: partner, search: search)
    }

    /// The partner is the one whose token is in the path, or whichever signed.
    func customerio(token: String?) throws(Refusal) -> Intake {
        let sender = CustomerIOContract.sender
        let intake = try CustomerIO(receivedAt: invocation.receivedAt, randomID: randomID).read(
            request,
            from: { () throws(Refusal) in
                if let token {
                    return .owner(
                        try Authentication.owner(of: token, in: partners, sender: sender))
                }
                return try Refusal.whereUnreachable { () throws(LookupFailure) in
                    .signers(try partners.signers(by: .customerio, for: sender))
                }
            }, search: search)
        try Authentication.checkStanding(of: intake.partner)
        return intake
    }

    /// The order is what a refusal tells: whose address it is counts before what it signed.
    func partnerWebhook(token: String) throws(Refusal) -> Intake {
        let partner = try Authentication.owner(
            of: token, in: partners, sender: PartnerWebhookContract.sender,
            unknown: PartnerWebhook.tokenUnknown, deleted: PartnerWebhook.tokenRemoved)
        try Authentication.check(request.sourceIP, mayActFor: partner)
        return try PartnerWebhook(receivedAt: invocation.receivedAt, randomID: randomID)
            .read(request, from: partner, search: search)
    }
}
