package import Formats
package import Gateway
package import Store
package import Tracking

/// Reads requests of Segment's tracking API.
///
/// Source: Twilio Segment, "HTTP API".
package struct SegmentAPI {
    /// Bytes of a request after inflation: the SDKs fill up to 500 KB, in either meaning.
    package static let maximumBody = 512_000

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
            guard let known else { throw error.refusal }
            var intake = Intake(partner: known)
            intake.rejects = [error.reject(request.body)]
            return intake
        }
        return try read(
            body.json, call, headerKey: headerKey, known: known, sourceIP: request.sourceIP)
    }

    /// Reads a pixel's call from its query; the key is in the call.
    package func readPixel(_ request: Request, _ type: CallType) throws(Refusal) -> Intake {
        let json: JSONText
        do throws(JSONError) {
            json = try JSONText(PixelQuery.call(request.query))
        } catch {
            throw Refusal(
                .invalid, code: "bad_request", message: "The data is not JSON: \(error.reason).")
        }
        return try read(
            json.root, .single(type), headerKey: nil, known: nil, sourceIP: request.sourceIP)
    }

    /// `known` is the partner of `headerKey`.
    private func read(
        _ json: JSONValue, _ call: Call, headerKey: [UInt8]?, known: Partner?, sourceIP: String?
    ) throws(Refusal) -> Intake {
        let key = try self.key(of: json, call, header: headerKey)
        let partner = if let known { known } else { try partner(key) }
        let calls = SegmentCalls(
            partner: partner, receivedAt: receivedAt, sourceIP: sourceIP, randomID: randomID)
        return switch call {
        case .single(let type): calls.single(json, type: type)
        case .batch: calls.batch(json)
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
        let partner = try Refusal.whereUnreachable { () throws(StoreError) in
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
