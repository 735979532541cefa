import Formats
import Store

/// Where a partner sends its webhooks.
struct WebhookAddress {
    static let option = Option(
        name: "url", value: "BASE",
        help: "the API's own URL, with its stage (default: INLET_PUBLIC_URL)")
    static let variable = "INLET_PUBLIC_URL"
    /// Stands for an API whose URL nobody has given.
    static let placeholder = "https://HOST"
    static let tokenPlaceholder = "YOUR-TOKEN"

    /// Without a slash at its end.
    let base: String
    let path: String

    /// The address of partners that sign by this scheme, or do not sign.
    init(_ session: Session, signing scheme: SigningRule.Scheme?) throws(InletError) {
        let text = session.setting(Self.option, Self.variable) ?? Self.placeholder
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
        path =
            switch scheme {
            case .segment: "/webhook/segment/"
            case .customerio: "/webhook/customerio/"
            default: "/webhook/v1/"
            }
    }

    var isPlaceholder: Bool { base == Self.placeholder }

    /// The URL for a token; nil stands for one that is not known here.
    func url(_ token: String?) -> String {
        base + path + (token.map { PercentEncoding.encode($0) } ?? Self.tokenPlaceholder)
    }

    /// What to do where the URL is not complete.
    static let hint =
        "HOST stands for your API: give its URL (the stack's output ApiUrl) as --url or \(variable)."
}
