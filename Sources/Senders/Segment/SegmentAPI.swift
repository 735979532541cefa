package import Formats
package import Gateway
package import Partners
package import Tracking

/// Reads requests of Segment's tracking API.
///
/// Source: Twilio Segment, "HTTP API".
package struct SegmentAPI {
    /// Bytes of a request after inflation: the SDKs fill up to 500 KB with calls, in either meaning,
    /// and write what is around them on top.
    package static let maximumBody = 512_000 + 16_384

    private let partners: PartnerLookup
    private let receivedAt: Timestamp
    private let randomID: () -> UUID

    package init(
        partners: PartnerLookup, receivedAt: Timestamp, randomID: @escaping () -> UUID
    ) {
        self.partners = partners
        self.receivedAt = receivedAt
        self.randomID = randomID
    }

    /// What the path asks for.
    package enum Call: Sendable, Equatable {
        case single(CallType)
        case batch
    }

    /// Authenticates a request and reads its calls.
    ///
    /// The key is in the `Authorization` header, in the body, or in both: then they must agree.
    /// SDKs differ, and none can be told to change.
    package func read(_ request: Request, _ call: Call) throws(Refusal) -> Intake {
        let headerKey = try Self.headerKey(request)
        // A wrong header is refused before anything is read.
        let known: Partner? = if let headerKey { try partner(headerKey) } else { nil }
        let body: RequestBody
        do throws(RequestBody.Problem) {
            body = try RequestBody(request.body, maximum: Self.maximumBody)
        } catch {
            let readable = RequestBody.readable(request.body, maximum: Self.maximumBody)
            return try keep(readable, error.refusal, error.reject, known)
        }
        return try read(
            body.json, call, headerKey: headerKey, known: known, sourceIP: request.sourceIP)
    }

    /// Reads a pixel's call from its query; the key is in the call.
    package func readPixel(_ request: Request, _ type: CallType) throws(Refusal) -> Intake {
        let call = PixelQuery.call(request.query)
        let body: RequestBody
        do throws(RequestBody.Problem) {
            body = try RequestBody(call, maximum: Self.maximumBody)
        } catch {
            return try keep(call, error.refusal, error.reject, nil)
        }
        return try read(
            body.json, .single(type), headerKey: nil, known: nil, sourceIP: request.sourceIP)
    }

    /// `known` is the partner of `headerKey`.
    private func read(
        _ json: JSONValue, _ call: Call, headerKey: [UInt8]?, known: Partner?, sourceIP: String?
    ) throws(Refusal) -> Intake {
        let key = try self.key(of: json, call, header: headerKey)
        let partner = if let known { known } else { try partner(key) }
        let calls = SegmentCalls(
            partner: partner, receivedAt: receivedAt, sourceIP: sourceIP, randomID: randomID,
            time: ReadingTime(until: partners.deadline))
        return switch call {
        case .single(let type): calls.single(json, type: type)
        case .batch: calls.batch(json)
        }
    }

    /// Keeps what cannot be read as a reject of the partner whose key it has: of `known`, the
    /// header's, or else of the one key that its bytes name.
    ///
    /// - Throws: the refusal if nobody can be told.
    private func keep(
        _ bytes: [UInt8], _ refusal: Refusal, _ reject: ([UInt8]) -> Reject, _ known: Partner?
    ) throws(Refusal) -> Intake {
        let search = KeySearch(bytes)
        let found: Partner? = if let known { known } else { try owner(search.keys) }
        guard let partner = found else { throw refusal }
        var intake = Intake(partner: partner)
        intake.rejects = [reject(search.remainder)]
        return intake
    }

    /// The partner whose key stands alone there; nil where none does, or one that may not send.
    private func owner(_ keys: [[UInt8]]) throws(Refusal) -> Partner? {
        guard keys.count == 1 else { return nil }
        do throws(Refusal) {
            return try partner(keys[0])
        } catch {
            // Whether it is a key cannot be told now: it must be sent again.
            guard error.outcome != .notAccepted else { throw error }
            return nil
        }
    }

    private static func headerKey(_ request: Request) throws(Refusal) -> [UInt8]? {
        switch BasicCredentials(request.headers["authorization"]) {
        case .key(let key): key
        case .malformed: throw unauthorized
        // A Bearer token comes with the key in the body.
        case .none: nil
        }
    }

    /// The one key that header, request and items name.
    private func key(
        of json: JSONValue, _ call: Call, header: [UInt8]?
    ) throws(Refusal) -> [UInt8] {
        var found = header
        func check(_ call: JSONValue) throws(Refusal) {
            guard let value = writeKey(of: call) else { return }
            guard let key = value.utf8, found == nil || found == key else {
                throw Self.unauthorized
            }
            found = key
        }
        try check(json)
        if call == .batch, let batch = json["batch"] {
            for item in batch.elements { try check(item) }
        }
        guard let found else { throw Self.unauthorized }
        return found
    }

    private func partner(_ key: [UInt8]) throws(Refusal) -> Partner {
        let partner = try Refusal.whereUnreachable { () throws(LookupFailure) in
            try partners.partner(token: key, for: SegmentAPIContract.sender)
        }.partner(orElse: Self.unauthorized)
        switch partner.standing {
        case .active: return partner
        case .deleted: throw Self.unauthorized
        case .inactive, .suspended:
            throw Refusal(
                .notAuthentic, code: "source_disabled", message: "This source is switched off.")
        }
    }

    private static let unauthorized = Refusal(
        .notAuthentic, code: "unknown_source", message: "The write key is missing or not known.")
}
