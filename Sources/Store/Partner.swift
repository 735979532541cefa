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

/// How a partner signs what it sends.
package struct SigningRule: Sendable {
    package enum Scheme: String, Sendable, CaseIterable {
        case segment
        case customerio
    }

    package static let defaultTolerance = Duration.seconds(300)

    package let scheme: Scheme
    /// At least one; any of them may have signed.
    package let secrets: [Secret]
    /// How far a signed time may be from ours, where the scheme signs one.
    package let tolerance: Duration
}

/// A secret, or where it is kept.
///
/// Describing, debugging and reflecting it show no secret.
package enum Secret: Sendable {
    case plain([UInt8])
    case kept(Reference)

    /// `secretsmanager:<id>`, `ssm:<name>`, or the secret itself.
    package init(_ text: String) {
        if let reference = Reference(text), !reference.isFile {
            self = .kept(reference)
        } else {
            self = .plain(Array(text.utf8))
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .plain: "a secret"
        case .kept(let reference): reference.description
        }
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
