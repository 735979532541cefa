package import Formats

/// Makes rows of published messages.
///
/// It knows no database.
package struct MessageMapper: Sendable {
    /// One moment for all rows of an invocation.
    package let loadedAt: Timestamp
    private let layout: Layout

    package init(loadedAt: Timestamp, layout: Layout = .documents) {
        self.loadedAt = loadedAt
        self.layout = layout
    }

    /// What a message becomes.
    package enum Mapping: Sendable {
        case stored(MessageRows)
        /// Its row of `rejected`.
        case rejected(Row)
    }

    package func map(_ message: PublishedMessage) -> Mapping {
        guard let text = try? JSONText(message.body) else { return reject(message, .notJSON) }
        let root = text.root
        guard let type = root["type"]?.string.flatMap(Schema.JSONType.init(rawValue:)),
            let id = root["messageId"].flatMap(MessageID.init)
        else { return reject(message, .notAMessage) }
        var reading = MessageReading(
            message, root, Schema.table(ofType: type), id: id, loadedAt: loadedAt)
        let row = reading.row()
        let discards = reading.discards
        var rows = [row]
        if message.sender == CustomerIOEvents.sender, type == .track {
            // What could not be stored has its row of `discards` already.
            rows.append(reading.row(of: reading.eventsTable))
        }
        return .stored(
            MessageRows(
                rows: rows, discards: discards.map(reading.discarded),
                flattened: layout == .documents ? nil : reading.flattened(row)))
    }

    /// The row of `rejected` for a message; `detail` is a code, never a database's own words, which
    /// repeat values.
    package func rejection(
        of message: PublishedMessage, _ reason: RejectReason, detail: String? = nil
    ) -> Row {
        let body = CleanText.withoutNUL(Array(String(decoding: message.body, as: UTF8.self).utf8))
        return Row(
            Schema.rejected,
            [
                Identifier.cell(message.recordID), .text(reason.rawValue),
                detail.map { .text($0) } ?? .null, Identifier.cell(message.partner),
                .text((body ?? Array(String(decoding: message.body, as: UTF8.self).utf8))[...]),
                .time(message.queuedAt), .time(loadedAt),
            ])
    }

    private func reject(_ message: PublishedMessage, _ reason: RejectReason) -> Mapping {
        .rejected(rejection(of: message, reason))
    }
}

/// The rows of one message, which are stored together or not at all.
package struct MessageRows: Sendable {
    /// The row that every message has, and others that some have.
    package let rows: [Row]
    /// Rows of `discards`.
    package let discards: [Row]
    /// Properties or traits that are to have columns of their own.
    let flattened: Flattened?
}
