import Foundation
import Platform
import SQLite
import TestSupport
import Testing
@testable import Warehouse
@testable import WarehouseStore

@Suite("A warehouse in a file that fails")
struct SQLiteFaultTests {
    private let warehouse: TestWarehouse

    init() throws {
        warehouse = try TestWarehouse()
        _ = try warehouse.session().migrate(within: .long)
    }

    private func failure(
        _ messages: [PublishedMessage], _ session: any WarehouseSession,
        within budget: TimeBudget = .long
    ) -> WarehouseError? {
        do {
            try Messages.store(messages, in: session, within: budget)
            return nil
        } catch {
            return error as? WarehouseError
        }
    }

    @Test("a row that breaks a rule takes its chunk back")
    func constraint() throws {
        let open = try SQLiteConnection(path: warehouse.path, access: .write)
        try open.run(
            "CREATE TRIGGER no BEFORE INSERT ON tracks WHEN NEW.id = 'bad' "
                + "BEGIN SELECT RAISE(ABORT, 'no'); END")
        let session = try warehouse.session()
        let error = failure([try Messages.track("a"), try Messages.track("bad")], session)
        #expect(error?.kind == .data)
        #expect(try warehouse.count(Schema.tracks) == 0)
        #expect(try Messages.store([Messages.track("a")], in: session) == 1)
    }

    @Test("others that write are waited for until the deadline")
    func busy() throws {
        let open = try SQLiteConnection(path: warehouse.path, access: .write)
        try open.run("BEGIN IMMEDIATE")
        let session = try warehouse.session()
        let error = failure([try Messages.track("a")], session, within: .short(.milliseconds(300)))
        #expect(error?.kind == .unavailable)
        try open.run("COMMIT")
        #expect(try Messages.store([Messages.track("a")], in: session) == 1)
    }

    /// A file system with room for one megabyte.
    private final class SmallDisk {
        let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            let mount = try Program(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.path])
            guard try mount.end() == .status(0) else { throw mount.failure("cannot mount") }
        }

        deinit { _ = try? Program("/bin/umount", [directory.path]).end() }

        static var isPossible: Bool { (try? SmallDisk()) != nil }
    }

    @Test(
        "a full disk keeps what is there, and takes the rest later",
        .enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
    func full() throws {
        let disk = try SmallDisk()
        let path = "\(disk.directory.path)/warehouse.sqlite"
        let session = SQLiteWarehouse(path: path, journal: .delete)
        _ = try session.migrate(within: .long)
        let large = try Messages.message(
            #"{"type":"track","messageId":"l","properties":{"text":""#
                + String(repeating: "x", count: 900_000) + #""}}"#)
        #expect(try Messages.store([Messages.track("a")], in: session) == 1)
        let error = failure([large], session)
        #expect(error?.kind == .unavailable)
        #expect(error?.reason == "its disk is full")
        #expect(try Messages.store([Messages.track("a")], in: session) == 0)
        #expect(try Messages.store([Messages.track("b")], in: session) == 1)
    }

    @Test("a file that is gone, or is another one now, is told or taken")
    func moved() throws {
        let session = try warehouse.session()
        try Messages.store([Messages.track("a")], in: session)
        try FileManager.default.removeItem(atPath: warehouse.path)
        #expect(failure([try Messages.track("b")], session)?.kind == .denied)
        _ = try warehouse.session().migrate(within: .long)
        #expect(try Messages.store([Messages.track("b")], in: session) == 1)
    }
}
