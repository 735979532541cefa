internal import Formats
package import Gateway
package import Partners
package import Tracking

/// Customer.io's reporting webhooks: one event in each request.
///
/// Nearly every answer but 2xx stops the whole stream of a webhook for an hour, and it is repeated
/// for seven days, with everything that happened since behind it. So only what another attempt can
/// mend is not answered with 200. Source: Customer.io, "Reporting webhooks".
package struct CustomerIO: Sender {
    package var name: SenderName { .customerIO }
    package var deadline: Duration { .seconds(4) }
    /// Leaves the answer half a second inside of three, for a cold start that came before.
    package var margin: Duration { .milliseconds(1500) }

    package init() {}

    package func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        // On the rejected topic: the same bytes would never become valid.
        case .invalid, .unsupportedType, .tooLarge: 200
        // Stalls the stream and loses nothing, until a secret or a partner's status is set right.
        case .notAuthentic, .forbidden, .notFound, .gone: 401
        // Not among the codes that wait an hour before the first retry.
        case .notAccepted: 503
        }
    }

    package func isStalled(by status: Int, _ request: Request) -> Bool {
        !(200..<300).contains(status)
            && request.headers[SignatureRecipe.customerio.header]?.isEmpty == false
    }

    /// What cannot be read cannot be verified.
    package var unreadableBody: Outcome { .notAuthentic }

    package func isSigned(by scheme: SigningRule.Scheme) -> Bool { scheme == .customerio }

    package func hint(about partner: Partner) -> String? {
        partner.signing?.scheme == .customerio
            ? nil
            : "\(name.rawValue) is answered 503 until there is a signing secret of the scheme "
                + "\(SigningRule.Scheme.customerio.rawValue)."
    }

    /// Only a signature opens its routes.
    package var usualAuthentication: Origin.Authentication { .signed }

    package var guide: SenderGuide {
        SenderGuide(
            provider: "Customer.io",
            instruction: """
                A reporting webhook of Customer.io sends one event in each request. Its signing key is
                the secret that we check with. The endpoint is:
                """,
            content: .fixed(
                "Events as Customer.io's reporting webhooks send them, one at a time.",
                example: { values in
                    """
                    {"event_id":"\(values.id(or: "evt-1"))","object_type":"email",\
                    "metric":"delivered","timestamp":\(values.unixSeconds),\
                    "data":{"customer_id":"u-42","delivery_id":"d-7"}}
                    """
                }),
            stored: "the event is stored")
    }

    /// The partner is the one whose token is in the path, or whichever signed.
    ///
    /// Partners are looked up only if something has a signature's form.
    package func receive(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        let request = inbound.request
        let claim: SignatureClaim
        do throws(SignatureProblem) {
            let recipe = SignatureRecipe.customerio
            claim = try SignatureClaim(
                recipe, headers: request.headers.fields(recipe.headerNames),
                body: request.body[...])
        } catch {
            throw .invalidSignature(reason: error.reason)
        }
        let claimant = try access.signer(
            of: claim, by: .customerio, token: inbound.pathWord.map { Array($0.utf8) },
            at: inbound.context.receivedAt)
        var intake = Intake(
            try access.admit(claimant), from: name, proof: .all(.signed),
            within: access.readingTime)
        read(request.body, inbound.context, into: &intake)
        return intake
    }

    package func reread(_ input: KeptInput) -> Intake {
        var intake = Intake(
            Admission(vouchedFor: input.partner), from: name, proof: .all(.signed))
        read(input.body, input.context, into: &intake)
        return intake
    }

    func read(_ body: [UInt8], _ context: BodyContext, into intake: inout Intake) {
        let partner = intake.partner
        intake.add(body) { origin throws(UnreadableInput) in
            do throws(Unusable) {
                return try Self.message(body, context, from: partner, origin)
            } catch {
                throw UnreadableInput(reject: error.reject(body))
            }
        }
    }
}

extension CustomerIO {
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
            case .call(let error): Reject(error, input: input)
            }
        }
    }

    private static func message(
        _ input: [UInt8], _ context: BodyContext, from partner: Partner, _ origin: Origin
    ) throws(Unusable) -> Message {
        let body = try body(input)
        guard let event = CustomerIOEvent(body.json) else { throw .noEventID }
        guard !body.isWithoutContent || !event.keepsContent(partner.naming) else {
            throw .call(.tooLarge(limit: CallLimits.webhookCall))
        }
        let draft = try json { () throws(JSONError) in
            try event.draft(naming: partner.naming)
        }
        let normaliser = Normaliser(
            times: .client(receivedAt: context.receivedAt), types: [.track],
            maximumCall: CallLimits.webhookCall, partnerID: partner.id, sourceIP: nil,
            randomID: context.randomID)
        do throws(CallError) {
            return try normaliser.message(draft, type: .track, origin: origin)
        } catch {
            throw .call(error)
        }
    }

    /// The event's text; of a text too large for a call, without what calls do not keep.
    private static func body(_ input: [UInt8]) throws(Unusable) -> CustomerIOBody {
        let text: [UInt8]
        do throws(RequestBody.Problem) {
            text = RequestBody.unmarked(
                try RequestBody.content(of: input, maximum: CallLimits.webhookBody))
        } catch {
            throw .body(error)
        }
        let body = try json { () throws(JSONError) in
            try CustomerIOBody(text, maximumCall: CallLimits.webhookCall)
        }
        guard let body else { throw .call(.tooLarge(limit: CallLimits.webhookCall)) }
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
