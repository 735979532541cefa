package import Formats
package import Platform
internal import Warehouse

/// What a warehouse says of itself.
package struct WarehouseStatus: Sendable {
    /// A table's newest row.
    package struct TableStatus: Sendable {
        package let name: String
        /// The newest `received_at`; nil for an empty table.
        package let newest: Timestamp?
        /// The newest `loaded_at`.
        package let loaded: Timestamp?
    }

    /// The version of the schema that the warehouse has, and that this program needs.
    package let version: Int
    package let neededVersion: Int
    package let tables: [TableStatus]
}

extension WarehouseSession {
    /// Asks for the version and for each table's newest row.
    package func status(within budget: TimeBudget) throws(WarehouseError) -> WarehouseStatus {
        let versions = try rows(
            SchemaVersion.query(dialect.qualified(SchemaVersion.table)), within: budget)
        var tables: [WarehouseStatus.TableStatus] = []
        for table in Schema.all {
            let times = ["received_at", "loaded_at"].map { column in
                dialect.timeText("max(\(dialect.quoted(column)))")
            }
            let row = try rows(
                "SELECT \(times.joined(separator: ", ")) FROM \(dialect.qualified(table.name))",
                within: budget
            ).first
            let moments = (row ?? []).map { text in
                text.flatMap { Timestamp(reading: Array($0.utf8)[...]) }
            }
            tables.append(
                .init(name: table.name, newest: moments.first ?? nil, loaded: moments.last ?? nil))
        }
        return WarehouseStatus(
            version: SchemaVersion.read(versions.first), neededVersion: dialect.migrations.count,
            tables: tables)
    }

    /// Stores a message of the program's own, and reads it back: true if it is there.
    package func probe(id: UUID, within budget: TimeBudget) throws(WarehouseError) -> Bool {
        var body = JSONWriter()
        body.object { message in
            message.member("type", "track")
            message.member("messageId", id.text)
            message.member("anonymousId", Self.probePartner)
            message.member("event", Self.probeEvent)
            message.member("receivedAt", budget.now.rfc3339 ?? "")
        }
        let message = PublishedMessage(
            body: body.bytes, partner: Self.probePartner, sender: "", recordID: id.text,
            queuedAt: budget.now)
        for chunk in Batch([message], loadedAt: budget.now).chunks(limits) {
            _ = try store(chunk, within: budget)
        }
        // A UUID holds nothing that would have to be quoted.
        let found = try rows(
            "SELECT \(dialect.quoted("event_text")) FROM \(dialect.qualified(Schema.tracks.name))"
                + " WHERE \(dialect.quoted("id")) = '\(id.text)'"
                + " AND \(dialect.quoted("partner")) = '\(Self.probePartner)'", within: budget)
        return found == [[Self.probeEvent]]
    }

    /// The partner of probe rows, which no real partner's rows have by accident.
    private static var probePartner: String { "inlet-probe" }
    private static var probeEvent: String { "Inlet Probe" }
}
