internal import Formats

/// Where a message comes from; these become its attributes.
package struct Origin: Sendable, Equatable {
    package enum Authentication: String, Sendable {
        /// A token, a write key or an API key.
        case key
        /// A signature that covers this message.
        case signed
        /// A later element of a batch whose signature covers only the first.
        case unsigned
    }

    /// The partner's name.
    package let partner: String
    /// What tells the partner from one that had, or will have, its name.
    package let partnerID: String
    package let sender: String
    package let authentication: Authentication

    package init(
        partner: String, partnerID: String, sender: String, authentication: Authentication
    ) {
        self.partner = partner
        self.partnerID = partnerID
        self.sender = sender
        self.authentication = authentication
    }
}

/// One normalised call, ready to be published.
///
/// A class: it holds a dozen texts, each of which would be counted when it is handed on.
package final class Message: Sendable {
    package let type: CallType
    package let messageID: CallText
    package let userID: CallText?
    package let anonymousID: CallText?
    /// The event's, page's or screen's name.
    package let name: CallText?
    package let origin: Origin
    /// The published JSON object, with the sender's values byte for byte.
    package let json: [UInt8]
    /// What is strange about the call.
    package let warnings: [CallWarning]

    init(
        type: CallType, messageID: CallText, userID: CallText?, anonymousID: CallText?,
        name: CallText?, origin: Origin, json: [UInt8], warnings: [CallWarning] = []
    ) {
        self.type = type
        self.messageID = messageID
        self.userID = userID
        self.anonymousID = anonymousID
        self.name = name
        self.origin = origin
        self.json = json
        self.warnings = warnings
    }
}

extension Message {
    /// Reads a message that was published, or was to be; nil for what is none of Inlet's.
    package convenience init?(published text: [UInt8], from origin: Origin) {
        guard let call = (try? JSONText(text))?.root,
            let type = call["type"]?.string.flatMap(CallType.init),
            let messageID = call["messageId"].flatMap(CallText.init), !messageID.text.isEmpty
        else { return nil }
        let name = type.nameField.flatMap { call[$0.spelling] }
        self.init(
            type: type, messageID: messageID, userID: call["userId"].flatMap(CallText.init),
            anonymousID: call["anonymousId"].flatMap(CallText.init),
            name: name.flatMap(CallText.init), origin: origin, json: text)
    }
}
