/// A table of the warehouse: what each row is made of, and what tells rows apart.
package struct Table: Sendable, Equatable {
    package let name: String
    package let columns: [Column]
    /// Names of the columns that no two rows share.
    package let key: [String]
    /// Lists of columns by which rows are found quickly, beside the key.
    package let indexes: [[String]]
    /// The members of a message that a column holds as a whole.
    let members: Set<String>
    /// The member that is the message's payload: `properties` or `traits`; nil if it has none.
    let payload: String?

    package init(_ name: String, _ columns: [Column], key: [String], indexes: [[String]] = []) {
        self.name = name
        self.columns = columns
        self.key = key
        self.indexes = indexes
        members = Set(columns.compactMap(\.source.member) + ["type"])
        payload = ["properties", "traits"].first { name in
            columns.contains { $0.source == .document(name) }
        }
    }

    /// The same table with further columns at its end.
    func adding(_ more: [Column]) -> Table {
        Table(name, columns + more, key: key, indexes: indexes)
    }

    /// The place of a column in a row.
    package func place(of column: String) -> Int? { columns.firstIndex { $0.name == column } }

    /// The places of the key's columns.
    package var keyPlaces: [Int] { key.compactMap(place) }
}

/// A column: its kind, and where its values come from.
package struct Column: Sendable, Equatable {
    package let name: String
    package let kind: Kind
    package let source: Source

    package init(_ name: String, _ kind: Kind, _ source: Source) {
        self.name = name
        self.kind = kind
        self.source = source
    }

    /// What a value may be; each dialect has a type for it.
    package enum Kind: String, Sendable, CaseIterable {
        /// Text of at most ``Identifier/maximumLength`` bytes of UTF-8, which can be a key.
        case id
        /// Text of any length.
        case text
        /// A moment in UTC, to the microsecond.
        case time
        /// A JSON number, as exact as the database can keep it.
        case number
        case boolean
        /// A JSON text.
        case json
    }
}

/// Where the value of a column comes from.
package enum Source: Sendable, Equatable {
    case messageID
    /// `messageId` as the provider of the event had it.
    case eventID
    /// An attribute of the published message.
    case attribute(String)
    /// A member of the message that says who or what is meant.
    case identifier(String)
    /// A member of the message.
    case member(String)
    /// A member of the message, or the same member of its payload if the message has none.
    case memberOrPayload(String)
    /// A member of the message that is a time.
    case time(String)
    /// `receivedAt`, or when the queue took the message if that is missing or no time.
    case receivedAt
    /// The name of a track in snake case.
    case eventSlug
    /// A path below `context`.
    case context([String])
    /// A member of `properties` or `traits`.
    case payload(String)
    /// A member of `properties` or `traits` that is a time.
    case payloadTime(String)
    /// Whom a message of Customer.io was sent to.
    case recipient
    /// A member of the message as a whole, as JSON.
    case document(String)
    /// What no other column of the table holds, as a JSON object.
    case extra
    /// When the row was loaded.
    case loadedAt
    /// What the loader itself says, in `discards` and `rejected`.
    case loader
    /// A column that was made for a property while messages were loaded.
    case flattened

    /// The member of the message that such a column holds as a whole.
    var member: String? {
        switch self {
        case .messageID: "messageId"
        case .receivedAt: "receivedAt"
        case .eventSlug: "event"
        case .identifier(let name), .member(let name), .memberOrPayload(let name),
            .time(let name), .document(let name):
            name
        case .eventID, .attribute, .context, .payload, .payloadTime, .recipient, .extra,
            .loadedAt, .loader, .flattened:
            nil
        }
    }
}
