import Formats
import Partners

/// A token when a partner is given it.
///
/// Afterwards only its hash is kept.
struct Token {
    /// Bytes from which the token is made, with 6 bits to a character.
    private static let randomBytes = 24
    /// A mark that secret scanners can look for.
    private static let prefix = "inlet_"
    /// Characters; shorter tokens can be guessed.
    private static let shortest = 8
    /// Characters; a shorter token of the partner's may have fewer random bits than a new one.
    private static let advisable = 24
    private static let longest = 256

    /// Nil if only its hash was given.
    let text: String?
    let hash: TokenHash

    /// A new one of 192 random bits, URL-safe.
    init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<Self.randomBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        let characters = Base64.encode(bytes).map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        let text = Self.prefix + String(decoding: characters, as: UTF8.self)
        self.text = text
        hash = TokenHash(of: Array(text.utf8))
    }

    /// One that the partner has already, or `sha256:` and its hash in hexadecimal digits.
    init(existing bytes: [UInt8]) throws(InletError) {
        var bytes = bytes[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("sha256:") {
            guard let hash = TokenHash(recorded: text) else {
                throw .token("begins with sha256:, which must be followed by 64 hex digits")
            }
            self.hash = hash
            self.text = nil
            return
        }
        guard Self.shortest...Self.longest ~= bytes.count else {
            throw .token("must have \(Self.shortest) to \(Self.longest) characters")
        }
        // The token is used in a path and as the user name of HTTP Basic.
        let isUsable = bytes.allSatisfy { byte in
            0x21...0x7E ~= byte && byte != UInt8(ascii: "/") && byte != UInt8(ascii: ":")
        }
        guard isUsable else {
            throw .token("holds a space, a slash, a colon, or a character that is not ASCII")
        }
        self.text = text
        hash = TokenHash(of: Array(bytes))
    }

    /// True if somebody might guess it.
    var isShort: Bool { text.map { $0.utf8.count < Self.advisable } ?? false }
}
