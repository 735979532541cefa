internal import CSQLite
internal import Glibc
internal import Platform

/// A connection to a database file, with the statements that it has prepared.
///
/// Source: "The C Language Interface to SQLite", version 3.35 or newer.
@safe
package struct SQLiteConnection: ~Copyable {
    /// What a connection may do with its file.
    package enum Access: Sendable {
        case read
        case write
        /// Makes a file that only its owner can read, if there is none.
        case create
    }

    private let handle: OpaquePointer
    private var statements: [SQLiteStatement] = []
    /// Statements that are kept: texts may name the columns that some rows need.
    private static let maximumStatements = 64

    package init(path: String, access: Access) throws(SQLiteError) {
        // SQLite would make the file readable for all.
        if access == .create {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { close(descriptor) }
        }
        let flags = access == .read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        var opened: OpaquePointer?
        // One thread uses it, so that it needs no locks.
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard let handle = unsafe opened else {
            throw SQLiteError(.other, code: code, message: "out of memory")
        }
        guard code == SQLITE_OK else {
            let error = unsafe Self.error(handle, path: path)
            unsafe sqlite3_close_v2(handle)
            throw error
        }
        unsafe self.handle = handle
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// True when the file has been moved, removed or replaced since it was opened.
    package var isStale: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(
            handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Sets how long a statement waits while others hold the database.
    package func wait(atMost patience: Duration) {
        unsafe sqlite3_busy_timeout(handle, Int32(clamping: max(0, patience.milliseconds)))
    }

    /// Runs a statement with these values for `$1`, `$2` and so on, and returns its rows as text.
    ///
    /// The statement is prepared once and kept, so `text` must be one of the program's own.
    package mutating func rows(
        _ text: String, _ values: [String?] = []
    ) throws(SQLiteError) -> [[String?]] {
        let statement = try prepared(text)
        defer { statement.reset() }
        try check(statement.bind(values))
        var rows: [[String?]] = []
        while true {
            switch statement.step() {
            case SQLITE_DONE: return rows
            case SQLITE_ROW: rows.append(statement.row)
            default: throw unsafe Self.error(handle)
            }
        }
    }

    /// Runs a statement once for each of these lists of values, and returns how many rows it has
    /// changed.
    ///
    /// The statement is prepared once: give only texts of the program itself.
    package mutating func change(
        _ text: String, forEach lists: some Sequence<[SQLiteValue]>
    ) throws(SQLiteError) -> Int {
        let statement = try prepared(text)
        defer { statement.reset() }
        var changes = 0
        for values in lists {
            statement.reset()
            try check(statement.bind(values))
            guard statement.step() == SQLITE_DONE else { throw unsafe Self.error(handle) }
            changes += unsafe Int(sqlite3_changes(handle))
        }
        return changes
    }

    /// How many statements are ready to be run again.
    var keptStatements: Int { statements.count }

    /// True between the beginning of a transaction and its end.
    package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Runs statements that are separated by semicolons, without values and rows.
    package func run(_ script: String) throws(SQLiteError) {
        try check(unsafe sqlite3_exec(handle, script, nil, nil, nil))
    }

    private mutating func prepared(_ text: String) throws(SQLiteError) -> SQLiteStatement {
        for statement in statements where statement.text == text { return statement }
        var made: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let raw = unsafe made else { throw unsafe Self.error(handle) }
        let statement = unsafe SQLiteStatement(raw, text: text)
        if statements.count == Self.maximumStatements { statements.removeFirst() }
        statements.append(statement)
        return statement
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw unsafe Self.error(handle) }
    }

    private static func error(_ handle: OpaquePointer, path: String? = nil) -> SQLiteError {
        let code = unsafe sqlite3_extended_errcode(handle)
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        var isMissing = false
        if let path { isMissing = unsafe access(path, F_OK) != 0 }
        return SQLiteError(
            isMissing ? .fileMissing : kind(code, message), code: code, message: message)
    }

    private static func kind(_ code: Int32, _ message: String) -> SQLiteError.Kind {
        // The low byte is the primary code.
        switch code & 0xFF {
        case SQLITE_CONSTRAINT:
            // "UNIQUE constraint failed: partners.name"
            let unique = "UNIQUE constraint failed: "
            guard message.hasPrefix(unique) else { return .constraint }
            return .duplicate(column: String(message.dropFirst(unique.count)))
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_FULL: return .full
        case SQLITE_READONLY: return .readOnly
        case SQLITE_TOOBIG, SQLITE_MISMATCH: return .constraint
        case SQLITE_IOERR: return .inputOutput
        case SQLITE_NOTADB, SQLITE_CORRUPT: return .notADatabase
        case SQLITE_ERROR where message.hasPrefix("no such table"): return .tableMissing
        default: return .other
        }
    }
}
