internal import Formats
internal import Tracking

/// Whom an event is about.
struct CustomerIOPerson {
    /// A trait, by its name in the spec.
    struct Trait {
        let name: String
        let value: JSONValue
    }

    /// The workspace's own id of the person, which is not empty.
    let userID: DraftValue?
    /// What Customer.io knows the person by before that; without any id, one that only tells people
    /// apart.
    let anonymousID: DraftValue?
    let traits: [Trait]
    /// The trait that a recipient is, on the channels that have one.
    private let recipientTrait: String?

    init(_ data: CustomerIOData, object: String?, eventID: JSONValue) {
        let recipient = data.text("recipient")
        let email =
            data.identifier("email") ?? data.text("email_address")
            ?? (object == "email" ? recipient : nil)
        switch object {
        case "email": recipientTrait = "email"
        case "sms", "whatsapp": recipientTrait = "phone"
        default: recipientTrait = nil
        }
        let phone = recipientTrait == "phone" ? recipient : nil
        let cioID = data.identifier("cio_id")
        let user = data.identifier("id") ?? data.text("customer_id")
        userID = user.map(DraftValue.json)
        if let anonymous = data.identifier("anonymous_id") {
            anonymousID = .json(anonymous)
        } else {
            anonymousID = user == nil ? Self.madeUp(data, cioID, eventID) : nil
        }
        traits = [("email", email), ("phone", phone), ("cio_id", cioID)].compactMap {
            name, value in value.map { Trait(name: name, value: $0) }
        }
    }

    /// What tells people apart who have no id.
    ///
    /// Of a person that is deleted only the delivery is left, and not even that always.
    private static func madeUp(
        _ data: CustomerIOData, _ cioID: JSONValue?, _ eventID: JSONValue
    ) -> DraftValue {
        (data.identifier("email") ?? data.text("email_address")).map(DraftValue.json)
            ?? cioID.map { .text("cio_", $0) }
            ?? data.text("delivery_id").map { .text("cio-delivery-", $0) }
            ?? .text("cio-event-", eventID)
    }

    /// True if a member of `data` has gone where it belongs, so that nothing of it is lost.
    func holds(_ member: String, _ value: JSONValue) -> Bool {
        switch member {
        case "identifiers":
            value.isNull
                || value.kind == .object && value.members.allSatisfy { holds(identifier: $0) }
        case "customer_id": isSaid(value, by: userID)
        case "email_address": isSaid(value, by: trait("email"))
        case "recipient": isSaid(value, by: recipientTrait.flatMap(trait))
        default: false
        }
    }

    private func holds(identifier member: JSONMember) -> Bool {
        switch member.name.string {
        case "id": isSaid(member.value, by: userID)
        case "anonymous_id": isSaid(member.value, by: anonymousID)
        case "email": isSaid(member.value, by: trait("email"))
        case "cio_id": isSaid(member.value, by: trait("cio_id"))
        default: false
        }
    }

    private func trait(_ name: String) -> DraftValue? {
        traits.first { $0.name == name }.map { .json($0.value) }
    }

    private func isSaid(_ value: JSONValue, by said: DraftValue?) -> Bool {
        value.isNull || value.equals("") || value.quoted == said?.quoted
    }
}
