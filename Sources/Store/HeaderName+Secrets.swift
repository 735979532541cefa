internal import Formats

extension HeaderName {
    /// True for the name of a header that may hold a secret, or shows that somebody has one: such a
    /// value belongs into no message.
    static func isSecret(_ name: String) -> Bool {
        let letters = Array(name.utf8)
        return secretWords.contains { word in
            letters.indices.contains { letters[$0...].starts(with: word.utf8) }
        }
    }

    private static let secretWords = [
        "auth", "cookie", "signature", "hmac", "token", "secret", "passw", "api-key", "apikey",
        "credential", "private",
    ]
}
