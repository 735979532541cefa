// RFC 9110, section 5.6.2: Tokens, which the names of header fields are

public enum HeaderName {
    /// The name in lower case, as headers are looked up; nil if the text is no header's name.
    public static func normalised(_ text: String) -> String? {
        let isToken = text.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        return isToken && !text.isEmpty ? text.lowercased() : nil
    }
}
