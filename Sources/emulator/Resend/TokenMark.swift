import Formats

/// What stands for a partner's token in a request that is composed on the page.
struct TokenMark {
    static let text = "‹token›"

    /// The token that takes its place.
    let token: [UInt8]

    /// The path and query with the token in it.
    func target(_ text: String) -> String {
        let encoded = PercentEncoding.encode(String(decoding: token, as: UTF8.self))
        return text.replacing(Self.text, with: encoded)
    }

    /// A header's value with the token in it; as the user's name of Basic it is encoded.
    func header(_ name: String, _ value: String) -> String {
        guard name.lowercased() == "authorization" else { return text(value) }
        let user = Base64.encode(token + [UInt8(ascii: ":")])
        return value.replacing(Self.text, with: String(decoding: user, as: UTF8.self))
    }

    func text(_ text: String) -> String {
        text.replacing(Self.text, with: String(decoding: token, as: UTF8.self))
    }
}
