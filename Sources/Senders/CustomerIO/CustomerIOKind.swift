/// What kind of event a reporting webhook tells of, and what the event is called.
struct CustomerIOKind: Equatable {
    /// What happened to a person's subscriptions, whatever `object_type` says.
    ///
    /// `object_type` names the channel of the message that caused the change, or `customer`.
    enum Subscription: Equatable {
        case subscribed
        case unsubscribed
        case preferencesChanged

        init?(metric: String) {
            switch metric {
            case "subscribed": self = .subscribed
            case "unsubscribed": self = .unsubscribed
            // The second is how the App API, and so perhaps an older body, calls it.
            case "cio_subscription_preferences_changed", "subscription_preferences_changed":
                self = .preferencesChanged
            default: return nil
            }
        }

        var name: String {
            switch self {
            case .subscribed: "Customer Subscribed"
            case .unsubscribed: "Customer Unsubscribed"
            case .preferencesChanged: "Subscription Preferences Changed"
            }
        }
    }

    /// Nil where the body has none.
    let object: String?
    let metric: String?
    let subscription: Subscription?

    /// `isMessage` tells that the event is about a message sent to somebody.
    init(object: String?, metric: String?, isMessage: Bool) {
        let subscription = metric.flatMap(Subscription.init)
        let isUnsubscribedEmail = subscription == .unsubscribed && object == "email" && isMessage
        self.subscription = isUnsubscribedEmail ? nil : subscription
        self.object = object ?? (subscription == nil ? nil : "customer")
        self.metric = metric
    }

    /// The name that Customer.io's own forwarding gives to the event, or one made alike.
    var name: String {
        if let subscription { return subscription.name }
        guard let object = object.flatMap(Self.objectName),
            let metric = metric.flatMap(Self.metricName)
        else { return Self.unknown }
        return "\(object) \(metric)"
    }

    /// The name of a kind that cannot be told.
    static let unknown = "Unknown Event"

    private static func objectName(_ object: String) -> String? {
        switch object {
        case "sms": "SMS"
        case "in_app": "In-App Message"
        case "whatsapp": "WhatsApp Message"
        case "slack": "Slack Message"
        case "webhook": "Webhook Message"
        default: words(object)
        }
    }

    private static func metricName(_ metric: String) -> String? {
        switch metric {
        case "clicked": "Link Clicked"
        case "dropped": "Suppressed"
        case "spammed": "Marked as Spam"
        default: words(metric)
        }
    }

    /// Bytes of a kind's part that may become a name.
    private static let maximumPart = 64

    /// `line_message` as `Line Message`; nil for what is not such a word.
    static func words(_ text: String) -> String? {
        guard (1...maximumPart).contains(text.utf8.count) else { return nil }
        var name: [UInt8] = []
        var startsWord = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: " "), UInt8(ascii: "-"):
                startsWord = true
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                if startsWord, !name.isEmpty { name.append(0x20) }
                let isLetter = byte >= UInt8(ascii: "A")
                name.append(startsWord && isLetter ? byte & 0xDF : byte)
                startsWord = false
            default: return nil
            }
        }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    private static let legacyObjects = [
        "customer", "email", "push", "sms", "in_app", "slack", "webhook", "whatsapp",
    ]

    /// The two parts of a kind as it was written in 2015, such as `email_delivered`.
    static func parts(ofEventType type: String) -> (object: String, metric: String)? {
        for object in legacyObjects where type.hasPrefix(object + "_") {
            let metric = type.dropFirst(object.count + 1)
            return metric.isEmpty ? nil : (object, String(metric))
        }
        return nil
    }
}
