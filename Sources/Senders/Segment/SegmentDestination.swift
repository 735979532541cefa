package import Formats
package import Gateway
package import Partners
internal import Tracking

/// Reads what Segment's servers send: one call, or an array of calls.
///
/// Source: Twilio Segment, "Build a direct destination", "Webhooks (Actions)".
package struct SegmentDestination {
    /// Bytes of a request after inflation: Lambda takes 6 MB, and Base64 adds a third.
    package static let maximumBody = 5 << 20
    /// What a webhook destination can be set to.
    package static let maximumItems = 4000
    /// Bytes of one call; what is larger does not fit into an SNS message.
    package static let maximumCall = 256 << 10

    private let randomID: () -> UUID

    package init(randomID: @escaping () -> UUID) { self.randomID = randomID }

    /// Checks the signature of a request whose partner is known, and reads its calls.
    ///
    /// A partner without `signing` is known by its token alone.
    package func read(
        _ request: Request, from partner: Partner, search: SignerSearch
    ) throws(Refusal) -> Intake {
        let rule = partner.signing
        if let rule, rule.scheme != .segment { throw Self.signatureRefused }
        let calls: CallList
        do throws(RequestBody.Problem) {
            calls = try Self.calls(request.body)
        } catch {
            // What cannot be read cannot be verified either.
            guard rule == nil else { throw error.refusal }
            let readable = RequestBody.readable(request.body, maximum: Self.maximumBody)
            var intake = Intake(partner: partner)
            intake.rejects = [error.reject(KeySearch(readable).remainder)]
            return intake
        }
        var coverage: SegmentSignature.Coverage?
        if let rule {
            coverage = try SegmentSignature.verify(calls, values: request.headers.values) {
                claim throws(Refusal) in
                try search.isMade(by: rule) { claim.isMade(by: $0) }
            }
            guard coverage != nil else { throw Self.signatureRefused }
        }
        var intake = Intake(partner: partner, within: ReadingTime(until: search.deadline))
        read(calls, coverage, into: &intake)
        return intake
    }

    static func calls(_ body: [UInt8]) throws(RequestBody.Problem) -> CallList {
        try CallList(
            body, maximum: maximumBody, maximumItems: maximumItems, maximumCall: maximumCall)
    }

    private static let signatureRefused = Refusal(
        .notAuthentic, code: "invalid_signature",
        message: "The signature is missing or does not match the body.")

    /// Reads a body that counts as the partner's; `coverage` is of the signature that has shown it.
    func read(
        _ calls: CallList, _ coverage: SegmentSignature.Coverage?, into intake: inout Intake
    ) {
        let partner = intake.partner
        let normaliser = Normaliser(
            times: .segment, types: CallType.allCases, maximumCall: Self.maximumCall,
            partnerID: partner.id, sourceIP: nil, randomID: randomID)
        func origin(_ index: Int) -> Origin {
            let authentication: Origin.Authentication =
                switch coverage {
                case nil: .key
                case .whole: .signed
                case .firstElement: index == 0 ? .signed : .unsigned
                }
            return Origin(
                partner: partner.name, partnerID: partner.id,
                sender: SegmentDestinationContract.name, authentication: authentication)
        }
        do throws(RequestBody.Problem) {
            try calls.forEach { call, index in
                intake.add(call, index: index) { () throws(CallError) in
                    try normaliser.message(call, index: index, origin: origin(index ?? 0))
                }
            }
        } catch {
            intake.rejects = [error.reject(KeySearch(calls.bytes).remainder)]
        }
    }
}
