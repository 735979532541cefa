import AWS
import Formats
import Platform
import Relay
import SQLite
import Secrets
import TestSupport
import Testing
@testable import LambdaRuntime
@testable import Warehouse
@testable import WarehouseStore

/// The loader with a warehouse in a file, without a process around it.
final class LoaderHarness {
    private let directory: TemporaryDirectory
    private let log: LogFile
    private let loader: Loader
    let path: String

    init(isMigrated: Bool = true, layout: Layout = .documents) throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/warehouse.sqlite"
        let warehouse = SQLiteWarehouse(path: path, journal: .delete, layout: layout)
        if isMigrated {
            _ = try warehouse.migrate(
                within: TimeBudget(now: Harness.now, deadline: .now + .seconds(600)))
        }
        log = try LogFile()
        loader = Loader(
            warehouse,
            log: Logger(
                level: .trace, format: .json,
                origin: LogOrigin(stage: "test", function: "loader", namespace: "Inlet"),
                output: log.descriptor, now: { Harness.now }), slot: EventSlot())
    }

    func answer(_ event: [UInt8], limit: Duration? = nil) throws -> Answer {
        defer { log.look() }
        return loader.answer(try Harness.invocation(event, limit: limit))
    }

    func failures(_ event: [UInt8], limit: Duration? = nil) throws -> [String] {
        try Harness.failures(in: answer(event, limit: limit))
    }

    /// The first column of a query's rows.
    func rows(_ query: String) throws -> [String] {
        var open = try SQLiteConnection(path: path, access: .read)
        return try open.rows(query).map { $0[0] ?? "NULL" }
    }

    func run(_ script: String) throws {
        try SQLiteConnection(path: path, access: .write).run(script)
    }

    /// The last line of the log.
    func line() throws -> JSONValue {
        try JSONText(Array((log.text.split(separator: "\n").last ?? "").utf8)).root
    }

    var logged: String { log.text }
}

private func queued(
    _ id: String, _ rest: String = "", partner: String = "web-app", group: String? = nil
) -> QueueEvents.Message {
    QueueEvents.Message(
        #"{"type":"track","messageId":"\#(id)","userId":"u","event":"Secret Name"\#(rest)}"#,
        id: "sqs-\(id)", attributes: [("partner", partner), ("sender", "segment-api")],
        group: group)
}

@Suite("The loader")
struct LoaderTests {
    @Test(
        "stores what comes raw and in SNS's envelope, with its attributes",
        arguments: [false, true])
    func stores(isEnveloped: Bool) throws {
        let harness = try LoaderHarness()
        let event = QueueEvents.sqs(
            [queued("a"), queued("b"), queued("a"), queued("a", partner: "other")],
            isEnveloped: isEnveloped)
        #expect(try harness.failures(event) == [])
        let stored = try harness.rows(
            "SELECT id || ' ' || partner || ' ' || sender FROM tracks ORDER BY 1")
        #expect(
            stored
                == ["a other segment-api", "a web-app segment-api", "b web-app segment-api"])
        // The queue's own time stands in for a missing receivedAt.
        #expect(
            try harness.rows("SELECT DISTINCT received_at FROM tracks")
                == ["2026-03-14T09:26:53.120000Z"])
        let line = try harness.line()
        for (name, count) in [
            ("received", 4), ("stored", 3), ("repeated", 1), ("rejected", 0), ("failed", 0),
            ("chunks", 1), ("rows.tracks", 3),
        ] {
            #expect(line[name]?.int == count, "\(name)")
        }
        #expect(line["warehouse"]?.string == "sqlite")
        #expect(try harness.failures(event) == [])
        #expect(try harness.line()["repeated"]?.int == 4)
        #expect(!harness.logged.contains("Secret Name"))
    }

    @Test("names no event and no trait in its log, and counts what has columns of its own")
    func columns() throws {
        let harness = try LoaderHarness(layout: .columns(.standard))
        let identify =
            #"{"type":"identify","messageId":"i","traits":{"secretTrait":1,"secret_trait":2}}"#
        let event = QueueEvents.sqs([queued("a"), QueueEvents.Message(identify, id: "sqs-i")])
        #expect(try harness.failures(event) == [])
        for (name, count) in [
            ("stored", 2), ("repeated", 0), ("rows.tracks", 1), ("rows.identifies", 1),
            ("rows.events", 1), ("discarded", 1), ("rejected", 0),
        ] { #expect(try harness.line()[name]?.int == count, "\(name)") }
        #expect(try harness.rows("SELECT secret_trait FROM identifies") == ["1"])
        #expect(!harness.logged.lowercased().contains("secret"))
    }

    @Test("takes an event of SNS as well, and fails it as a whole")
    func topics() throws {
        let harness = try LoaderHarness()
        guard case .response = try harness.answer(QueueEvents.sns([queued("a")])) else {
            Issue.record("not stored")
            return
        }
        #expect(try harness.rows("SELECT id FROM tracks") == ["a"])
        try harness.run("DROP TABLE tracks")
        guard case .failure(let failure) = try harness.answer(QueueEvents.sns([queued("b")]))
        else {
            Issue.record("not failed")
            return
        }
        #expect(failure.type == "Function.NotLoaded")
    }

    @Test("keeps what is no message, and what the warehouse refuses, in rejected")
    func rejects() throws {
        let harness = try LoaderHarness()
        try harness.run(
            "CREATE TRIGGER no BEFORE INSERT ON tracks WHEN NEW.id LIKE 'bad%' "
                + "BEGIN SELECT RAISE(ABORT, 'no'); END")
        let messages =
            [QueueEvents.Message("no json", id: "sqs-x"), QueueEvents.Message("[]", id: "sqs-y")]
            + (0..<40).map { queued($0 == 7 || $0 == 23 ? "bad-\($0)" : "m-\($0)") }
        #expect(try harness.failures(QueueEvents.sqs(messages)) == [])
        #expect(try harness.rows("SELECT count(*) FROM tracks") == ["38"])
        #expect(
            try harness.rows("SELECT id || ' ' || reason FROM rejected ORDER BY id") == [
                "sqs-bad-23 refused", "sqs-bad-7 refused", "sqs-x not_json", "sqs-y not_a_message",
            ])
        #expect(
            try harness.rows("SELECT DISTINCT detail FROM rejected WHERE reason = 'refused'")
                == ["1811"])
        let line = try harness.line()
        #expect(line["rejected"]?.int == 4)
        #expect(line["stored"]?.int == 38)
        #expect(line["level"]?.string == "WARN")
    }

    @Test("gives back exactly what is not committed, and says why without a value")
    func fails() throws {
        let harness = try LoaderHarness(isMigrated: false)
        let event = QueueEvents.sqs([queued("a"), queued("b")])
        #expect(try harness.failures(event) == ["sqs-a", "sqs-b"])
        let line = try harness.line()
        #expect(line["level"]?.string == "ERROR")
        #expect(line["failed"]?.int == 2)
        #expect(line["reason"]?.string?.contains("inlet warehouse migrate") == true)
    }

    @Test("nothing overtakes a failed message within its group")
    func groups() throws {
        let harness = try LoaderHarness()
        // Neither a message nor its row of rejected can be stored.
        try harness.run(
            "CREATE TRIGGER no BEFORE INSERT ON tracks WHEN NEW.id = 'bad' "
                + "BEGIN SELECT RAISE(ABORT, 'no'); END;"
                + "CREATE TRIGGER neither BEFORE INSERT ON rejected "
                + "BEGIN SELECT RAISE(ABORT, 'no'); END")
        let event = QueueEvents.sqs(
            [
                queued("a", group: "1"), queued("bad", group: "1"), queued("c", group: "1"),
                queued("d", group: "2"),
            ], isFIFO: true)
        #expect(try harness.failures(event) == ["sqs-bad", "sqs-c"])
        #expect(try harness.rows("SELECT id FROM tracks ORDER BY 1") == ["a", "c", "d"])
        #expect(try harness.line()["failed"]?.int == 2)
    }

    @Test("starts nothing when the time is up, and gives everything back")
    func late() throws {
        let harness = try LoaderHarness()
        let event = QueueEvents.sqs([queued("a")])
        #expect(try harness.failures(event, limit: .milliseconds(1)) == ["sqs-a"])
        #expect(try harness.rows("SELECT count(*) FROM tracks") == ["0"])
        #expect(try harness.failures(event) == [])
    }

    @Test("three thousand messages, and five megabytes of them, are stored")
    func large() throws {
        let harness = try LoaderHarness()
        let many = QueueEvents.sqs((0..<3000).map { queued("m-\($0)") })
        #expect(try harness.failures(many) == [])
        #expect(try harness.line()["chunks"]?.int == 3)
        let text = String(repeating: "\\u00e9", count: 40_000)
        let large = QueueEvents.sqs(
            (0..<20).map { queued("l-\($0)", #","properties":{"t":"\#(text)"}"#) })
        #expect(try harness.failures(large) == [])
        #expect(try harness.rows("SELECT count(*) FROM tracks") == ["3020"])
    }

    @Test("an event that is none of a queue is told by its kind")
    func unknown() throws {
        let harness = try LoaderHarness()
        guard case .failure = try harness.answer(Array("{}".utf8)) else {
            Issue.record("taken")
            return
        }
        let event = QueueEvents.sqs([queued("a")])
        #expect(
            try Harness.failures(in: Loader.unanswered(Harness.invocation(event))) == ["sqs-a"])
    }
}
