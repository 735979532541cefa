import Delivery
import Formats
import Tracking

/// A message of one of the two topics, as `inlet tail` shows it.
struct TailItem {
    enum Kind: String {
        case message
        case reject
    }

    let kind: Kind
    let time: String
    let type: String?
    /// The event's or the page's name.
    let event: String?
    let partner: String?
    let sender: String?
    let authentication: String?
    /// The message's; of a reject, that of the input, if it says one.
    let messageID: String?
    let requestID: String?
    /// Of a reject.
    let code: String?
    let reason: String?
    /// The message as it was published; of a reject nothing, because it holds the input.
    let content: [UInt8]?

    /// Reads what a topic delivers raw; nil if it is not Inlet's.
    init?(_ text: [UInt8], attributes: [String: String]) {
        if attributes["type"] == nil {
            guard let rejection = Rejection(published: text) else { return nil }
            self.init(rejection)
        } else {
            guard let root = (try? JSONText(text))?.root, root.kind == .object else { return nil }
            self.init(root, attributes, content: text)
        }
    }

    private init(_ message: JSONValue, _ attributes: [String: String], content: [UInt8]) {
        kind = .message
        time = message["receivedAt"]?.string ?? ""
        type = attributes["type"]
        event = message["event"]?.string ?? message["name"]?.string
        partner = attributes["partner"]
        sender = attributes["sender"]
        authentication = attributes["auth"]
        messageID = message["messageId"]?.string
        requestID = attributes["requestId"]
        (code, reason) = (nil, nil)
        self.content = content
    }

    private init(_ rejection: Rejection) {
        kind = .reject
        time = rejection.receivedAt.rfc3339 ?? ""
        (type, event) = (nil, nil)
        partner = rejection.partner
        sender = rejection.sender
        authentication = rejection.authentication?.rawValue
        messageID = (try? JSONText(rejection.input))?.root["messageId"]?.string
        requestID = rejection.requestID
        code = rejection.code
        reason = rejection.message
        content = nil
    }

    /// For people: time, type or `REJECTED`, name or code, partner, sender, and both ids.
    func line(in palette: Palette) -> String {
        let what = printable(kind == .reject ? "REJECTED" : type ?? "")
        let padding = String(repeating: " ", count: max(0, 8 - what.count))
        let rest = [code ?? event, partner, sender, messageID, requestID].map { $0 ?? "-" }
        return ([printable(time), palette.status(what) + padding] + rest.map(printable))
            .joined(separator: "  ")
    }

    /// One line of JSON.
    var json: String {
        var writer = JSONWriter(reserving: 512 + (content?.count ?? 0))
        writer.object { writer in
            writer.member("kind", kind.rawValue)
            writer.member("time", time)
            for (name, value) in [
                ("type", type), ("event", event), ("code", code), ("reason", reason),
                ("partner", partner), ("sender", sender), ("auth", authentication),
                ("messageId", messageID), ("requestId", requestID),
            ] {
                if let value { writer.member(name, value) }
            }
            if let content {
                // Within a text no line breaks are written as they are, so these are white space.
                let line = content.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
                writer.member("message", raw: line[...])
            }
        }
        return writer.text
    }
}
