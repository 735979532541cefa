package import Formats
package import Partners

/// A partner as a database keeps it: every column of its row.
package struct PartnerRecord: Sendable {
    /// A UUID.
    package let id: String
    package var name: String
    package var description: String?
    package var token: TokenHash
    /// The token that ``token`` has replaced; it expires.
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

    init(
        id: String, name: String, description: String?, token: TokenHash,
        previousToken: PartnerToken?, status: Partner.Status, validationConfig: [UInt8],
        createdAt: Timestamp, modifiedAt: Timestamp, deletedAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.token = token
        self.previousToken = previousToken
        self.status = status
        self.validationConfig = validationConfig
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
        self.deletedAt = deletedAt
        version = ""
    }

    /// Bytes of `validation_config` without white space.
    package static let maximumConfig = 65_536
    /// The same with white space: people indent, and so does PostgreSQL.
    package static let maximumRawConfig = 1024 * 1024
    /// Bytes of a description.
    package static let maximumDescription = 4096
}
