import Formats
import Senders
import Partners

/// Where a partner sends to.
struct WebhookAddress {
    static let option = Option(
        name: "url", value: "BASE",
        help: "the API's own URL, with its stage (default: INLET_PUBLIC_URL)")
    static let variable = "INLET_PUBLIC_URL"
    /// A placeholder for the API's URL if nobody has given one.
    static let placeholder = "https://HOST"
    static let tokenPlaceholder = "YOUR-TOKEN"

    /// The API's URL, without a slash at its end.
    let base: String

    init(_ session: Session) throws(InletError) {
        var text = session.setting(Self.option, Self.variable)
        if text == nil, case .emulator(let address) = try session.place() { text = address.url }
        try self.init(text ?? Self.placeholder)
    }

    private init(_ text: String) throws(InletError) {
        let isURL =
            text.hasPrefix("https://") && text.utf8.count > 8
            || text.hasPrefix("http://") && text.utf8.count > 7
        let isPlain = text.utf8.allSatisfy {
            0x21...0x7E ~= $0 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard isURL, isPlain else {
            throw .malformed(
                "--url or \(Self.variable)", expected: "https://host or https://host/stage")
        }
        base = String(text.utf8.last == UInt8(ascii: "/") ? text.dropLast() : text[...])
    }

    var isPlaceholder: Bool { base == Self.placeholder }

    /// A sender's URL for a token; nil means that the token is not known here.
    ///
    /// The tracking API's URL holds no token, because the calls have it.
    func url(_ token: String?, of sender: SenderName) -> String {
        let token = token.map { PercentEncoding.encode($0) } ?? Self.tokenPlaceholder
        return base + RouteTable.path(to: sender, token: token)
    }

    /// What to do if the URL is incomplete.
    static let hint =
        "HOST stands for your API. Give its URL (the stack's output ApiUrl) by --url or \(variable)."
}
