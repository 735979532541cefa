internal import Formats
internal import Gateway
package import Partners
internal import Tracking

/// Partners' own webhooks, as the integration guide promises them.
///
/// A body is a JSON object or an array of objects, and the partner's `validation_config` says what
/// becomes of each. No two partners wait equally long or send again in the same way. What can be promised to all is
/// what most webhook senders keep to. Source: Standard Webhooks 1.0, "Deliverability and reliability".
package struct PartnerWebhook: Sender {
    package static let maximumItems = 2500

    package var name: SenderName { .partner }
    /// Standard Webhooks asks senders for 15 to 30 seconds; many give 10 (GitHub), some 5 (Shopify).
    package var deadline: Duration { .seconds(5) }
    package var margin: Duration { .milliseconds(500) }

    package init() {}

    package func status(for outcome: Outcome) -> Int {
        switch outcome {
        case .published: 200
        case .invalid, .unsupportedType: 400
        case .tooLarge: 413
        case .notAuthentic: 401
        case .forbidden: 403
        case .notFound: 404
        // Senders stop at once, and for good: Standard Webhooks has them disable the endpoint.
        case .gone: 410
        // Every sender tries again after a 5xx.
        case .notAccepted: 503
        }
    }

    package func isSigned(by scheme: SigningRule.Scheme) -> Bool {
        scheme != .segment && scheme != .customerio
    }

    package var guide: SenderGuide {
        SenderGuide(
            instruction: "Send each event, or several in a JSON array, by HTTPS to:",
            content: .ownRules(maximumItems: Self.maximumItems, maximumCall: CallLimits.webhookCall)
        )
    }

    package var unknownPartner: Refusal {
        Refusal(.notFound, code: "unknown_token", message: "There is no webhook with this token.")
    }

    package var removedPartner: Refusal {
        Refusal(.gone, code: "partner_removed", message: "This webhook has been removed.")
    }

    /// Checks whose token and address it is, and then the signature, and reads the calls.
    ///
    /// A partner without `signing` is known by its token alone. The order is what a refusal tells:
    /// whose address it is counts before what it signed.
    package func receive(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        let admission = try access.admit(
            access.owner(of: Array((inbound.pathWord ?? "").utf8)))
        let body = inbound.request.body
        guard let rule = admission.partner.signing else {
            var intake = Intake(admission, from: name, within: access.readingTime)
            read(body, inbound.context, into: &intake)
            return intake
        }
        let claim = try signedClaim(of: inbound, by: rule, admission.partner, access)
        var intake = Intake(
            admission, from: name, proof: .all(.signed), within: access.readingTime)
        read(body, inbound.context, signedID: claim.id, into: &intake)
        return intake
    }

    package func reread(_ input: KeptInput) -> Intake {
        var intake = Intake(
            Admission(vouchedFor: input.partner), from: name,
            proof: .all(input.authentication ?? .key))
        read(input.body, input.context, into: &intake)
        return intake
    }

    /// What the request says about who signed it, once a secret of the rule is shown to have.
    ///
    /// All of the body is signed, whatever the scheme: as it was sent or, if that is gzip, what was
    /// compressed.
    private func signedClaim(
        of inbound: InboundRequest, by rule: SigningRule, _ partner: Partner, _ access: Access
    ) throws(Refusal) -> SignatureClaim {
        let request = inbound.request
        let headers = request.headers.fields(rule.headerNames)
        func claim(of body: [UInt8]) throws(SignatureProblem) -> SignatureClaim {
            try rule.claim(of: body[...], headers: headers, at: inbound.context.receivedAt)
        }
        let sent: SignatureClaim
        do throws(SignatureProblem) {
            sent = try claim(of: request.body)
        } catch {
            throw .invalidSignature(reason: error.reason, partner: partner.name)
        }
        lazy var compressed: SignatureClaim? = {
            let content = try? RequestBody.inflated(
                request.body, maximum: partner.validation.maximumBytes)
            return content.flatMap { try? claim(of: $0) }
        }()
        let isSigned = try access.isSigned(by: rule) { key in
            sent.isMade(by: key) || compressed?.isMade(by: key) == true
        }
        guard isSigned else {
            throw .invalidSignature(
                reason: SignatureProblem.mismatch.reason, partner: partner.name)
        }
        return sent
    }
}

extension PartnerWebhook {
    /// Reads a body; `signedID` is the id that was signed with it.
    func read(
        _ body: [UInt8], _ context: BodyContext, signedID: String? = nil,
        into intake: inout Intake
    ) {
        let validation = intake.partner.validation
        do throws(RequestBody.Problem) {
            let content = try RequestBody.content(of: body, maximum: validation.maximumBytes)
            let isForm = FormBody.isForm(content)
            // A form is one call, and its JSON has a third of its bytes at least.
            guard !isForm || content.count <= 3 * CallLimits.webhookCall else {
                intake.rejects = [Reject(.tooLarge(limit: CallLimits.webhookCall), input: content)]
                return
            }
            let calls = try CallList(
                isForm ? FormBody.json(of: content) : content, maximumItems: Self.maximumItems,
                maximumCall: CallLimits.webhookCall)
            try read(calls, context, signedID: signedID, into: &intake)
            if isForm { intake.rejects = intake.rejects.map { $0.keeping(content) } }
        } catch {
            intake.rejects = [error.reject(body)]
        }
    }

    private func read(
        _ calls: CallList, _ context: BodyContext, signedID: String?, into intake: inout Intake
    ) throws(RequestBody.Problem) {
        let partner = intake.partner
        var mapper = PayloadMapper(partner.validation, header: context.header)
        // A partner says when something happened, and not when it sent that: no clock is corrected.
        let normaliser = Normaliser(
            times: .client(receivedAt: context.receivedAt), types: CallType.ofClients,
            maximumCall: CallLimits.webhookCall, partnerID: partner.id, sourceIP: nil,
            randomID: context.randomID)
        func add(_ payload: JSONValue, index: Int?) {
            guard !intake.rejectIfOutOfTime(payload, index: index) else { return }
            if index == nil, let challenge = Self.challenge(in: payload, of: intake) {
                return intake.challenge = challenge
            }
            // What is larger before it is mapped is no smaller afterwards, and its rules cost more.
            guard payload.range.count <= CallLimits.webhookCall else {
                return intake.add(payload, index: index) { _ throws(CallError) in
                    throw .tooLarge(limit: CallLimits.webhookCall)
                }
            }
            do throws(PayloadMapper.Problem) {
                let mapped = try mapper.map(payload, signedID: signedID) {
                    Self.messageID($0, index: index, of: partner)
                }
                intake.add(mapped.draft, type: mapped.type, index: index, by: normaliser)
            } catch {
                intake.rejects.append(error.reject(payload, index: index))
            }
        }
        try calls.forEach(add)
    }

    /// What Slack wants to have back, once, from whoever claims to be behind a URL.
    ///
    /// Source: Slack, "url_verification event".
    private static func challenge(in json: JSONValue, of intake: Intake) -> String? {
        guard intake.partner.signing?.scheme == .slack, intake.proof == .all(.signed),
            json["type"]?.equals("url_verification") == true
        else { return nil }
        return json["challenge"]?.string
    }

    /// The id of what was sent under one, which its header says: a resend has the same.
    private static func messageID(_ signed: String, index: Int?, of partner: Partner) -> String {
        let id = index.map { "\(signed).\($0)" } ?? signed
        guard id.unicodeScalars.count > CallLimits.messageIDCharacters else { return id }
        return Normaliser.derivedID(Array("\(partner.id)\n\(id)".utf8))
    }
}

extension PayloadMapper.Problem {
    /// Failures that a reject's sentence names; all are in its list.
    private static let maximumNamed = 8

    fileprivate func reject(_ payload: JSONValue, index: Int?) -> Reject {
        let input = Array(payload.raw)
        return switch self {
        case .notObject:
            Reject(
                .invalid, code: "bad_request", message: "A webhook must be a JSON object.",
                index: index, input: input)
        case .tooDeep:
            Reject(
                .invalid, code: "bad_request",
                message: "It is nested more than \(JSONText.maximumDepth - 1) levels deep.",
                index: index, input: input)
        case .rules(let failures):
            Reject(
                .invalid, code: "validation_failed", message: Self.sentences(failures),
                index: index, failures: failures, input: input)
        }
    }

    private static func sentences(_ failures: [RuleFailure]) -> String {
        let named = failures.prefix(maximumNamed).map { $0.message }.joined(separator: " ")
        let others = failures.count - maximumNamed
        return others > 0 ? "\(named) And \(others) more." : named
    }
}
