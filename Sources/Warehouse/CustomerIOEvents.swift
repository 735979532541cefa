internal import Formats

/// The typed tables of Customer.io's reporting events, one for each kind of object.
package enum CustomerIOEvents {
    /// The `sender` of their messages.
    package static let sender = "customerio"
    /// What comes before the provider's own event id in a `messageId`.
    static let idPrefix = "cio-"
    /// Objects with a table of their own.
    private static let objects = [
        "email", "customer", "sms", "push", "in_app", "slack", "webhook", "whatsapp",
    ]
    private static let other = "other"
    /// What comes before the object's name in an event that is named as Customer.io's relay did.
    private static let legacyPrefix = "customerio:"

    package static let tables = (objects + [other]).map(table)

    /// The table of a message, by its `properties` and its `event`.
    static func table(properties: JSONValue?, event: JSONValue?) -> Table {
        let name = properties?["object_type"]?.string ?? legacyObject(event)
        let place = name.flatMap(objects.firstIndex) ?? objects.count
        return tables[place]
    }

    private static func legacyObject(_ event: JSONValue?) -> String? {
        guard let event = event?.string, event.hasPrefix(legacyPrefix) else { return nil }
        let name = event.dropFirst(legacyPrefix.count)
        return objects.first { name.hasPrefix($0 + "_") }
    }

    private static func table(of object: String) -> Table {
        Table(
            object + "_events",
            [
                Column("id", .id, .messageID), Column("partner", .id, .attribute("partner")),
                Column("received_at", .time, .receivedAt), Column("event_id", .id, .eventID),
                Column("object_type", .text, .payload("object_type")),
                Column("metric", .text, .payload("metric")),
                Column("occurred_at", .time, .time("timestamp")),
                Column("customer_id", .id, .identifier("userId")),
                Column("email", .text, .context(["traits", "email"])),
                Column("recipient", .text, .recipient),
                Column("subject", .text, .payload("email_subject")),
                Column("delivery_id", .text, .payload("delivery_id")),
                Column("campaign_id", .text, .payload("campaign_id")),
                Column("reason", .text, .payload("reason")),
                Column("link_url", .text, .payload("link_url")),
                Column("data", .json, .document("properties")),
                Column("loaded_at", .time, .loadedAt),
            ], key: ["id", "partner"], indexes: [["received_at"], ["occurred_at"]])
    }
}
