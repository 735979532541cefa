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
    package static let maximumItems = 2500

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
        var intake = Intake(partner: partner)
        let origin = Origin(
            partner: partner.name, sender: SegmentAPIContract.name, authentication: .key)
        var normaliser = Normaliser(
            times: .client(receivedAt: receivedAt), types: Self.types,
            maximumCall: CallLimits.call, partnerID: partner.id,
            sourceIP: sourceIP, randomID: randomID)
        switch call {
        case .single(let type):
            intake.add(json, index: nil) { () throws(CallError) in
                try normaliser.message(json, type: type, origin: origin)
            }
        case .batch:
            do throws(BatchProblem) {
                let items = try Self.items(of: json, &normaliser)
                for (index, item) in items.enumerated() {
                    intake.add(item, index: index) { () throws(CallError) in
                        try normaliser.message(item, index: index, origin: origin)
                    }
                }
            } catch {
                intake.rejects = [error.reject(withoutWriteKeys(json))]
            }
        }
        return intake
    }

    /// Segment's servers alone send `delete`, to destinations.
    private static let types = CallType.allCases.filter { $0 != .delete }

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
        let found = try Refusal.whereUnreachable { () throws(StoreError) in
            try partners.partner(token: key)
        }
        guard let partner = found else { throw Self.unauthorized }
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

    /// Why a batch as a whole holds no messages.
    private enum BatchProblem: Error {
        case notBatch
        case empty
        case tooManyItems
        case shared(CallError)

        func reject(_ input: [UInt8]) -> Reject {
            switch self {
            case .notBatch:
                Reject(
                    .invalid, code: "bad_request", message: "A batch needs an array in batch.",
                    input: input)
            case .empty:
                Reject(
                    .invalid, code: "empty_batch", message: "The batch has no items.", input: input)
            case .tooManyItems:
                Reject(
                    .tooLarge, code: "too_many_items",
                    message: "The batch has more than \(SegmentAPI.maximumItems) items.",
                    input: input)
            case .shared(let error):
                Reject(error.outcome, code: error.code, message: error.message, input: input)
            }
        }
    }

    private static func items(
        of json: JSONValue, _ normaliser: inout Normaliser
    ) throws(BatchProblem) -> [JSONValue] {
        guard let batch = json["batch"], batch.kind == .array else { throw .notBatch }
        let items = Array(batch.elements.prefix(maximumItems + 1))
        guard !items.isEmpty else { throw .empty }
        guard items.count <= maximumItems else { throw .tooManyItems }
        do throws(CallError) {
            try normaliser.adopt(batch: json)
            // Every item is given the batch's context: a large one would multiply.
            guard normaliser.sharedBytes * items.count <= CallLimits.sharedGrowth else {
                throw .tooLarge(limit: CallLimits.sharedGrowth)
            }
        } catch {
            throw .shared(error)
        }
        return items
    }
}
