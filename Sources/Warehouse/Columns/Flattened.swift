internal import Formats

/// The properties or traits of a message, each with the column that it belongs in.
struct Flattened: Sendable {
    struct Value: Sendable {
        let column: String
        let value: JSONValue
    }

    /// The table of the values: that of the event, or the message's own.
    ///
    /// Its columns are those that are always there.
    let table: Table
    /// The row of ``table`` without the values.
    let row: Row
    /// In the order of the message, each column once.
    let values: [Value]
    /// What is left without a column, because another value of the message has it.
    let collisions: [Value]

    /// Names of a path from the payload to a value; what is deeper stays JSON.
    private static let maximumDepth = 5

    init(_ payload: JSONValue?, row: Row) {
        table = row.table
        self.row = row
        var collector = Collector(fixed: Self.fixedMembers(of: row.table))
        if let payload, payload.kind == .object { collector.collect(payload, path: []) }
        values = collector.values
        collisions = collector.collisions
    }

    /// The members of the payload that columns of the table hold already.
    private static func fixedMembers(of table: Table) -> Set<String> {
        var members: Set<String> = []
        for column in table.columns {
            switch column.source {
            case .payload(let name), .payloadTime(let name): members.insert(name)
            default: continue
            }
        }
        return members
    }

    private struct Collector {
        let fixed: Set<String>
        var values: [Value] = []
        var collisions: [Value] = []
        private var taken: Set<String> = []

        init(fixed: Set<String>) { self.fixed = fixed }

        mutating func collect(_ object: JSONValue, path: [String]) {
            for member in object.members {
                let name = member.name.string ?? ""
                if member.value.isNull || path.isEmpty && fixed.contains(name) { continue }
                let path = path + [name]
                if member.value.kind == .object, !member.value.members.isEmpty,
                    path.count < maximumDepth
                {
                    collect(member.value, path: path)
                    continue
                }
                let value = Value(column: Name.column(path), value: member.value)
                if taken.insert(value.column).inserted {
                    values.append(value)
                } else {
                    collisions.append(value)
                }
            }
        }
    }
}

extension Schema {
    /// The table of an event in the layout `columns`; its columns are those that are always there.
    static func eventTable(_ name: String) -> Table {
        let columns = tracks.columns.filter { column in
            switch column.source {
            case .document, .extra: false
            default: true
            }
        }
        return Table(name, columns, key: tracks.key, indexes: [["received_at"]])
    }
}
