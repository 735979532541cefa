internal import Formats
internal import Signing

/// The SHA-256 of a token: all that is kept of it.
package struct TokenHash: Sendable, Hashable, Comparable {
    private static let prefix = "sha256:"

    // Four words, because a digest by itself cannot be a dictionary's key.
    private let words: [4 of UInt64]

    package init(of token: some Collection<UInt8>) {
        self.init(digest: SHA256.digest(Array(token)))
    }

    /// What a record holds: a token, or `sha256:` and 64 hexadecimal digits.
    ///
    /// Nil for an empty token, and for `sha256:` with anything else.
    package init?(recorded text: String) {
        guard text.hasPrefix(Self.prefix) else {
            guard !text.isEmpty else { return nil }
            self.init(of: Array(text.utf8))
            return
        }
        guard let bytes = Hex.decode(text.utf8.dropFirst(Self.prefix.utf8.count)),
            bytes.count == 32
        else { return nil }
        self.init(digest: [32 of UInt8] { bytes[$0] })
    }

    /// `sha256:` and 64 hexadecimal digits, as records hold it.
    package var recorded: String {
        var bytes: [UInt8] = []
        for index in words.indices {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: words[index] >> UInt64(shift)))
            }
        }
        return Self.prefix + Hex.encode(bytes)
    }

    private init(digest: [32 of UInt8]) {
        var words = [4 of UInt64](repeating: 0)
        for index in digest.indices {
            words[index / 8] = words[index / 8] << 8 | UInt64(digest[index])
        }
        self.words = words
    }

    package static func == (one: TokenHash, other: TokenHash) -> Bool {
        one.words.indices.allSatisfy { one.words[$0] == other.words[$0] }
    }

    package static func < (one: TokenHash, other: TokenHash) -> Bool {
        for index in one.words.indices where one.words[index] != other.words[index] {
            return one.words[index] < other.words[index]
        }
        return false
    }

    package func hash(into hasher: inout Hasher) {
        // A digest is already spread evenly.
        hasher.combine(words[0])
    }
}
