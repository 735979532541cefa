import Delivery
import Formats
import Tracking

/// A message as the archive keeps it: a line with SNS's envelope around it, or with the one that Inlet
/// writes itself where it publishes to Firehose.
///
/// Firehose puts a line that found no place into one of its own, as Base64. Athena writes all names
/// in lower case.
struct ArchivedMessage {
    let message: Message
    /// When SNS took it; in Inlet's own envelope, when it was received.
    let publishedAt: Timestamp
    private let requestID: String

    /// Nil for what is no message of Inlet's.
    init?(line: [UInt8]) {
        guard var root = (try? JSONText(line))?.root else { return nil }
        if let failed = root["rawData"]?.utf8 {
            guard let inner = Base64.decode(failed), let text = try? JSONText(inner) else {
                return nil
            }
            root = text.root
        }
        guard let content = Self.member("Message", of: root),
            let list = Self.member("MessageAttributes", of: root) ?? root["attributes"]
        else { return nil }
        let text = content.utf8 ?? Array(content.raw)
        func attribute(_ name: String) -> String? {
            guard let value = Self.member(name, of: list) else { return nil }
            return value.string ?? Self.member("Value", of: value)?.string
        }
        // The archive knows a partner by its name alone.
        guard let partner = attribute("partner"), let sender = attribute("sender"),
            let authentication = attribute("auth").flatMap(Origin.Authentication.init),
            let message = Message(
                published: text,
                from: Origin(
                    partner: partner, partnerID: partner, sender: sender,
                    authentication: authentication))
        else { return nil }
        let time =
            Self.member("Timestamp", of: root) ?? (try? JSONText(text))?.root["receivedAt"]
        guard let publishedAt = (time?.utf8).flatMap({ Timestamp(rfc3339: $0) }) else { return nil }
        self.message = message
        self.publishedAt = publishedAt
        requestID = attribute("requestId") ?? ""
    }

    private static func member(_ name: String, of value: JSONValue) -> JSONValue? {
        value[name] ?? value.members(ignoringCase: name.lowercased()).last
    }

    /// What is published, with the attributes that it had.
    ///
    /// In a FIFO topic or queue, what is replayed is in other groups than what is live, because those are made
    /// of the partner's id.
    func publication(to sink: Sink) -> Publication {
        Publication(message, to: sink, requestID: requestID)
    }

    /// The same as `inlet tail` would show it.
    var item: TailItem? {
        let origin = message.origin
        return TailItem(
            message.json,
            attributes: [
                "type": message.type.rawValue, "partner": origin.partner, "sender": origin.sender,
                "auth": origin.authentication.rawValue, "requestId": requestID,
            ])
    }
}
