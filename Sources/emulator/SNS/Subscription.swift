import Formats

/// A queue that takes messages of a topic.
struct Subscription: Sendable {
    let arn: String
    let topic: String
    let queue: String
    private(set) var isRaw: Bool
    private(set) var filter: FilterPolicy?
    /// Of the filter, also while there is none.
    private var scope: FilterPolicy.Scope

    /// One of the template.
    init(_ subscription: Template.Subscription) {
        arn = Self.newARN(subscription.topic)
        topic = subscription.topic
        queue = subscription.queue
        isRaw = subscription.isRaw
        filter = subscription.filter
        scope = subscription.filter?.scope ?? .attributes
    }

    init(topic: String, queue: String, attributes: [NamedValue]) throws(SNSError) {
        arn = Self.newARN(topic)
        self.topic = topic
        self.queue = queue
        isRaw = false
        scope = .attributes
        // The scope says how the policy is read.
        for attribute in attributes where attribute.name == "FilterPolicyScope" {
            try set(attribute.name, attribute.value)
        }
        for attribute in attributes where attribute.name != "FilterPolicyScope" {
            try set(attribute.name, attribute.value)
        }
    }

    /// Sets an attribute; an empty filter policy, or none at all, takes everything.
    ///
    /// Source: Amazon SNS API Reference, "SetSubscriptionAttributes".
    mutating func set(_ name: String, _ value: String) throws(SNSError) {
        switch name {
        case "RawMessageDelivery":
            guard ["true", "false"].contains(value) else {
                throw .invalidParameter("Attributes Reason: RawMessageDelivery: Invalid value")
            }
            isRaw = value == "true"
        case "FilterPolicyScope":
            guard let scope = FilterPolicy.Scope(rawValue: value) else {
                throw .invalidParameter("Attributes Reason: FilterPolicyScope: Invalid value")
            }
            filter = try filter.map { filter throws(SNSError) in
                try Self.policy(filter.text, scope: scope)
            }
            self.scope = scope
        case "FilterPolicy":
            filter = value.isEmpty || value == "{}" ? nil : try Self.policy(value, scope: scope)
        default: throw .invalidParameter("AttributeName")
        }
    }

    /// All attributes, for whoever asks.
    var attributes: [NamedValue] {
        var values = [
            NamedValue("SubscriptionArn", arn), NamedValue("TopicArn", topic),
            NamedValue("Protocol", "sqs"), NamedValue("Endpoint", queue),
            NamedValue("Owner", TemplateScope.accountID),
            NamedValue("RawMessageDelivery", isRaw ? "true" : "false"),
            NamedValue("PendingConfirmation", "false"),
            NamedValue("ConfirmationWasAuthenticated", "true"),
        ]
        if let filter {
            values.append(NamedValue("FilterPolicy", filter.text))
            values.append(NamedValue("FilterPolicyScope", scope.rawValue))
        }
        return values
    }

    /// True for one that treats messages alike.
    func isLike(_ other: Subscription) -> Bool {
        isRaw == other.isRaw && scope == other.scope && filter?.text == other.filter?.text
    }

    private static func newARN(_ topic: String) -> String { "\(topic):\(RandomText.uuid())" }

    private static func policy(
        _ text: String, scope: FilterPolicy.Scope
    ) throws(SNSError) -> FilterPolicy {
        do throws(FilterPolicyError) {
            return try FilterPolicy(Array(text.utf8), scope: scope)
        } catch {
            throw .invalidParameter("FilterPolicy: \(error.reason)")
        }
    }
}
