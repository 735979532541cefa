package import Formats
package import Tracking

/// What an integration guide says of a sender, apart from its statuses and the partner's rules.
package struct SenderGuide: Sendable {
    /// Where the token goes.
    package enum Credentials: Sendable {
        /// Into the URL; a signature comes with it if the partner has a rule for one.
        case token
        /// Into the calls, or into HTTP Basic; nothing is signed. The call's route is shown.
        case writeKey(call: CallType)
    }

    /// What a body holds.
    package enum Content: Sendable {
        /// What the partner's own rules say, up to so many items of so many bytes.
        case ownRules(maximumItems: Int, maximumCall: Int)
        /// The sender's own form: a sentence for the list of rules, and an example in JSON.
        case fixed(String, example: @Sendable (SampleValues) -> String)
    }

    /// What is sent: `Webhooks`, say, of a partner.
    package let subject: String
    /// Who sends for the partner, if it is somebody else.
    package let provider: String?
    /// How to set it up; the URL follows.
    package let instruction: String
    package let credentials: Credentials
    package let content: Content
    /// What success means.
    package let stored: String

    init(
        subject: String = "Webhooks", provider: String? = nil, instruction: String,
        credentials: Credentials = .token, content: Content,
        stored: String =
            "all valid events are stored; of an array, `rejected` lists the others and why"
    ) {
        self.subject = subject
        self.provider = provider
        self.instruction = instruction
        self.credentials = credentials
        self.content = content
        self.stored = stored
    }
}

extension SenderGuide.Content {
    /// A call as Segment's libraries and servers send it.
    static func segment(_ sentence: String) -> SenderGuide.Content {
        .fixed(
            sentence,
            example: { values in
                """
                {"type":"track","messageId":"\(values.id(or: "evt-1"))",\
                "timestamp":"\(values.time)","userId":"u-42","event":"Order Shipped",\
                "properties":{"total":12.50}}
                """
            })
    }
}

/// What differs between samples of the same form: the event's id, and its time.
package struct SampleValues: Sendable {
    /// Nil for a sample that is shown: it has an id like its sender's own.
    private let id: String?
    package let moment: Timestamp

    /// Those of a guide, which are the same each time.
    package static let shown = SampleValues(
        id: nil, moment: Timestamp(milliseconds: 1_767_607_200_000))

    private init(id: String?, moment: Timestamp) { (self.id, self.moment) = (id, moment) }

    /// Those of a sample that is sent now; `id` must be new, and need no escape in JSON.
    package init(id: String, at now: Timestamp) { self.init(id: id, moment: now) }

    /// The event's id; `shown` is the sample's own for a guide.
    package func id(or shown: String) -> String { id ?? shown }

    /// As RFC 3339 has it.
    package var time: String { moment.rfc3339 ?? "" }

    package var unixSeconds: Int64 { moment.milliseconds / 1000 }
}
