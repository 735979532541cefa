internal import Formats

extension HeaderName {
    /// True for the name of a header that may hold a secret, or prove that the sender has one: its
    /// value must not get into a message.
    ///
    /// Hyphens and underscores are ignored.
    static func isSecret(_ name: String) -> Bool {
        let letters = name.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        return secretWords.contains { word in
            letters.indices.contains { letters[$0...].starts(with: word.utf8) }
        }
    }

    private static let secretWords = [
        "auth", "cookie", "signature", "hmac", "token", "secret", "passw", "apikey", "accesskey",
        "webhookkey", "functionskey", "credential", "private", "session", "jwt",
    ]
}
