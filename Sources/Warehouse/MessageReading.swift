internal import Formats

/// One message while its rows are made.
struct MessageReading {
    /// A value that could not be stored where it belongs.
    struct Discard {
        let column: String
        /// As it was sent.
        let value: ArraySlice<UInt8>
        let reason: DiscardReason
    }

    private let message: PublishedMessage
    private let root: JSONValue
    private let table: Table
    private let id: MessageID
    private let loadedAt: Timestamp
    private let receivedAt: Timestamp
    private let partner: Cell
    private let payload: CleanDocument
    private let context: CleanDocument
    private(set) var discards: [Discard] = []

    init(
        _ message: PublishedMessage, _ root: JSONValue, _ table: Table, id: MessageID,
        loadedAt: Timestamp
    ) {
        self.message = message
        self.root = root
        self.table = table
        self.id = id
        self.loadedAt = loadedAt
        partner = Identifier.cell(message.partner)
        payload = CleanDocument(table.payload.flatMap { root[$0] })
        context = CleanDocument(root["context"])
        receivedAt = root["receivedAt"].flatMap(Timestamp.init(storable:)) ?? message.queuedAt
    }

    /// The table that a message of Customer.io has its second row in.
    var eventsTable: Table {
        CustomerIOEvents.table(properties: payload.value, event: root["event"])
    }

    /// The row of the message's own table.
    mutating func row() -> Row { row(of: table) }

    mutating func row(of table: Table) -> Row {
        var cells: [Cell] = []
        cells.reserveCapacity(table.columns.count)
        for column in table.columns { cells.append(cell(column)) }
        return Row(table, cells)
    }

    /// The payload with a column for each of its values: for a track in the table of its event, else
    /// in `row`; nil for a message without a payload.
    mutating func flattened(_ row: Row) -> Flattened? {
        guard table.payload != nil else { return nil }
        guard table == Schema.tracks else { return Flattened(payload.value, row: row) }
        guard let event = root["event"]?.unlessNull else { return nil }
        let name = event.string ?? String(decoding: event.raw, as: UTF8.self)
        let eventTable = Schema.eventTable(Name.table(ofEvent: name))
        return Flattened(payload.value, row: self.row(of: eventTable))
    }

    /// The row of `discards` for a value.
    func discarded(_ discard: Discard) -> Row {
        Row(
            Schema.discards,
            [
                .text(table.name), .text(id.text), partner, .text(discard.column),
                .text(discard.value), .text(discard.reason.rawValue), .time(receivedAt),
                .time(loadedAt),
            ])
    }

    private mutating func cell(_ column: Column) -> Cell {
        switch column.source {
        case .messageID:
            if let reason = id.reason { discard(id.original, column, reason) }
            return .text(id.text)
        case .eventID: return .text(id.text.dropPrefix(CustomerIOEvents.idPrefix))
        case .attribute("partner"): return partner
        case .attribute: return .text(CleanText.clean(message.sender)[...])
        case .identifier(let name): return identifier(root[name], column)
        case .member(let name): return text(root[name], column)
        case .memberOrPayload(let name):
            guard let value = root[name]?.unlessNull else { return Self.text(payload[name]) }
            return text(value, column)
        case .time(let name): return time(root[name], column)
        case .receivedAt:
            _ = time(root["receivedAt"], column)
            return .time(receivedAt)
        case .eventSlug: return slug(root["event"])
        case .context(let path): return Self.text(path.reduce(context.value) { $0?[$1] })
        case .payload(let name): return Self.text(payload[name])
        case .payloadTime(let name): return time(payload.original?[name], column)
        case .recipient: return recipient
        case .document(let name): return document(name == "context" ? context : payload, column)
        case .extra: return extra(column)
        case .loadedAt: return .time(loadedAt)
        case .loader, .flattened: return .null
        }
    }

    // MARK: - Kinds of values

    private mutating func discard(_ value: JSONValue, _ column: Column, _ reason: DiscardReason) {
        discards.append(Discard(column: column.name, value: value.raw, reason: reason))
    }

    private mutating func text(_ value: JSONValue?, _ column: Column) -> Cell {
        guard let value = value?.unlessNull else { return .null }
        let text = CleanText(value)
        if text.isChanged { discard(value, column, .unrepresentable) }
        return .text(text.bytes)
    }

    private mutating func identifier(_ value: JSONValue?, _ column: Column) -> Cell {
        guard let value = value?.unlessNull else { return .null }
        let text = CleanText(value)
        guard text.bytes.count <= Identifier.maximumLength else {
            discard(value, column, .tooLong)
            return .text(Identifier.hash(of: text.bytes))
        }
        if text.isChanged { discard(value, column, .unrepresentable) }
        return .text(text.bytes)
    }

    private mutating func time(_ value: JSONValue?, _ column: Column) -> Cell {
        // An empty text is what some senders write for no time.
        guard let value = value?.unlessNull, !value.equals("") else { return .null }
        guard let time = Timestamp(storable: value) else {
            discard(value, column, .notATime)
            return .null
        }
        return .time(time)
    }

    private mutating func document(_ document: CleanDocument, _ column: Column) -> Cell {
        guard let value = document.value else { return .null }
        if document.isChanged, let original = document.original {
            discard(original, column, .unrepresentable)
        }
        return .json(value.raw)
    }

    /// A value whose place in a document says already if it was changed.
    private static func text(_ value: JSONValue?) -> Cell {
        guard let value = value?.unlessNull else { return .null }
        return .text(CleanText(value).bytes)
    }

    // MARK: - Values that are made of others

    private func slug(_ event: JSONValue?) -> Cell {
        guard let event = event?.unlessNull else { return .null }
        let name = event.string ?? String(decoding: event.raw, as: UTF8.self)
        return .text(Name.event(name))
    }

    private var recipient: Cell {
        if let recipient = payload["recipient"]?.unlessNull { return Self.text(recipient) }
        let traits = context.value?["traits"]
        switch eventsTable.name {
        case "sms_events", "whatsapp_events": return Self.text(traits?["phone"])
        case "email_events": return Self.text(traits?["email"])
        default: return .null
        }
    }

    /// The members that no column of the table holds, and `integrations` unless it is empty.
    private mutating func extra(_ column: Column) -> Cell {
        let held = table.members
        var writer = JSONWriter()
        writer.beginObject()
        var isEmpty = true
        for member in root.members {
            if let name = member.name.string, held.contains(name) { continue }
            if member.name.equals("integrations"), member.value.kind == .object,
                member.value.members.isEmpty
            {
                continue
            }
            isEmpty = false
            writer.member(member)
        }
        writer.endObject()
        guard !isEmpty, let text = try? JSONText(writer.bytes) else { return .null }
        return document(CleanDocument(text.root), column)
    }
}

extension Timestamp {
    /// A time that every database can hold: they know no year 0.
    init?(storable value: JSONValue) {
        guard let time = Timestamp(reading: value), time >= Self.first else { return nil }
        self = time
    }

    private static let first =
        Timestamp(reading: Array("0001-01-01".utf8)[...])
        ?? Timestamp(microseconds: 0)
}

/// A member of a message that is stored as JSON, made fit for every database.
struct CleanDocument {
    /// As it was sent; nil if it is missing or null.
    let original: JSONValue?
    /// As it is stored.
    let value: JSONValue?
    /// True if ``value`` is not what was sent.
    let isChanged: Bool

    init(_ document: JSONValue?) {
        original = document?.unlessNull
        let cleaned = original.flatMap(CleanJSON.cleaned)
        isChanged = cleaned != nil
        value = cleaned.flatMap { try? JSONText($0).root } ?? original
    }

    subscript(name: String) -> JSONValue? { value?[name] }
}

extension ArraySlice<UInt8> {
    /// The bytes after this prefix, or all of them if they do not begin with it.
    fileprivate func dropPrefix(_ prefix: String) -> ArraySlice<UInt8> {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : self
    }
}
