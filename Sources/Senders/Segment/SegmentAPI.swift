internal import Formats
internal import Gateway
package import Partners
package import Tracking

/// Segment's tracking API, as its SDKs use it: a call or a batch in a body, or a call in a pixel's query.
///
/// Source: Twilio Segment, "HTTP API", and the SDKs' own code for what they do with each status.
package struct SegmentAPI: Sender {
    /// What one of the API's routes takes.
    package enum Endpoint: Sendable {
        /// A call whose type is in the path.
        case call
        case batch
        /// A call in the query of an image's URL.
        case pixel
    }

    /// Bytes of a request after inflation: the SDKs fill up to 500 KB, of 1,000 or of 1,024 bytes,
    /// with calls, and write what is around them on top.
    package static let maximumBody = 512_000 + 16_384

    private let endpoint: Endpoint

    package var name: SenderName { .segmentAPI }
    /// SDKs wait for 10 to 60 seconds; people wait less.
    package var deadline: Duration { .seconds(5) }
    package var margin: Duration { .milliseconds(500) }

    package init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    package func status(for outcome: Outcome) -> Int {
        switch outcome {
        // Exactly: the Python SDK takes 201, 202 and 204 for failures and sends again.
        case .published: 200
        case .invalid, .unsupportedType: 400
        // Segment's own answer: every SDK drops it, while some send again after 413.
        case .tooLarge: 400
        // No SDK sends again after 401, provided the body has a code and a message.
        case .notAuthentic, .notFound, .gone: 401
        case .forbidden: 403
        // Every SDK sends again after 503; browsers and Node drop 501 and 505.
        case .notAccepted: 503
        }
    }

    package var replyForm: ReplyForm {
        switch endpoint {
        case .call, .batch: .jsonForPages
        case .pixel: .pixel
        }
    }

    package func isSigned(by scheme: SigningRule.Scheme) -> Bool { false }

    package func hint(about partner: Partner) -> String? {
        partner.signing == nil
            ? nil : "\(name.rawValue) asks for no signature: the token is enough there."
    }

    package var guide: SenderGuide {
        SenderGuide(
            subject: "Tracking calls",
            instruction: "Send each call, or several in a batch, by HTTPS to:",
            credentials: .writeKey(call: .track),
            content: .segment("Calls of Segment's tracking API."))
    }

    package var unknownPartner: Refusal {
        Refusal(
            .notAuthentic, code: "unknown_source",
            message: "The write key is missing or not known.")
    }

    package func heldPartner(named name: String, _ status: Partner.Status) -> Refusal {
        Refusal(.notAuthentic, code: "source_disabled", message: "This source is switched off.")
    }

    package func receive(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        switch endpoint {
        case .call, .batch: return try receiveBody(inbound, access)
        case .pixel: return try receivePixel(inbound, access)
        }
    }

    package func reread(_ input: KeptInput) -> Intake {
        var intake = Intake(Admission(vouchedFor: input.partner), from: name)
        do throws(RequestBody.Problem) {
            let json = try RequestBody(input.body, maximum: Self.maximumBody).json
            let calls = SegmentCalls(input.context)
            if input.index == nil, input.type == nil, json["batch"]?.kind == .array {
                calls.readBatch(json, into: &intake)
            } else {
                calls.read(json, type: input.type, index: input.index, into: &intake)
            }
        } catch {
            intake.rejects = [error.reject(input.body)]
        }
        return intake
    }
}

extension SegmentAPI {
    /// The key is in the `Authorization` header, in the body, or in both: then they must agree.
    ///
    /// SDKs differ, and none can be told to change.
    private func receiveBody(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        let given = try headerKey(inbound.request)
        // A wrong header is refused before anything is read.
        let known: Claimant? = if let given { try access.owner(of: given) } else { nil }
        let json: JSONValue
        do throws(RequestBody.Problem) {
            json = try RequestBody(inbound.request.body, maximum: Self.maximumBody).json
        } catch {
            return try keep(inbound.request.body, error, known, access)
        }
        let key = try soleKey(of: json, header: given)
        let claimant = if let known { known } else { try access.owner(of: key) }
        return try read(json, inbound, from: claimant, access)
    }

    /// The key is in the call.
    private func receivePixel(
        _ inbound: InboundRequest, _ access: Access
    ) throws(Refusal) -> Intake {
        let call = PixelQuery.call(inbound.request.query)
        let json: JSONValue
        do throws(RequestBody.Problem) {
            json = try RequestBody(call, maximum: Self.maximumBody).json
        } catch {
            return try keep(call, error, nil, access)
        }
        return try read(
            json, inbound, from: access.owner(of: soleKey(of: json, header: nil)), access)
    }

    private func read(
        _ json: JSONValue, _ inbound: InboundRequest, from claimant: Claimant, _ access: Access
    ) throws(Refusal) -> Intake {
        var intake = Intake(
            try access.admit(claimant), from: name, within: access.readingTime)
        let calls = SegmentCalls(inbound.context)
        switch endpoint {
        case .call, .pixel:
            calls.read(json, type: inbound.pathWord.flatMap(CallType.init(path:)), into: &intake)
        case .batch: calls.readBatch(json, into: &intake)
        }
        return intake
    }

    /// Keeps what cannot be read as a reject of the partner whose key it has: of `known`, by the
    /// header's key, or else by the one key that its bytes name.
    ///
    /// - Throws: the refusal if nobody can be told.
    private func keep(
        _ body: [UInt8], _ problem: RequestBody.Problem, _ known: Claimant?, _ access: Access
    ) throws(Refusal) -> Intake {
        let found =
            if let known { known } else { try owner(of: SearchedBody(body).keys, access) }
        guard let claimant = found else { throw problem.refusal }
        var intake = Intake(try access.admit(claimant), from: name)
        intake.rejects = [problem.reject(body)]
        return intake
    }

    /// The partner whose key stands alone there; nil if none does, or one that may not send.
    private func owner(
        of keys: [[UInt8]], _ access: Access
    ) throws(Refusal) -> Claimant? {
        guard keys.count == 1 else { return nil }
        do throws(Refusal) {
            return try access.owner(of: keys[0])
        } catch {
            // Whether it is a key cannot be told now: it must be sent again.
            guard error.outcome != .notAccepted else { throw error }
            return nil
        }
    }

    private func headerKey(_ request: Request) throws(Refusal) -> [UInt8]? {
        switch BasicCredentials(request.headers["authorization"]) {
        case .key(let key): key
        case .malformed: throw unknownPartner
        // A Bearer token comes with the key in the body.
        case .none: nil
        }
    }

    /// The one key that header, request and items name.
    private func soleKey(of json: JSONValue, header: [UInt8]?) throws(Refusal) -> [UInt8] {
        var found = header
        func check(_ call: JSONValue) throws(Refusal) {
            guard let value = writeKey(of: call) else { return }
            guard let key = value.utf8, found == nil || found == key else { throw unknownPartner }
            found = key
        }
        try check(json)
        if endpoint == .batch, let batch = json["batch"] {
            for item in batch.elements { try check(item) }
        }
        guard let found else { throw unknownPartner }
        return found
    }
}

extension CallType {
    /// The words that name a call in a path: its name, or the letter that analytics.js uses.
    package static let pathNames = ["identify", "track", "page", "screen", "group", "alias"]
    package static let pathLetters = ["i", "t", "p", "s", "g", "a"]

    init?(path word: String) {
        switch word {
        case "i": self = .identify
        case "t": self = .track
        case "p": self = .page
        case "s": self = .screen
        case "g": self = .group
        case "a": self = .alias
        default: self.init(rawValue: word)
        }
    }
}
