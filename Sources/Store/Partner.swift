package import Formats

/// Who may send: one row of the registry.
package struct Partner: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case active = "ACTIVE"
        case inactive = "INACTIVE"
        case suspended = "SUSPENDED"
    }

    /// What a partner's status and deletion come to.
    package enum Standing: Sendable {
        case active
        case inactive
        case suspended
        /// Whatever the status says.
        case deleted
    }

    /// The record's `id`, or else its name.
    package let id: String
    package let name: String
    package let description: String?
    /// Several while a token is being rotated.
    package let tokenHashes: [TokenHash]
    package let status: Status
    package let deletedAt: Timestamp?
    /// Nil lets every address in.
    package let allowedIPs: [IPNetwork]?
    /// Nil where nothing has to be signed.
    package let signing: SigningRule?

    package var standing: Standing {
        if deletedAt != nil { return .deleted }
        return switch status {
        case .active: .active
        case .inactive: .inactive
        case .suspended: .suspended
        }
    }

    /// Whether requests may come from there; an address that is not known may not where some must.
    package func allows(_ address: IPAddress?) -> Bool {
        guard let allowedIPs else { return true }
        guard let address else { return false }
        return allowedIPs.contains { $0.contains(address) }
    }
}
