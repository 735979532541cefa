package import Formats
package import Gateway
package import Partners
package import Tracking

/// Reads a partner's own webhooks: a JSON object, or an array of objects.
///
/// What becomes of each is said by the partner's `validation_config`.
package struct PartnerWebhook {
    package static let maximumItems = 2500
    /// Bytes of one call; what is larger does not fit into an SNS message.
    package static let maximumCall = 256 << 10
    /// Failures that one reject's sentence names; all are in its list.
    private static let maximumNamed = 8

    private let receivedAt: Timestamp
    private let randomID: () -> UUID

    package init(receivedAt: Timestamp, randomID: @escaping () -> UUID) {
        self.receivedAt = receivedAt
        self.randomID = randomID
    }

    /// Checks the signature of a request whose partner is known, and reads its calls.
    ///
    /// A partner without `signing` is known by its token alone.
    package func read(
        _ request: Request, from partner: Partner, search: SignerSearch
    ) throws(Refusal) -> Intake {
        guard let rule = partner.signing else {
            return read(
                request.body, from: partner, authentication: .key,
                within: ReadingTime(until: search.deadline), header: { request.headers[$0] })
        }
        let claim: SignatureClaim
        do throws(SignatureProblem) {
            claim = try rule.claim(
                of: request.body[...], values: request.headers.values, at: receivedAt)
        } catch {
            throw Self.refusal(error, partner)
        }
        // All of the body is signed, whatever the scheme: as it was sent or, where that is gzip,
        // what was compressed.
        lazy var content = contentClaim(of: request, rule, partner)
        let isSigned = try search.isMade(by: rule) { key in
            claim.isMade(by: key) || content?.isMade(by: key) == true
        }
        guard isSigned else { throw Self.refusal(.mismatch, partner) }
        return read(
            request.body, from: partner, authentication: .signed, signedID: claim.id,
            within: ReadingTime(until: search.deadline), header: { request.headers[$0] })
    }

    private func contentClaim(
        of request: Request, _ rule: SigningRule, _ partner: Partner
    ) -> SignatureClaim? {
        guard
            let content = try? RequestBody.inflated(
                request.body, maximum: partner.validation.maximumBytes)
        else { return nil }
        return try? rule.claim(
            of: content[...], values: request.headers.values, at: receivedAt)
    }

    private static func refusal(_ problem: SignatureProblem, _ partner: Partner) -> Refusal {
        Refusal(
            .notAuthentic, code: "invalid_signature",
            message: "The signature is missing or does not match the body.",
            reason: problem.reason, partner: partner.name)
    }

    /// Reads a body that counts as the partner's.
    ///
    /// `authentication` is what has shown that; `signedID` is the id that was signed with it, and
    /// `header` gives the value of a header, named in lower case.
    package func read(
        _ body: [UInt8], from partner: Partner, authentication: Origin.Authentication,
        signedID: String? = nil, within time: ReadingTime = .unlimited,
        header: @escaping (String) -> String? = { _ in nil }
    ) -> Intake {
        var intake = Intake(partner: partner, within: time)
        let maximum = partner.validation.maximumBytes
        let form = body.count <= maximum ? FormBody.json(of: body) : nil
        do throws(RequestBody.Problem) {
            let calls = try CallList(
                form ?? body, maximum: form == nil ? maximum : maximum * FormBody.growth,
                maximumItems: Self.maximumItems, maximumCall: Self.maximumCall)
            try read(calls, authentication, signedID, header, into: &intake)
            if form != nil { intake.rejects = intake.rejects.map { $0.keeping(body) } }
        } catch {
            intake.rejects = [error.reject(body)]
        }
        let withheld = partner.validation.mapping.withheld
        if !withheld.isEmpty {
            // A form's names and texts are encoded: its JSON is kept in its place.
            intake.rejects = intake.rejects.map {
                $0.keeping(KeySearch(form ?? $0.input, named: withheld).remainder)
            }
        }
        return intake
    }

    private func read(
        _ calls: CallList, _ authentication: Origin.Authentication, _ signedID: String?,
        _ header: @escaping (String) -> String?, into intake: inout Intake
    ) throws(RequestBody.Problem) {
        let partner = intake.partner
        var mapper = PayloadMapper(partner.validation, header: header)
        // A partner says when something happened, and not when it sent that: no clock is corrected.
        let normaliser = Normaliser(
            times: .client(receivedAt: receivedAt), types: CallType.ofClients,
            maximumCall: Self.maximumCall, partnerID: partner.id, sourceIP: nil, randomID: randomID)
        let origin = Origin(
            partner: partner.name, partnerID: partner.id, sender: PartnerWebhookContract.name,
            authentication: authentication)
        func add(_ payload: JSONValue, index: Int?) {
            guard !intake.isOutOfTime(payload, index: index) else { return }
            if index == nil,
                let challenge = Self.challenge(in: payload, of: partner, authentication)
            {
                return intake.challenge = challenge
            }
            // What is larger before it is mapped is no smaller afterwards, and its rules cost more.
            guard payload.range.count <= Self.maximumCall else {
                return intake.add(payload, index: index) { () throws(CallError) in
                    throw .tooLarge(limit: Self.maximumCall)
                }
            }
            do throws(PayloadMapper.Problem) {
                let mapped = try mapper.map(payload, signedID: signedID) {
                    Self.messageID($0, index: index, of: partner)
                }
                intake.add(mapped.call, index: index, input: payload) { () throws(CallError) in
                    try normaliser.message(
                        mapped.call, type: mapped.type, index: index, madeOf: payload,
                        origin: origin)
                }
            } catch {
                intake.rejects.append(Self.reject(error, index: index, input: payload))
            }
        }
        try calls.forEach(add)
    }

    /// What Slack wants to have back, once, from whoever says to be behind a URL.
    ///
    /// Source: Slack, "url_verification event".
    private static func challenge(
        in json: JSONValue, of partner: Partner, _ authentication: Origin.Authentication
    ) -> String? {
        guard partner.signing?.scheme == .slack, authentication == .signed,
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

    private static func reject(
        _ problem: PayloadMapper.Problem, index: Int?, input: JSONValue
    ) -> Reject {
        switch problem {
        case .notObject:
            Reject(
                .invalid, code: "bad_request", message: "A webhook must be a JSON object.",
                index: index, input: Array(input.raw))
        case .tooDeep:
            Reject(
                .invalid, code: "bad_request",
                message: "It is nested more than \(JSONText.maximumDepth - 1) levels deep.",
                index: index, input: Array(input.raw))
        case .rules(let failures):
            Reject(
                .invalid, code: "validation_failed", message: sentences(failures), index: index,
                failures: failures, input: Array(input.raw))
        }
    }

    private static func sentences(_ failures: [RuleFailure]) -> String {
        let named = failures.prefix(maximumNamed).map(\.message).joined(separator: " ")
        let others = failures.count - maximumNamed
        return others > 0 ? "\(named) And \(others) more." : named
    }
}

extension PartnerWebhook {
    package static let tokenUnknown = Refusal(
        .notFound, code: "unknown_token", message: "There is no webhook with this token.")

    package static let tokenRemoved = Refusal(
        .gone, code: "partner_removed", message: "This webhook has been removed.")
}
