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
