internal import AWS
internal import Formats
internal import Signing
package import Tracking

/// One thing to publish: the text, its attributes, and where order is kept its place in it.
package struct Publication: Sendable {
    /// Bytes of text and attributes together that SNS takes.
    package static let maximumSize = 262_144

    /// Of type String.
    struct Attribute {
        let name: AttributeName
        let value: String
    }

    /// The name of an attribute: ASCII that a form does not escape.
    struct AttributeName {
        let text: String
        /// Its field of a form, without what begins all fields of the attribute.
        let field: [UInt8]

        private init(_ text: String) {
            self.text = text
            field = Array(".Name=\(text)".utf8)
        }

        static let type = AttributeName("type")
        static let event = AttributeName("event")
        static let partner = AttributeName("partner")
        static let sender = AttributeName("sender")
        static let auth = AttributeName("auth")
        static let messageID = AttributeName("messageId")
        static let requestID = AttributeName("requestId")
        static let code = AttributeName("code")
        static let destination = AttributeName("destination")
    }

    package let sink: Sink
    /// Valid UTF-8, not empty.
    let text: [UInt8]
    /// Without those whose values SNS would not deliver, such as empty ones.
    let attributes: [Attribute]
    /// True for a reject of which only the beginning is published.
    package let isCut: Bool
    /// Set for FIFO topics and queues, and as the partition key for Kinesis.
    let groupID: String?
    /// Set for FIFO topics and queues only.
    let deduplicationID: String?

    /// A message for the main topic; `requestID` is that of the request that has brought it.
    package init(_ message: Message, to sink: Sink, requestID: String) {
        let origin = message.origin
        self.init(
            message.json, to: sink,
            attributes: [
                Attribute(name: .type, value: message.type.rawValue),
                Attribute(name: .event, value: message.name.flatMap(Self.delivered) ?? ""),
                Attribute(name: .partner, value: origin.partner),
                Attribute(name: .sender, value: origin.sender),
                Attribute(name: .auth, value: origin.authentication.rawValue),
                Attribute(name: .messageID, value: Self.recognisable(message.messageID)),
                Attribute(name: .requestID, value: requestID),
            ],
            order: Order(
                partnerID: origin.partnerID,
                group: (message.userID ?? message.anonymousID ?? message.messageID).written,
                repeated: message.messageID.written))
    }

    /// An input for the rejected topic.
    package init(_ rejection: Rejection, to sink: Sink) {
        let text = rejection.text(maximumSize: Self.maximumSize)
        self.init(
            text.bytes, to: sink,
            attributes: [
                Attribute(name: .code, value: rejection.code),
                Attribute(name: .sender, value: rejection.sender),
                Attribute(name: .partner, value: rejection.partner),
                Attribute(name: .destination, value: rejection.destination?.name ?? ""),
            ],
            isCut: text.isCut,
            order: Order(
                partnerID: rejection.partnerID ?? rejection.partner, group: [],
                repeated: text.bytes[...])
        )
    }

    private init(
        _ text: [UInt8], to sink: Sink, attributes: [Attribute], isCut: Bool = false, order: Order
    ) {
        self.sink = sink
        self.text = text
        self.attributes = attributes.filter { $0.value.isDeliveredAttribute }
        self.isCut = isCut
        groupID = sink.hasGroups ? order.groupID : nil
        deduplicationID = sink.isFIFO ? order.deduplicationID : nil
    }

    /// What SNS counts: the text, and each attribute's name, type and value.
    package var size: Int {
        attributes.reduce(text.count) {
            $0 + $1.name.text.utf8.count + Self.attributeType.utf8.count + $1.value.utf8.count
        }
    }

    static let attributeType = "String"

    /// What stands before the hash of an id that cannot be an attribute itself.
    package static let hashPrefix = "sha256:"

    /// The characters as they were written; nil if SNS would not deliver them.
    private static func delivered(_ text: CallText) -> String? {
        text.isLossy || !text.text.isDeliveredAttribute ? nil : text.text
    }

    /// Different for each of a partner's ids: one that looks like another's hash is hashed too.
    private static func recognisable(_ id: CallText) -> String {
        if let text = delivered(id), !text.hasPrefix(hashPrefix) { return text }
        return hashPrefix + Hex.encode(SHA256.digest(id.written).span)
    }
}

/// What a FIFO topic keeps in order, and what it takes for a repeat.
///
/// Everything is hashed with its partner's id, so that one partner's ids never meet another's. A
/// line feed separates the two: no text written in JSON holds one.
private struct Order {
    let partnerID: String
    /// What belongs together, among what is the partner's.
    let group: ArraySlice<UInt8>
    /// What repeats have in common.
    let repeated: ArraySlice<UInt8>

    var groupID: String { hash(of: group) }
    var deduplicationID: String { hash(of: repeated) }

    private func hash(of own: ArraySlice<UInt8>) -> String {
        Hex.encode(SHA256.digest(Array(partnerID.utf8) + [0x0A] + own).span)
    }
}
