internal import Formats

/// Whom an event is about.
struct CustomerIOPerson {
    /// The workspace's own id of the person; like all texts here a JSON string that is not empty.
    let userID: ArraySlice<UInt8>?
    /// What Customer.io knows the person by before that; where there is no id at all, one that only
    /// tells people apart.
    let anonymousID: ArraySlice<UInt8>?
    /// Names and JSON texts.
    let traits: [(name: String, value: ArraySlice<UInt8>)]
    /// The trait that a recipient is, on the channels where it is one.
    private let recipientTrait: String?

    init(_ data: CustomerIOData, object: String?, eventID: JSONValue) {
        let recipient = data.text(.recipient)
        let email =
            data.identifier("email") ?? data.text(.emailAddress)
            ?? (object == "email" ? recipient : nil)
        switch object {
        case "email": recipientTrait = "email"
        case "sms", "whatsapp": recipientTrait = "phone"
        default: recipientTrait = nil
        }
        let phone = recipientTrait == "phone" ? recipient : nil
        let cioID = data.identifier("cio_id")
        userID = (data.identifier("id") ?? data.text(.customerID))?.quoted
        let anonymous = data.identifier("anonymous_id")?.quoted
        anonymousID =
            userID == nil ? anonymous ?? Self.madeUp(data, cioID, eventID) : anonymous
        traits = [("email", email), ("phone", phone), ("cio_id", cioID)].compactMap {
            name, value in value.map { (name, $0.quoted) }
        }
    }

    /// What tells people apart who have no id.
    ///
    /// Of a person that is deleted only the delivery is left, and not even that always.
    private static func madeUp(
        _ data: CustomerIOData, _ cioID: JSONValue?, _ eventID: JSONValue
    ) -> ArraySlice<UInt8> {
        (data.identifier("email") ?? data.text(.emailAddress))?.quoted
            ?? cioID.map { CustomerIOEvent.prefixed("cio_", $0) }
            ?? data.text(.deliveryID).map { CustomerIOEvent.prefixed("cio-delivery-", $0) }
            ?? CustomerIOEvent.prefixed("cio-event-", eventID)
    }

    /// True when a member has gone where it belongs, so that nothing of it is lost.
    func holds(_ field: CustomerIOData.Field, _ value: JSONValue) -> Bool {
        switch field {
        case .identifiers:
            value.isNull
                || value.kind == .object && value.members.allSatisfy { holds(identifier: $0) }
        case .customerID: isSaid(value, by: userID)
        case .emailAddress: isSaid(value, by: trait("email"))
        case .recipient: isSaid(value, by: recipientTrait.flatMap(trait))
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

    private func trait(_ name: String) -> ArraySlice<UInt8>? {
        traits.first { $0.name == name }?.value
    }

    private func isSaid(_ value: JSONValue, by text: ArraySlice<UInt8>?) -> Bool {
        value.isNull || value.equals("") || value.quoted == text
    }
}
