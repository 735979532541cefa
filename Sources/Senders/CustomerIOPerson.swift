internal import Formats

/// Whom an event is about.
struct CustomerIOPerson {
    /// A JSON string that is not empty.
    let id: ArraySlice<UInt8>
    /// Whether ``id`` is the workspace's own, rather than one that only tells people apart.
    let isKnown: Bool
    /// Names and JSON texts.
    let traits: [(name: String, value: ArraySlice<UInt8>)]

    init(_ data: CustomerIOData, object: String?, eventID: JSONValue) {
        let recipient = data.text(.recipient)
        let email =
            data.identifier("email") ?? data.text(.emailAddress)
            ?? (object == "email" ? recipient : nil)
        let phone = object == "sms" || object == "whatsapp" ? recipient : nil
        let cioID = data.identifier("cio_id")
        if let known = data.identifier("id") ?? data.text(.customerID) {
            id = known.quoted
            isKnown = true
        } else {
            isKnown = false
            // Of a person that is deleted only the delivery is left, and not even that always.
            id =
                (data.identifier("email") ?? data.text(.emailAddress))?.quoted
                ?? cioID.map { CustomerIOEvent.prefixed("cio_", $0) }
                ?? data.text(.deliveryID).map { CustomerIOEvent.prefixed("cio-delivery-", $0) }
                ?? CustomerIOEvent.prefixed("cio-event-", eventID)
        }
        traits = [("email", email), ("phone", phone), ("cio_id", cioID)].compactMap {
            name, value in value.map { (name, $0.quoted) }
        }
    }

    /// True when nothing of a member would be lost without it.
    func holds(_ field: CustomerIOData.Field, _ value: JSONValue) -> Bool {
        switch field {
        case .identifiers:
            value.isNull
                || value.kind == .object
                    && value.members.allSatisfy { member in
                        ["id", "email", "cio_id"].contains { member.name.equals($0) }
                            && holds(member.value)
                    }
        default: holds(value)
        }
    }

    private func holds(_ value: JSONValue) -> Bool {
        value.isNull || value.equals("") || value.quoted == id
            || traits.contains { $0.value == value.quoted }
    }
}
