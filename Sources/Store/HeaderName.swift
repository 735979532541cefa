/// Names of header fields in a partner's configuration.
///
/// Source: RFC 9110, section 5.6.2, "Tokens".
enum HeaderName {
    /// The name in lower case, as headers are looked up; nil for what is none.
    static func normalised(_ text: String) -> String? {
        let isToken = text.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        return isToken && !text.isEmpty ? text.lowercased() : nil
    }

    /// True for the name of a header that may hold a secret, or shows that somebody has one: such a
    /// value belongs into no message.
    static func isSecret(_ name: String) -> Bool { secretWords.contains { name.contains($0) } }

    private static let secretWords = [
        "auth", "cookie", "signature", "hmac", "token", "secret", "passw", "api-key", "apikey",
        "credential", "private",
    ]
}
