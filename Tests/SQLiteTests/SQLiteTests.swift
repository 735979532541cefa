import TestSupport
import Testing
@testable import SQLite

import class Foundation.FileManager

@Suite("SQLite")
struct SQLiteTests {
    private let directory: TemporaryDirectory
    private var path: String { "\(directory.path)/a.db" }

    init() throws { directory = try TemporaryDirectory() }

    private func filled() throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path, access: .create)
        try connection.run(
            "CREATE TABLE t (a TEXT UNIQUE, b INTEGER, c TEXT NOT NULL DEFAULT '');"
                + "INSERT INTO t (a, b) VALUES ('one', 1)")
        return connection
    }

    @Test("binds values by their numbers, and gives columns as text")
    func values() throws {
        var connection = try filled()
        let inserted = try connection.rows(
            "INSERT INTO t (b, a, c) VALUES ($2, $1, $1) RETURNING a, b, c, NULL", ["x", "7"])
        #expect(inserted == [["x", "7", "x", nil]])
        #expect(try connection.rows("SELECT b FROM t WHERE a = $1", ["one"]) == [["1"]])
        #expect(try connection.rows("SELECT b FROM t WHERE a = $1", ["two"]) == [])
        #expect(try connection.rows("SELECT b FROM t WHERE a = $1", ["x"]) == [["7"]])
    }

    @Test("keeps any text whole", arguments: ["", "a\0b", "'; DROP TABLE t; --", "🦜\u{10FFFF}"])
    func texts(text: String) throws {
        var connection = try filled()
        #expect(try connection.rows("SELECT $1, length($1) IS NULL", [text]) == [[text, "0"]])
        #expect(try connection.rows("SELECT $1, $1 IS NULL", [nil]) == [[nil, "1"]])
    }

    @Test("keeps the newest of its statements, and not all that ever were")
    func statements() throws {
        var connection = try filled()
        for number in 0..<1_000 {
            #expect(try connection.rows("SELECT b + \(number) FROM t") == [["\(number + 1)"]])
        }
        #expect(connection.keptStatements == 64)
        #expect(try connection.rows("SELECT b + 0 FROM t") == [["1"]])
    }

    @Test("goes on after a statement that failed")
    func afterFailure() throws {
        var connection = try filled()
        for _ in 0..<2 {
            #expect(throws: SQLiteError.self) {
                try connection.rows("INSERT INTO t (a) VALUES ($1)", ["one"])
            }
        }
        #expect(try connection.rows("INSERT INTO t (a) VALUES ($1)", ["two"]) == [])
    }

    @Test("tells what went wrong")
    func kinds() throws {
        var connection = try filled()
        func kind(_ statement: String, _ connection: inout SQLiteConnection) -> SQLiteError.Kind? {
            do throws(SQLiteError) {
                _ = try connection.rows(statement)
                return nil
            } catch {
                return error.kind
            }
        }
        #expect(
            kind("INSERT INTO t (a) VALUES ('one')", &connection) == .duplicate(column: "t.a"))
        #expect(kind("INSERT INTO t (c) VALUES (NULL)", &connection) == .constraint)
        #expect(kind("SELECT * FROM u", &connection) == .tableMissing)
        #expect(kind("SELEC", &connection) == .other)
        var reader = try SQLiteConnection(path: path, access: .read)
        #expect(kind("INSERT INTO t (a) VALUES ('two')", &reader) == .readOnly)
        var writer = try SQLiteConnection(path: path, access: .write)
        try writer.run("BEGIN IMMEDIATE")
        #expect(kind("INSERT INTO t (a) VALUES ('two')", &connection) == .busy)
        try writer.run("ROLLBACK")
        #expect(kind("INSERT INTO t (a) VALUES ('two')", &connection) == nil)
        try connection.run("PRAGMA max_page_count = 3")
        #expect(
            kind("INSERT INTO t (a) VALUES (hex(zeroblob(100000)))", &connection) == .full)
        _ = try writer.rows("SELECT 1")
    }

    @Test("makes a file that only its owner can read, and only when asked to")
    func files() throws {
        for access in [SQLiteConnection.Access.read, .write] {
            #expect {
                _ = try SQLiteConnection(path: path, access: access)
            } throws: {
                ($0 as? SQLiteError)?.kind == .fileMissing
            }
        }
        _ = try filled()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("refuses a file that is no database")
    func noDatabase() throws {
        _ = try directory.write("a.db", String(repeating: "no database\n", count: 100))
        var connection = try SQLiteConnection(path: path, access: .read)
        #expect {
            try connection.rows("SELECT 1 FROM t")
        } throws: {
            ($0 as? SQLiteError)?.kind == .notADatabase
        }
    }

    @Test("notices that its file was removed or replaced")
    func stale() throws {
        let connection = try filled()
        var isStale = connection.isStale
        #expect(!isStale)
        try FileManager.default.removeItem(atPath: path)
        isStale = connection.isStale
        #expect(isStale)
        let other = try filled()
        isStale = connection.isStale
        #expect(isStale)
        isStale = other.isStale
        #expect(!isStale)
    }
}
