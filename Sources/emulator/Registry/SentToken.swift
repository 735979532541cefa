import Formats
import LocalServer
import Senders

/// A token in a request, and where it stands.
struct SentToken: Equatable, Sendable {
    let token: [UInt8]
    /// For people.
    let place: String

    /// The tokens in a request for this sender, which should all be the same.
    static func tokens(
        of request: LocalRequest, to sender: any Sender, _ word: String?
    )
        -> [SentToken]
    {
        let basic: SentToken? =
            if case .key(let key) = BasicCredentials(request.header("Authorization")) {
                SentToken(token: key, place: "Authorization")
            } else {
                nil
            }
        guard case .token = sender.guide.credentials else {
            return [basic].compactMap(\.self) + inBody(of: request)
        }
        if let word { return [SentToken(token: Array(word.utf8), place: "the path")] }
        return [basic].compactMap(\.self)
    }

    private static func inBody(of request: LocalRequest) -> [SentToken] {
        guard let root = (try? JSONText(request.calls))?.root else { return [] }
        let own = root.members(ignoringCase: "writekey").compactMap(\.utf8)
        let items = root["batch"].map { Array($0.elements) } ?? []
        let others = items.flatMap { $0.members(ignoringCase: "writekey") }.compactMap(\.utf8)
        return Set(own).map { SentToken(token: $0, place: "writeKey") }
            + Set(others).subtracting(own).map { SentToken(token: $0, place: "an item's writeKey") }
    }
}
