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
        case fixed(String, example: String)
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
            example: """
                {"type":"track","messageId":"evt-1","timestamp":"2026-01-05T10:00:00.000Z",\
                "userId":"u-42","event":"Order Shipped","properties":{"total":12.50}}
                """)
    }
}
