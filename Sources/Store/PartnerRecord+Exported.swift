internal import Formats
internal import Partners

extension PartnerRecord {
    /// Reads a record as `inlet partner export` writes it, as strictly as all JSON.
    ///
    /// Tokens may be hashes or tokens. A record without an id gets `newID`, and one without times gets
    /// `now`.
    init(
        exported value: JSONValue, newID: UUID, at place: String, now: Timestamp
    ) throws(PartnerError) {
        let partner = try Partner(value, at: place)
        guard let token = partner.tokens.first, token.expiresAt == nil,
            partner.tokens.dropFirst().allSatisfy({ $0.expiresAt != nil }), partner.tokens.count < 3
        else {
            throw .invalid(
                place: "\(place).webhook_token",
                problem: "not one token, or one and an earlier one that expires")
        }
        var id = newID
        if let text = value["id"]?.unlessNull?.string {
            guard let given = UUID(text) else {
                throw .invalid(place: "\(place).id", problem: "not a UUID")
            }
            id = given
        }
        func time(_ field: String) -> Timestamp? {
            (value[field]?.unlessNull?.string)
                .flatMap { Timestamp(rfc3339: $0.utf8) }
                .map { Timestamp(milliseconds: $0.milliseconds) }
        }
        let created = time("created_at") ?? now
        self.init(
            id: id.text, name: partner.name, description: partner.description, token: token.hash,
            previousToken: partner.tokens.dropFirst().first, status: partner.status,
            validationConfig: value["validation_config"]?.unlessNull.map { Array($0.raw) }
                ?? Array("{}".utf8),
            createdAt: created, modifiedAt: time("modified_at") ?? created,
            deletedAt: time("deleted_at"))
        try normalise(over: nil, at: place)
    }
}
