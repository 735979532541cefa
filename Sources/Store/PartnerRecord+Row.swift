internal import Formats
internal import Partners

extension PartnerRecord {
    /// The columns, in the order of ``init(row:at:)`` and ``values``.
    static let columns = [
        "id", "name", "description", "webhook_token", "previous_webhook_token",
        "previous_expires_at", "status", "validation_config", "created_at", "modified_at",
        "deleted_at",
    ]

    /// Reads a row whose times are RFC 3339 in UTC.
    init(row: [String?], at table: String) throws(PartnerError) {
        var values: [String: String] = [:]
        for (column, value) in zip(Self.columns, row) { values[column] = value }
        try self.init(values, at: table)
    }

    /// Reads columns by their names; a null is left out.
    init(_ values: [String: String], at table: String) throws(PartnerError) {
        let row = RowReader(values, at: table)
        id = row["id"] ?? ""
        name = try row.text("name")
        description = row["description"]
        token = try row.hash("webhook_token")
        previousToken = try Self.previousToken(row)
        status = try row.status("status")
        validationConfig = Array(try row.text("validation_config").utf8)
        createdAt = try row.time("created_at")
        version = try row.text("modified_at")
        modifiedAt = try row.time("modified_at")
        deletedAt = row["deleted_at"] == nil ? nil : try row.time("deleted_at")
    }

    private static func previousToken(_ row: RowReader) throws(PartnerError) -> PartnerToken? {
        guard row["previous_webhook_token"] != nil else { return nil }
        return PartnerToken(
            hash: try row.hash("previous_webhook_token"),
            expiresAt: try row.time("previous_expires_at"))
    }

    /// The columns' values, in the order of ``columns``.
    var values: [String?] {
        [
            id, name, description, token.recorded, previousToken?.hash.recorded,
            previousToken?.expiresAt?.rfc3339, status.rawValue,
            String(decoding: validationConfig, as: UTF8.self), createdAt.rfc3339,
            modifiedAt.rfc3339, deletedAt?.rfc3339,
        ]
    }
}
