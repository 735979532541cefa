import Formats
import TestSupport
import Testing
@testable import Warehouse

@Suite("Rows as Teradata keeps them")
struct TeradataLoadTests {
    private static let dialect = TeradataDialect(database: "inlet")

    private static func load(
        _ bodies: [String], sender: String = WarehouseVectors.sender
    ) throws -> TeradataLoad {
        let messages = bodies.map { body in
            PublishedMessage(
                body: Array(body.utf8), partner: "p", sender: sender, recordID: "sqs-1",
                queuedAt: .start)
        }
        let units = Batch(messages, loadedAt: .start).units
        return TeradataLoad(Chunk(units[...]), dialect)
    }

    private static func rows(_ load: TeradataLoad, _ table: String) -> [Row] {
        load.parts.filter { $0.table.name == table }.flatMap(\.rows)
    }

    private static func text(_ row: Row?, _ column: String) -> String? {
        row?[column].plainText.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("no table's rows can be longer than Teradata allows")
    func widths() {
        for table in Schema.all + [TeradataOverflow.table] {
            var size = 0
            for column in Self.dialect.columns(of: table) {
                let type = Self.dialect.type(column, of: table)
                size += type.firstMatch(of: /^VARCHAR\((\d+)\)/).flatMap { Int($0.1) } ?? 10
            }
            // Two bytes for each character.
            #expect(2 * size < 62_000, "\(table.name)")
        }
    }

    @Test("tables have the columns of Segment's, and none for parts of the context")
    func columns() {
        for table in Schema.all {
            let columns = Self.dialect.columns(of: table).map(\.name)
            #expect(!columns.contains { $0.hasPrefix("context_") })
            let made = TeradataTable(table, Self.dialect).table
            #expect(Self.dialect.columns(of: made) == made.columns)
        }
        func names(_ table: Table) -> [String] { Self.dialect.columns(of: table).map(\.name) }
        #expect(names(Schema.pages).contains("page"))
        #expect(names(Schema.screens).contains("screen"))
        #expect(names(Schema.tracks).contains("event_text"))
        #expect(names(CustomerIOEvents.tables[0]).contains("email"))
    }

    @Test("rows of messages come last, and what was changed is in discards once")
    func order() throws {
        let load = try Self.load([
            #"{"type":"track","messageId":"a","event":"\#u{1F600}","userId":"u\u0000","context":{"ip":"1"}}"#
        ])
        #expect(load.parts.map(\.table.name) == ["discards", "tracks"])
        let track = Self.rows(load, "tracks").first
        #expect(Self.text(track, "event_text") == "?")
        #expect(Self.text(track, "user_id") == "u?")
        let discards = Self.rows(load, "discards")
        #expect(
            discards.map { Self.text($0, "column_name") } == ["event_text", "user_id"])
        #expect(
            discards.map { Self.text($0, "column_value") } == [#""\ud83d\ude00""#, #""u\u0000""#])
    }

    @Test("a name that is too long is cut, and kept whole in discards")
    func long() throws {
        let name = String(repeating: "é", count: 1030)
        let load = try Self.load([#"{"type":"page","messageId":"a","name":"\#(name)"}"#])
        let page = Self.rows(load, "pages").first
        #expect(Self.text(page, "name") == String(name.prefix(1024)))
        #expect(Self.text(page, "page") == String(name.prefix(1024)))
        let discards = Self.rows(load, "discards")
        #expect(discards.map { Self.text($0, "reason") } == ["too_long"])
        #expect(discards.map { Self.text($0, "column_name") } == ["name"])
    }

    @Test("a text of a document that is too long is cut, and the document has it")
    func derived() throws {
        let url = String(repeating: "x", count: 5000)
        let load = try Self.load([
            #"{"type":"page","messageId":"a","properties":{"url":"\#(url)"}}"#
        ])
        #expect(load.parts.map(\.table.name) == ["pages"])
        let page = Self.rows(load, "pages").first
        #expect(Self.text(page, "url")?.count == 4096)
        #expect(Self.text(page, "properties")?.contains(url) == true)
    }

    @Test("ids that Teradata cannot keep stay apart, in every table alike")
    func ids() throws {
        let load = try Self.load(
            ["\u{1F600}", "\u{1F601}"].map {
                #"{"type":"track","messageId":"\#($0)","timestamp":"then"}"#
            })
        let ids = Self.rows(load, "tracks").map { Self.text($0, "id") ?? "" }
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { $0.hasPrefix("sha256:") })
        let discards = Self.rows(load, "discards")
        #expect(Set(discards.map { Self.text($0, "row_id") ?? "" }) == Set(ids))
        #expect(Set(discards.map { Self.text($0, "column_name") }) == ["id", "timestamp"])
        #expect(discards.count == 4)
    }

    @Test("a document that is too long for its row is kept in parts")
    func overflow() throws {
        let text = String(repeating: "\u{E9}", count: 20_000)
        let load = try Self.load([
            #"{"type":"track","messageId":"a","properties":{"t":"\#(text)\u0000"},"context":{"c":1}}"#
        ])
        #expect(load.parts.map(\.table.name) == ["overflow", "discards", "tracks"])
        let track = try #require(Self.rows(load, "tracks").first)
        #expect(track["properties"] == .null)
        #expect(Self.text(track, "context") == #"{"c":1}"#)
        let parts = Self.rows(load, "overflow")
        let whole = parts.filter { Self.text($0, "table_name") == "tracks" }
            .compactMap { Self.text($0, "text") }.joined()
        let stored = try JSONText(Array(whole.utf8)).root["t"]?.string
        #expect(stored == text + "\u{FFFD}")
        #expect(whole.utf8.allSatisfy { $0 < 0x80 })
        #expect(parts.contains { Self.text($0, "table_name") == "discards.tracks" })
        for row in load.parts.flatMap(\.rows) {
            #expect(row.cells.allSatisfy { $0.plainText?.count ?? 0 <= 32_000 * 3 })
        }
    }

    @Test("the body of a rejected message is kept, whatever is in it")
    func rejected() throws {
        let load = try Self.load(["no JSON \u{1F600} \u{FFFD} é"])
        let row = Self.rows(load, "rejected").first
        #expect(Self.text(row, "body") == #"no JSON \ud83d\ude00 \ufffd \u00e9"#)
    }
}
