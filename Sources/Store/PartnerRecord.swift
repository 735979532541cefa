package import Formats
package import Partners
package import Secrets

/// A partner as a database keeps it: every column of its row.
package struct PartnerRecord: Sendable {
    /// A UUID.
    package let id: String
    package var name: String
    package var description: String?
    package var token: TokenHash
    /// The token that ``token`` has taken the place of; it expires.
    package var previousToken: PartnerToken?
    package var status: Partner.Status
    /// One JSON object.
    package var validationConfig: [UInt8]
    package let createdAt: Timestamp
    package var modifiedAt: Timestamp
    package var deletedAt: Timestamp?
    /// `modified_at` as the database holds it: what a change expects to find.
    let version: String

    package init(
        id: UUID, name: String, description: String? = nil, token: TokenHash,
        status: Partner.Status = .active, validationConfig: [UInt8] = Array("{}".utf8),
        at now: Timestamp
    ) {
        self.id = id.text
        self.name = name
        self.description = description
        self.token = token
        self.status = status
        self.validationConfig = validationConfig
        createdAt = now
        modifiedAt = now
        version = ""
    }

    /// Bytes of `validation_config` without white space.
    package static let maximumConfig = 65_536
    /// The same as it is given: people indent, and so does PostgreSQL.
    package static let maximumRawConfig = 1024 * 1024
    /// Bytes of a description.
    package static let maximumDescription = 4096

    /// The record's JSON, as every program reads and writes it.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 512 + validationConfig.count)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", id)
            $0.member("name", name)
            $0.name("description")
            if let description { $0.string(description) } else { $0.null() }
            $0.name("webhook_token")
            if let previousToken {
                $0.array { tokens in
                    tokens.string(token.recorded)
                    tokens.object { previous in
                        previous.member("token", previousToken.hash.recorded)
                        previous.time("expires_at", previousToken.expiresAt)
                    }
                }
            } else {
                $0.string(token.recorded)
            }
            $0.member("status", status.rawValue)
            $0.member("validation_config", raw: validationConfig[...])
            $0.time("created_at", createdAt)
            $0.time("modified_at", modifiedAt)
            $0.time("deleted_at", deletedAt)
        }
    }

    /// The partner that this record describes, read as strictly as JSON is.
    package func partner(at place: String) throws(StoreError) -> Partner {
        do throws(JSONError) {
            // What is not one JSON value could be read as further keys of the record.
            _ = try JSONText(validationConfig)
        } catch {
            throw .invalid(
                place: "\(place).validation_config", problem: "not JSON: \(error.reason)")
        }
        let text: JSONText
        do throws(JSONError) {
            text = try JSONText(json)
        } catch {
            throw .invalid(place: place, problem: "not JSON: \(error.reason)")
        }
        return try Partner(text.root, at: place)
    }
}

extension JSONWriter {
    fileprivate mutating func time(_ name: String, _ time: Timestamp?) {
        self.name(name)
        if let text = time?.rfc3339 { string(text) } else { null() }
    }
}

// MARK: - Rows

extension PartnerRecord {
    /// The columns, in the order of ``init(row:at:)`` and ``values``.
    static let columns = [
        "id", "name", "description", "webhook_token", "previous_webhook_token",
        "previous_expires_at", "status", "validation_config", "created_at", "modified_at",
        "deleted_at",
    ]

    /// Reads a row whose times are RFC 3339 in UTC.
    init(row: [String?], at table: String) throws(StoreError) {
        var values: [String: String] = [:]
        for (column, value) in zip(Self.columns, row) { values[column] = value }
        try self.init(values, at: table)
    }

    /// Reads columns by their names; a null is left out.
    init(_ values: [String: String], at table: String) throws(StoreError) {
        let id = values["id"] ?? ""
        let place = "\(table)[\(id.prefix(64))]"
        func required(_ column: String) throws(StoreError) -> String {
            guard let text = values[column] else {
                throw .invalid(place: "\(place).\(column)", problem: "missing")
            }
            return text
        }
        func time(_ column: String, _ text: String) throws(StoreError) -> Timestamp {
            guard let time = Timestamp(rfc3339: text.utf8) else {
                throw .invalid(
                    place: "\(place).\(column)",
                    problem: "not a time such as 2026-01-05T10:00:00.000Z")
            }
            return time
        }
        func hash(_ column: String, _ text: String) throws(StoreError) -> TokenHash {
            // A token itself has no business in a table.
            guard text.hasPrefix("sha256:"), let hash = TokenHash(recorded: text) else {
                throw .invalid(
                    place: "\(place).\(column)", problem: "not sha256: and 64 hex digits")
            }
            return hash
        }
        self.id = id
        name = try required("name")
        description = values["description"]
        token = try hash("webhook_token", try required("webhook_token"))
        if let text = values["previous_webhook_token"] {
            let expiry = try required("previous_expires_at")
            previousToken = PartnerToken(
                hash: try hash("previous_webhook_token", text),
                expiresAt: try time("previous_expires_at", expiry))
        } else {
            previousToken = nil
        }
        guard let status = Partner.Status(rawValue: try required("status")) else {
            let known = Partner.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(place: "\(place).status", problem: "not one of \(known)")
        }
        self.status = status
        validationConfig = Array(try required("validation_config").utf8)
        createdAt = try time("created_at", try required("created_at"))
        version = try required("modified_at")
        modifiedAt = try time("modified_at", version)
        deletedAt = try values["deleted_at"].map { text throws(StoreError) in
            try time("deleted_at", text)
        }
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
