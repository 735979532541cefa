internal import Formats
internal import Signing
package import Tracking

/// One thing to publish: the text, its attributes, and its place in order where the topic keeps one.
package struct Publication: Sendable {
    /// Bytes of text and attributes together that SNS takes.
    package static let maximumSize = 262_144

    /// Of type String.
    struct Attribute {
        let name: String
        let value: String
    }

    package let topic: Topic
    /// Valid UTF-8, not empty.
    let text: [UInt8]
    /// Those whose values SNS might refuse, empty ones too, are left out.
    let attributes: [Attribute]
    /// True for a reject of which only the beginning is published.
    package let isCut: Bool
    /// Set for FIFO topics only.
    let groupID: String?
    let deduplicationID: String?

    /// A message for the main topic.
    package init(_ message: Message, to topic: Topic) {
        self.init(
            message.json, to: topic,
            attributes: [
                Attribute(name: "type", value: message.type.rawValue),
                Attribute(name: "event", value: message.name ?? ""),
                Attribute(name: "partner", value: message.origin.partner),
                Attribute(name: "sender", value: message.origin.sender),
                Attribute(name: "auth", value: message.origin.authentication.rawValue),
                Attribute(name: "messageId", value: message.messageID),
            ],
            group: message.userID ?? message.anonymousID ?? message.messageID,
            deduplication: message.messageID)
    }

    /// An input for the rejected topic.
    package init(_ rejection: Rejection, to topic: Topic) {
        let (text, isCut) = rejection.json(maximumSize: Self.maximumSize)
        self.init(
            text, to: topic,
            attributes: [
                Attribute(name: "code", value: rejection.code),
                Attribute(name: "sender", value: rejection.sender),
                Attribute(name: "partner", value: rejection.partner),
                Attribute(name: "destination", value: rejection.destination?.rawValue ?? ""),
            ],
            isCut: isCut, group: rejection.partner,
            deduplication: Hex.encode(SHA256.digest(text).span))
    }

    private init(
        _ text: [UInt8], to topic: Topic, attributes: [Attribute],
        isCut: Bool = false, group: String, deduplication: String
    ) {
        self.topic = topic
        self.text = text
        self.attributes = attributes.filter { !$0.value.isEmpty && $0.value.isBasicXMLText }
        self.isCut = isCut
        groupID = topic.isFIFO ? Self.orderingID(group) : nil
        deduplicationID = topic.isFIFO ? Self.orderingID(deduplication) : nil
    }

    /// What SNS counts: the text, and each attribute's name, type and value.
    package var size: Int {
        attributes.reduce(text.count) {
            $0 + $1.name.utf8.count + Self.attributeType.utf8.count + $1.value.utf8.count
        }
    }

    static let attributeType = "String"

    /// The text itself where SNS accepts it as a group or deduplication id, else its SHA-256.
    private static func orderingID(_ text: String) -> String {
        let isAccepted =
            (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isAccepted ? text : Hex.encode(SHA256.digest(Array(text.utf8)).span)
    }
}
