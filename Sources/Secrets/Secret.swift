/// A secret, or where it is kept.
///
/// Describing, debugging and reflecting it show no secret.
package enum Secret: Sendable {
    case plain([UInt8])
    case kept(Reference)

    /// `secretsmanager:<id>`, `ssm:<name>`, or the secret itself.
    ///
    /// - Throws: ``SecretError/malformedReference`` or ``SecretError/unprintableReference`` for a
    ///   reference with a mistake in it: taken for the secret itself, it could be guessed.
    package init(_ text: String) throws(SecretError) {
        guard Self.resemblesReference(text) else {
            self = .plain(Array(text.utf8))
            return
        }
        guard let reference = Reference(text), !reference.isFile else { throw .malformedReference }
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw .unprintableReference }
        self = .kept(reference)
    }

    /// What references begin with, and ARNs, which some take for references.
    private static let schemes: [String] = ["ssm", "secretsmanager", "file", "arn"]

    /// True for a text that begins as a reference does, in any case and after any white space.
    private static func resemblesReference(_ text: String) -> Bool {
        let start = text.unicodeScalars.drop { scalar in
            // Besides white space of ASCII, what is pasted unseen: a no-break space, a byte order mark.
            scalar.value <= 0x20 || scalar.value == 0xA0 || scalar.value == 0xFEFF
        }
        let scheme = String(start.prefix { $0 != ":" && $0.value > 0x20 }).lowercased()
        return schemes.contains(scheme)
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
