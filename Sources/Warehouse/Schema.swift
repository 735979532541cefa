/// The tables of the warehouse, which every dialect is made from.
///
/// The order of ``all`` is the order in which a transaction writes to them, so that two loaders never
/// wait for each other.
package enum Schema {
    package static let tracks = message(
        "tracks", payload: "properties",
        [
            Column("event", .text, .eventSlug), Column("event_text", .text, .member("event")),
        ])
    package static let pages = message("pages", payload: "properties", named + pageProperties)
    package static let screens = message("screens", payload: "properties", named)
    package static let groups = message(
        "groups", payload: "traits",
        [
            Column("group_id", .id, .identifier("groupId")),
            Column("name", .text, .payload("name")), Column("email", .text, .payload("email")),
            Column("industry", .text, .payload("industry")),
            Column("plan", .text, .payload("plan")),
            Column("created_at", .time, .payloadTime("createdAt")),
        ], indexes: [["partner", "group_id", "received_at"]])
    package static let identifies = message(
        "identifies", payload: "traits",
        [
            Column("email", .text, .payload("email")), Column("name", .text, .payload("name")),
            Column("first_name", .text, .payload("firstName")),
            Column("last_name", .text, .payload("lastName")),
            Column("phone", .text, .payload("phone")),
            Column("created_at", .time, .payloadTime("createdAt")),
        ], indexes: [["partner", "user_id", "received_at"]])
    package static let aliases = message(
        "aliases", payload: "traits",
        [Column("previous_id", .id, .identifier("previousId"))])
    package static let deletes = message("deletes", payload: nil, [])

    /// Values that could not be stored where they belong.
    package static let discards = Table(
        "discards",
        [
            Column("table_name", .id, .loader), Column("row_id", .id, .loader),
            Column("partner", .id, .loader), Column("column_name", .id, .loader),
            Column("column_value", .text, .loader), Column("reason", .text, .loader),
            Column("received_at", .time, .loader), Column("loaded_at", .time, .loader),
        ], key: ["table_name", "row_id", "partner", "column_name"], indexes: [["received_at"]])

    /// Messages that could not be stored at all.
    package static let rejected = Table(
        "rejected",
        [
            Column("id", .id, .loader), Column("reason", .text, .loader),
            Column("detail", .text, .loader), Column("partner", .id, .loader),
            Column("body", .text, .loader), Column("received_at", .time, .loader),
            Column("loaded_at", .time, .loader),
        ], key: ["id", "partner"], indexes: [["received_at"]])

    /// One row for each message.
    package static let messages = [
        tracks, pages, screens, groups, identifies, aliases, deletes,
    ]

    package static let all = messages + CustomerIOEvents.tables + [discards, rejected]

    /// The place of a table in the order of all; tables of events come last.
    static func place(of table: Table) -> Int { places[table.name] ?? all.count }

    private static let places = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })

    /// The table of a type of message, which is written as in the message.
    package static func table(ofType type: JSONType) -> Table {
        switch type {
        case .track: tracks
        case .page: pages
        case .screen: screens
        case .group: groups
        case .identify: identifies
        case .alias: aliases
        case .delete: deletes
        }
    }

    /// The types of messages, as `type` names them.
    package enum JSONType: String, CaseIterable, Sendable {
        case track, page, screen, group, identify, alias, delete
    }

    // MARK: - What tables share

    private static func message(
        _ name: String, payload: String?, _ own: [Column], indexes: [[String]] = []
    ) -> Table {
        let documents = [payload, "context"].compactMap { $0 }.map {
            Column($0, .json, .document($0))
        }
        return Table(
            name,
            common + own + context + documents + [
                Column("extra", .json, .extra), Column("loaded_at", .time, .loadedAt),
            ], key: ["id", "partner"], indexes: [["received_at"]] + indexes)
    }

    private static let common = [
        Column("id", .id, .messageID), Column("partner", .id, .attribute("partner")),
        Column("sender", .text, .attribute("sender")), Column("received_at", .time, .receivedAt),
        Column("sent_at", .time, .time("sentAt")), Column("timestamp", .time, .time("timestamp")),
        Column("original_timestamp", .time, .time("originalTimestamp")),
        Column("user_id", .id, .identifier("userId")),
        Column("anonymous_id", .id, .identifier("anonymousId")),
    ]

    private static let named = [
        Column("name", .text, .memberOrPayload("name")),
        Column("category", .text, .memberOrPayload("category")),
    ]

    private static let pageProperties = ["url", "path", "title", "referrer", "search"].map {
        Column($0, .text, .payload($0))
    }

    /// Parts of `context` that people ask for, after Segment's `context_` columns.
    static let context: [Column] =
        [
            ["ip"], ["locale"], ["timezone"], ["userAgent"], ["groupId"], ["library", "name"],
            ["library", "version"], ["page", "url"], ["page", "path"], ["page", "title"],
            ["page", "referrer"], ["page", "search"], ["campaign", "name"],
            ["campaign", "source"], ["campaign", "medium"], ["campaign", "term"],
            ["campaign", "content"], ["app", "name"], ["app", "version"], ["app", "build"],
            ["device", "id"], ["device", "type"], ["device", "manufacturer"],
            ["device", "model"], ["os", "name"], ["os", "version"],
        ].map { path in
            let name = (["context"] + path).map(Name.slug).joined(separator: "_")
            return Column(name, .text, .context(path))
        }
}
