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

    package let partner: String
    package let sender: String
    package let authentication: Authentication

    package init(partner: String, sender: String, authentication: Authentication) {
        self.partner = partner
        self.sender = sender
        self.authentication = authentication
    }
}

/// One normalised call, ready to be published.
package struct Message: Sendable {
    package let type: CallType
    package let messageID: String
    package let userID: String?
    package let anonymousID: String?
    /// The event's, page's or screen's name.
    package let name: String?
    package let origin: Origin
    /// The published JSON object, with the sender's values byte for byte.
    package let json: [UInt8]
}

extension Message {
    /// Reads a message that was published, or was to be; nil for what is none of Inlet's.
    package init?(published text: [UInt8], from origin: Origin) {
        guard let call = (try? JSONText(text))?.root,
            let type = call["type"]?.string.flatMap(CallType.init),
            let messageID = call["messageId"]?.string, !messageID.isEmpty
        else { return nil }
        let name = type.nameField.flatMap { call[$0.spelling] }
        self.init(
            type: type, messageID: messageID, userID: call["userId"]?.string,
            anonymousID: call["anonymousId"]?.string, name: name?.string, origin: origin, json: text
        )
    }
}
