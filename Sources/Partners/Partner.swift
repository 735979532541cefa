package import Formats

/// Who may send: one row of the registry.
package struct Partner: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case active = "ACTIVE"
        case inactive = "INACTIVE"
        case suspended = "SUSPENDED"
    }

    /// The status and the deletion of a partner in one.
    package enum Standing: Sendable {
        case active
        case inactive
        case suspended
        /// Whatever the status says.
        case deleted
    }

    /// How events that have no name of their own are called.
    package enum Naming: String, Sendable, CaseIterable {
        /// As Customer.io's own forwarding to Segment does.
        case standard
        /// As Customer.io's example of 2015 did: `customerio:email_delivered`.
        case legacy
    }

    /// The record's `id`, or else its name.
    package let id: String
    package let name: String
    package let description: String?
    /// Several while a token is being rotated.
    package let tokens: [PartnerToken]
    package let status: Status
    package let deletedAt: Timestamp?
    package let validation: ValidationConfig

    /// Nil when nothing has to be signed.
    package var signing: SigningRule? { validation.signing }
    /// What events of Customer.io are called.
    package var naming: Naming { validation.naming }

    package var standing: Standing {
        if deletedAt != nil { return .deleted }
        return switch status {
        case .active: .active
        case .inactive: .inactive
        case .suspended: .suspended
        }
    }

    /// Whether a token with this hash is, or still is, the partner's.
    package func owns(_ hash: TokenHash, at now: Timestamp) -> Bool {
        tokens.contains { $0.hash == hash && ($0.expiresAt.map { now < $0 } ?? true) }
    }

    /// Whether the partner's token, or its signature, counts on this sender's routes.
    package func maySend(as sender: SenderName) -> Bool { validation.senders.contains(sender) }

    /// Whether requests may come from there; an unknown address may not if the partner lists some.
    package func allows(_ address: IPAddress?) -> Bool {
        guard let allowedIPs = validation.allowedIPs else { return true }
        guard let address else { return false }
        return allowedIPs.contains { $0.contains(address) }
    }
}

/// What a partner is known by.
package struct PartnerToken: Sendable, Equatable {
    package let hash: TokenHash
    /// Set when another token has replaced it.
    package let expiresAt: Timestamp?

    package init(hash: TokenHash, expiresAt: Timestamp? = nil) {
        self.hash = hash
        self.expiresAt = expiresAt
    }
}
