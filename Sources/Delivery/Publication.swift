internal import AWS
internal import Formats
internal import Signing
package import Tracking

/// One thing to publish: the text, its attributes, and where order is kept its place in it.
package struct Publication: Sendable {
    /// Bytes of text and attributes together that SNS takes.
    package static let maximumSize = 262_144

    /// Sink and attributes that it shares with others.
    let header: PublicationHeader
    /// Valid UTF-8, not empty.
    let text: [UInt8]
    /// Its own attributes, beside those of the header.
    private let own: OwnAttributes
    /// What SNS counts: the text, and each attribute's name, type and value.
    package let size: Int
    /// True for a reject of which only the beginning is published.
    package let isCut: Bool
    /// Set for FIFO topics and queues, and as the partition key for Kinesis.
    let groupID: String?
    /// Set for FIFO topics and queues only.
    let deduplicationID: String?

    private enum OwnAttributes {
        case message(
            CallType, Origin.Authentication, id: ArraySlice<UInt8>, event: ArraySlice<UInt8>?)
        case reject(code: String, destination: String?)
    }

    /// A message under a header for messages.
    package init(_ message: Message, under header: PublicationHeader) {
        self.init(
            message.json, under: header,
            own: .message(
                message.type, message.origin.authentication,
                id: Self.recognisable(message.messageID),
                event: message.name.flatMap(Self.delivered)),
            order: header.sink.hasGroups ? Order(of: message) : nil)
    }

    /// A message for the main topic; `requestID` is that of the request that has brought it.
    package init(_ message: Message, to sink: Sink, requestID: String) {
        self.init(
            message,
            under: PublicationHeader(messagesFrom: message.origin, to: sink, requestID: requestID))
    }

    /// An input for the rejected topic.
    package init(_ rejection: Rejection, to sink: Sink) {
        let text = rejection.text(maximumSize: Self.maximumSize)
        self.init(
            text.bytes,
            under: PublicationHeader(rejectsOf: rejection.partner, rejection.sender, to: sink),
            own: .reject(code: rejection.code, destination: rejection.destination?.name),
            isCut: text.isCut,
            order: sink.hasGroups
                ? Order(
                    partnerID: rejection.partnerID ?? rejection.partner, group: [],
                    repeated: text.bytes[...])
                : nil)
    }

    private init(
        _ text: [UInt8], under header: PublicationHeader, own: OwnAttributes, isCut: Bool = false,
        order: Order?
    ) {
        self.header = header
        self.text = text
        self.own = own
        self.isCut = isCut
        var size = text.count + header.size
        Self.forEach(own) { name, value in size += Attribute.size(name, value.count) }
        self.size = size
        groupID = order?.groupID
        deduplicationID = header.sink.isFIFO ? order?.deduplicationID : nil
    }

    package var sink: Sink { header.sink }

    /// Hands over all attributes: names, and values as UTF-8.
    func forEachAttribute(_ take: (AttributeName, Span<UInt8>) -> Void) {
        for attribute in header.attributes { take(attribute.name, attribute.value.utf8.span) }
        forEachOwn(take)
    }

    /// Hands over the attributes of its own, in the order of ``PublicationHeader/ownNames``; what it
    /// lacks of them are always the last.
    func forEachOwn(_ take: (AttributeName, Span<UInt8>) -> Void) { Self.forEach(own, take) }

    private static func forEach(
        _ own: OwnAttributes, _ take: (AttributeName, Span<UInt8>) -> Void
    ) {
        switch own {
        case .message(let type, let authentication, let id, let event):
            take(.type, type.rawValue.utf8.span)
            take(.auth, authentication.rawValue.utf8.span)
            take(.messageID, id.span)
            if let event { take(.event, event.span) }
        case .reject(let code, let destination):
            take(.code, code.utf8.span)
            if let destination { take(.destination, destination.utf8.span) }
        }
    }

    /// What stands before the hash of an id that cannot be an attribute itself.
    package static let hashPrefix = "sha256:"

    /// The characters as they were written; nil if SNS would not deliver them.
    private static func delivered(_ text: CallText) -> ArraySlice<UInt8>? {
        let utf8 = text.utf8
        return text.isLossy || !MessageAttribute.isDelivered(utf8.span) ? nil : utf8
    }

    private static func isLikeHash(_ id: ArraySlice<UInt8>) -> Bool {
        // Most ids begin with another letter.
        id.first == hashPrefix.utf8.first && id.starts(with: hashPrefix.utf8)
    }

    /// Different for each of a partner's ids: one that looks like another's hash is hashed too.
    private static func recognisable(_ id: CallText) -> ArraySlice<UInt8> {
        if let text = delivered(id), !isLikeHash(text) { return text }
        return Array((hashPrefix + Hex.encode(SHA256.digest(id.written).span)).utf8)[...]
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

    init(partnerID: String, group: ArraySlice<UInt8>, repeated: ArraySlice<UInt8>) {
        self.partnerID = partnerID
        self.group = group
        self.repeated = repeated
    }

    init(of message: Message) {
        self.init(
            partnerID: message.origin.partnerID,
            group: (message.userID ?? message.anonymousID ?? message.messageID).written,
            repeated: message.messageID.written)
    }

    var groupID: String { hash(of: group) }
    var deduplicationID: String { hash(of: repeated) }

    private func hash(of own: ArraySlice<UInt8>) -> String {
        Hex.encode(SHA256.digest(Array(partnerID.utf8) + [0x0A] + own).span)
    }
}
