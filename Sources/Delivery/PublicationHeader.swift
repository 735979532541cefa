internal import AWS
package import Tracking

/// The name of a message's attribute: ASCII that neither a form nor JSON escapes.
enum AttributeName: String {
    case type, event, partner, sender, auth
    case messageID = "messageId"
    case requestID = "requestId"
    case code, destination

    /// True if values are words of Inlet's own, which no form escapes either.
    var hasPlainValue: Bool {
        switch self {
        case .type, .auth: true
        case .event, .partner, .sender, .messageID, .requestID, .code, .destination: false
        }
    }
}

/// An attribute of type String.
struct Attribute: Sendable {
    static let type = "String"

    let name: AttributeName
    let value: String

    /// What SNS counts of an attribute with a value of so many bytes.
    static func size(_ name: AttributeName, _ valueCount: Int) -> Int {
        name.rawValue.utf8.count + type.utf8.count + valueCount
    }
}

/// What publications have in common that come of one request and go to one sink.
///
/// A class: many publications hold it, and its attributes are encoded once for all of them.
package final class PublicationHeader: Sendable {
    package let sink: Sink
    /// Without those whose values SNS would not deliver, such as empty ones.
    let attributes: [Attribute]
    /// The attributes that each publication has of its own, in order; those of the end may be
    /// missing.
    let ownNames: [AttributeName]
    /// What SNS counts of the attributes.
    let size: Int

    private init(_ sink: Sink, _ attributes: [Attribute], ownNames: [AttributeName]) {
        self.sink = sink
        self.attributes = attributes.filter { $0.value.isDeliveredAttribute }
        self.ownNames = ownNames
        size = self.attributes.reduce(0) { $0 + Attribute.size($1.name, $1.value.utf8.count) }
    }

    /// Of messages; `requestID` is that of the request that has brought them.
    package convenience init(messagesFrom origin: Origin, to sink: Sink, requestID: String) {
        self.init(
            sink,
            [
                Attribute(name: .partner, value: origin.partner),
                Attribute(name: .sender, value: origin.sender),
                Attribute(name: .requestID, value: requestID),
            ],
            ownNames: [.type, .auth, .messageID, .event])
    }

    /// Of rejects, by the partner's and the sender's name.
    package convenience init(rejectsOf partner: String, _ sender: String, to sink: Sink) {
        self.init(
            sink,
            [Attribute(name: .sender, value: sender), Attribute(name: .partner, value: partner)],
            ownNames: [.code, .destination])
    }
}
