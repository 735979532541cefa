internal import Formats
internal import Signing

/// What a log line says of a message's id: enough to find it by the id, and nothing of the id
/// itself, which the sender has chosen.
package enum MessageFingerprint {
    /// Digits of the hash that are kept: two of a billion messages hardly share them.
    private static let length = 16

    /// The beginning of the SHA-256 of an id, as 16 hex digits.
    package static func text(of messageID: String) -> String {
        String(Hex.encode(SHA256.digest(messageID.utf8.span).span).prefix(length))
    }
}
