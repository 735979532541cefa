import Formats
import Signing
import TestSupport
import Testing
@testable import Warehouse

@Suite("Rows of messages")
struct MessageMapperTests {
    private static let loadedAt = Timestamp(milliseconds: 1_795_600_000_000)

    /// The rows of a message, or its row of `rejected`.
    private static func rows(
        _ body: String, sender: String = WarehouseVectors.sender
    ) throws -> (rows: [Row], discards: [Row]) {
        let queuedAt = try #require(
            Timestamp(rfc3339: Array(WarehouseVectors.queuedAt.utf8)))
        let message = PublishedMessage(
            body: Array(body.utf8), partner: WarehouseVectors.partner, sender: sender,
            recordID: "sqs-1", queuedAt: queuedAt)
        switch MessageMapper(loadedAt: loadedAt).map(message) {
        case .stored(let message): return (message.rows, message.discards)
        case .rejected(let row): return ([row], [])
        }
    }

    /// The values of a row by the names of its columns, without those that are the same in all.
    private static func values(_ row: Row) -> [String: String] {
        var values: [String: String] = [:]
        for (column, cell) in zip(row.table.columns, row.cells) {
            guard !["partner", "sender", "loaded_at"].contains(column.name),
                let text = cell.plainText
            else { continue }
            values[column.name] = String(decoding: text, as: UTF8.self)
        }
        return values
    }

    private static func discards(_ rows: [Row]) -> [WarehouseVectors.Discard] {
        rows.map { row in
            let values = values(row)
            return WarehouseVectors.Discard(
                values["column_name"] ?? "", values["column_value"] ?? "", values["reason"] ?? "")
        }
    }

    @Test("the vectors become exactly their rows", arguments: WarehouseVectors.all)
    func vectors(_ vector: WarehouseVectors.Vector) throws {
        let (rows, discards) = try Self.rows(vector.message)
        #expect(rows.map(\.table.name) == [vector.table])
        #expect(Self.values(rows[0]) == vector.row)
        #expect(rows[0]["partner"] == .text(WarehouseVectors.partner))
        #expect(rows[0]["sender"] == .text(WarehouseVectors.sender))
        #expect(rows[0]["loaded_at"] == .time(Self.loadedAt))
        #expect(Set(Self.discards(discards)) == Set(vector.discards))
        #expect(discards.count == vector.discards.count)
        #expect(discards.allSatisfy { $0["row_id"] == rows[0]["id"] })
    }

    @Test("tables have as many columns as the schema says")
    func widths() {
        #expect(Schema.tracks.columns.count == 41)
        #expect(Schema.pages.columns.count == 46)
        #expect(Schema.identifies.columns.count == 45)
        for table in Schema.all {
            #expect(Set(table.columns.map(\.name)).count == table.columns.count)
            #expect(table.keyPlaces.count == table.key.count)
        }
    }

    @Test(
        "what is no message has a row of rejected",
        arguments: [
            ("", "not_json"), ("{", "not_json"), ("[]", "not_a_message"),
            (#"{"type":"track"}"#, "not_a_message"), (#"{"messageId":"m"}"#, "not_a_message"),
            (#"{"type":"track","messageId":""}"#, "not_a_message"),
            (#"{"type":"track","messageId":["m"]}"#, "not_a_message"),
            (#"{"type":"video","messageId":"m"}"#, "not_a_message"),
            ("{\"a\":\"\u{0}\"}", "not_json"),
        ])
    func rejected(body: String, reason: String) throws {
        let row = try #require(try Self.rows(body).rows.first)
        #expect(row.table == Schema.rejected)
        let values = Self.values(row)
        #expect(values["id"] == "sqs-1")
        #expect(values["reason"] == reason)
        #expect(values["body"] == body.replacing("\u{0}", with: "\u{FFFD}"))
        #expect(values["received_at"] == WarehouseVectors.queuedAt)
    }

    @Test("an attribute is made fit for every database, too")
    func attributes() throws {
        let rows = try Self.rows(#"{"type":"alias","messageId":"m"}"#, sender: "a\u{0}b").rows
        #expect(rows[0]["sender"] == .text("a\u{FFFD}b"))
    }

    @Test("ids that a database would change or cut off stay apart")
    func longIDs() throws {
        func key(_ id: String) throws -> (id: Cell, discards: [WarehouseVectors.Discard]) {
            let (rows, discards) = try Self.rows(
                #"{"type":"alias","messageId":""# + id + #"","userId":"u"}"#)
            return (rows[0]["id"], Self.discards(discards))
        }
        let longest = String(repeating: "é", count: 127) + "a"
        #expect(try key(longest).id == .text(longest))
        let long = try key(longest + "b")
        let digest = SHA256.digest(Array((longest + "b").utf8))
        #expect(long.id == .text("sha256:" + Hex.encode(digest.span)))
        #expect(long.discards.map(\.reason) == ["too_long"])
        let zero = try key("a\\u0000")
        #expect(zero.id != (try key("a\u{FFFD}").id))
        #expect(zero.id != (try key("a\\ud800").id))
        #expect(zero.discards == [.init("id", "\"a\\u0000\"", "unrepresentable")])
    }

    @Test("a message of Customer.io has a second row in the table of its object")
    func customerIO() throws {
        let (rows, discards) = try Self.rows(
            #"""
            {"type":"track","messageId":"cio-01E4","userId":"u-1","event":"Email Delivered",
             "properties":{"object_type":"email","metric":"delivered","email_subject":"Hi",
             "delivery_id":"d-1","campaign_id":"7","reason":null,"recipient":"a@example.org",
             "note":"\u0000"},"context":{"traits":{"email":"b@example.org"}},
             "timestamp":"then","receivedAt":"2026-11-25T10:00:02.345Z"}
            """#, sender: "customerio")
        #expect(rows.map(\.table.name) == ["tracks", "email_events"])
        var values = Self.values(rows[1])
        #expect(values.removeValue(forKey: "data")?.contains("\u{FFFD}") == true)
        #expect(
            values == [
                "id": "cio-01E4", "received_at": "2026-11-25T10:00:02.345000Z",
                "event_id": "01E4", "object_type": "email", "metric": "delivered",
                "customer_id": "u-1", "email": "b@example.org", "recipient": "a@example.org",
                "subject": "Hi", "delivery_id": "d-1", "campaign_id": "7",
            ])
        // Each value has one row of discards, by the place that it has in the message.
        #expect(Set(Self.discards(discards).map(\.column)) == ["properties", "timestamp"])
        #expect(discards.count == 2)
        #expect(discards.allSatisfy { $0["table_name"] == .text("tracks") })
    }

    @Test(
        "the table of an object of Customer.io is known by its type or its legacy name",
        arguments: [
            (#""object_type":"in_app""#, "x", "in_app_events"),
            (#""object_type":"whatsapp""#, "x", "whatsapp_events"),
            (#""object_type":"fax""#, "x", "other_events"), (#""a":1"#, "x", "other_events"),
            (#""a":1"#, "customerio:email_sent", "email_events"),
            (#""a":1"#, "customerio:in_app_clicked", "in_app_events"),
            (#""a":1"#, "customerio:fax_sent", "other_events"),
        ])
    func customerIOTables(property: String, event: String, table: String) throws {
        let (rows, _) = try Self.rows(
            #"{"type":"track","messageId":"m","event":"\#(event)","properties":{\#(property)}}"#,
            sender: "customerio")
        #expect(rows.last?.table.name == table)
    }

    @Test("a message to a phone has its number as the recipient")
    func phones() throws {
        for (object, recipient) in [("sms", "+351"), ("whatsapp", "+351"), ("push", nil)] {
            let (rows, _) = try Self.rows(
                #"""
                {"type":"track","messageId":"m","properties":{"object_type":"\#(object)"},
                 "context":{"traits":{"phone":"+351","email":"a@x"}}}
                """#, sender: "customerio")
            #expect(Self.values(rows[1])["recipient"] == recipient)
        }
    }
}
