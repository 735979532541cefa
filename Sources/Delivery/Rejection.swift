package import Formats
package import Tracking

/// An authenticated input that is not a valid message, as the rejected topic holds it.
///
/// The ingest handler and the relay write it, and `inlet rejected` reads it: `Rejection.Member` has its names.
package struct Rejection: Sendable, Equatable {
    package let code: String
    /// A sentence; it holds nothing of the input.
    package let message: String
    /// The place in the batch.
    package let index: Int?
    package let sender: String
    package let partner: String
    /// Nil if only the partner's name is known, as it is after reading.
    package let partnerID: String?
    package let receivedAt: Timestamp
    package let requestID: String
    /// Who refused the message that the input is; nil for an input that has not become a message.
    package let destination: Destination?
    /// How the sender was authenticated; nil if the record does not say.
    package let authentication: Origin.Authentication?
    /// As it came, or the finished message; of a record that was read, as much as was kept.
    package let input: [UInt8]
    /// Bytes of the input as it came: more than `input` has if not all of it is kept.
    package let inputLength: Int

    /// Where finished messages go.
    package enum Destination: Sendable, Equatable {
        /// The main topic: the message is published nowhere.
        case topic
        /// The message was published, and only its relay ends here.
        case segment
        /// A name that this version does not know.
        case other(String)

        package init(_ name: String) {
            switch name {
            case Self.topic.name: self = .topic
            case Self.segment.name: self = .segment
            default: self = .other(name)
            }
        }

        package var name: String {
            switch self {
            case .topic: "sns"
            case .segment: "segment"
            case .other(let name): name
            }
        }
    }

    /// `inputLength` is given if `input` is not all of it.
    package init(
        code: String, message: String, index: Int?, sender: String, partner: String,
        partnerID: String?, receivedAt: Timestamp, requestID: String,
        destination: Destination? = nil, authentication: Origin.Authentication? = nil,
        input: [UInt8], inputLength: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.index = index
        self.sender = sender
        self.partner = partner
        self.partnerID = partnerID
        self.receivedAt = receivedAt
        self.requestID = requestID
        self.destination = destination
        self.authentication = authentication
        self.input = input
        self.inputLength = inputLength ?? input.count
    }

    /// False if `input` is only the beginning of what was sent, or nothing of it.
    package var isWhole: Bool { input.count == inputLength }
}
