internal import Formats

/// What becomes of a member of an event's `data`.
enum DataUse: Equatable {
    /// Tells whom the event is about; kept as a property too unless all that it says has gone there.
    case person
    /// A property of its own name, of which only the last value counts.
    case keep
    /// A property of this name, unless `data` has that itself.
    case rename(String)
    /// A property, and one of this name too if the event is about an email and `data` has none.
    case copyForEmail(String)
    /// A property; a number becomes text, as Segment's spec for email has it.
    case asText
    case drop
    /// A property only if the event says that subscriptions have changed.
    case keepOfPreferences
    /// A property of this name if the event has its own value for the member's name.
    case renameIfTaken(String)
}

/// A member of `data` that has a meaning of its own.
struct DataRule {
    let member: String
    let use: DataUse
}

/// How `data` becomes properties.
///
/// Every other member is kept as it is, byte for byte. The README's table for Customer.io says the same, and a test compares them.
enum DataMapping {
    static let rules: [DataRule] = [
        DataRule(member: "identifiers", use: .person),
        DataRule(member: "customer_id", use: .person),
        DataRule(member: "email_address", use: .person),
        DataRule(member: "recipient", use: .person),
        DataRule(member: "delivery_id", use: .copyForEmail("email_id")),
        DataRule(member: "subject", use: .rename("email_subject")),
        DataRule(member: "href", use: .rename("link_url")),
        DataRule(member: "failure_message", use: .rename("reason")),
        DataRule(member: "campaign_id", use: .asText),
        DataRule(member: "link_id", use: .asText),
        // A message's body is personal and large; a subscription's holds what has changed.
        DataRule(member: "content", use: .keepOfPreferences),
        DataRule(member: "headers", use: .drop),
        DataRule(member: "object_type", use: .renameIfTaken("data_object_type")),
        DataRule(member: "metric", use: .renameIfTaken("data_metric")),
        // Names that others are given.
        DataRule(member: "email_id", use: .keep),
        DataRule(member: "email_subject", use: .keep),
        DataRule(member: "link_url", use: .keep),
        DataRule(member: "reason", use: .keep),
    ]

    /// The place of a member's rule; nil for a member that has none.
    static func place(of name: JSONValue) -> Int? {
        rules.firstIndex { name.equals($0.member) }
    }

    /// True for a member that is left out of a large message, because no property is made of it.
    static func isContent(_ name: JSONValue) -> Bool {
        guard let place = place(of: name) else { return false }
        switch rules[place].use {
        case .drop, .keepOfPreferences: return true
        case .person, .keep, .rename, .copyForEmail, .asText, .renameIfTaken: return false
        }
    }
}
