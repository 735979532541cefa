internal import Formats
internal import Gateway
package import Partners
internal import Tracking

/// Segment's servers: direct destinations and webhook destinations, one call or an array of calls.
///
/// Behind the custom authorizer, or with a token in the path. Source: Twilio Segment, "Build a direct
/// destination", "Webhooks (Actions)", "Integration error codes".
package struct SegmentDestination: Sender {
    /// What a webhook destination can be set to.
    package static let maximumItems = 4000

    package var name: SenderName { .segmentDestination }
    /// The delivery system gives up an attempt after this, and tries again for four hours.
    package var deadline: Duration { .seconds(5) }
    package var margin: Duration { .milliseconds(500) }

    package init() {}

    package func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        // Discarded, and shown to the customer with our message.
        case .invalid: 400
        // Segment's documented answer to a type that a destination does not take.
        case .unsupportedType: 501
        case .tooLarge: 413
        case .notAuthentic, .notFound, .gone: 401
        case .forbidden: 403
        // Tried again, as every 5xx is.
        case .notAccepted: 503
        }
    }

    package func isSigned(by scheme: SigningRule.Scheme) -> Bool { scheme == .segment }

    package func hint(about partner: Partner) -> String? {
        guard let scheme = partner.signing?.scheme, scheme != .segment else { return nil }
        return "\(name.rawValue) is answered 401: Segment signs by the scheme "
            + "\(SigningRule.Scheme.segment.rawValue), and not by \(scheme.rawValue)."
    }

    package var guide: SenderGuide {
        SenderGuide(
            provider: "Segment",
            instruction:
                "A webhook destination of Segment sends a call, or several in a JSON array, to:",
            content: .segment(
                "Calls as Segment's webhook destinations send them, one or an array."))
    }

    package func receive(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        let claimant =
            if let token = inbound.pathWord {
                try access.owner(of: Array(token.utf8))
            } else {
                try access.caller()
            }
        // Segment signs by its own scheme; a partner without `signing` is known by its token alone.
        if let rule = claimant.partner.signing, rule.scheme != .segment {
            throw .invalidSignature()
        }
        let body = inbound.request.body
        let calls: CallList
        do throws(RequestBody.Problem) {
            calls = try Self.calls(body)
        } catch {
            let proof = try proof(
                of: Self.signedText(of: body, nil), inbound, from: claimant.partner, access)
            var intake = Intake(try access.admit(claimant), from: name, proof: proof)
            intake.rejects = [error.reject(body)]
            return intake
        }
        let proof = try proof(
            of: Self.signedText(of: body, calls), inbound, from: claimant.partner, access)
        var intake = Intake(
            try access.admit(claimant), from: name, proof: proof, within: access.readingTime)
        read(calls, inbound.context, into: &intake)
        return intake
    }

    package func reread(_ input: KeptInput) -> Intake {
        var intake = Intake(
            Admission(vouchedFor: input.partner), from: name,
            proof: .all(input.authentication ?? .key))
        do throws(RequestBody.Problem) {
            read(try Self.calls(input.body), input.context, into: &intake)
        } catch {
            intake.rejects = [error.reject(input.body)]
        }
        return intake
    }

    static func calls(_ body: [UInt8]) throws(RequestBody.Problem) -> CallList {
        try CallList(
            RequestBody.content(of: body, maximum: CallLimits.webhookBody),
            maximumItems: maximumItems, maximumCall: CallLimits.webhookCall)
    }

    /// What Segment signs of a body; of one that holds no calls it is all, whatever its bytes are.
    static func signedText(of body: [UInt8], _ calls: CallList?) -> SignedText {
        if let calls { return SignedText(whole: calls.bytes[...], first: calls.firstElement) }
        let inflated = try? RequestBody.content(of: body, maximum: CallLimits.webhookBody)
        return SignedText(whole: (inflated ?? body)[...])
    }

    /// What the request's signature covers, if the partner's rule asks for one.
    private func proof(
        of text: SignedText, _ inbound: InboundRequest, from partner: Partner, _ access: Access
    ) throws(Refusal) -> Proof {
        guard let rule = partner.signing else { return .all(.key) }
        let headers = inbound.request.headers.fields(SegmentSignature.headerNames)
        let proof = try SegmentSignature.verify(text, headers) { claim throws(Refusal) in
            try access.isSigned(by: rule) { claim.isMade(by: $0) }
        }
        guard let proof else { throw .invalidSignature() }
        return proof
    }

    func read(_ calls: CallList, _ context: BodyContext, into intake: inout Intake) {
        let normaliser = Normaliser(
            times: .segment, types: CallType.allCases, maximumCall: CallLimits.webhookCall,
            partnerID: intake.partner.id, sourceIP: nil, randomID: context.randomID)
        do throws(RequestBody.Problem) {
            try calls.forEach { call, index in
                intake.add(call, index: index) { origin throws(CallError) in
                    try normaliser.message(call, index: index, origin: origin)
                }
            }
        } catch {
            intake.rejects = [error.reject(calls.bytes)]
        }
    }
}
