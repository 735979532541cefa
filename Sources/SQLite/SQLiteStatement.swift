internal import CSQLite

/// A prepared statement.
///
/// SQLite keeps the connection's file open until its last statement is gone.
@safe
final class SQLiteStatement {
    let text: String
    private let raw: OpaquePointer

    /// Takes what `sqlite3_prepare_v3` has made of `text`.
    init(_ raw: OpaquePointer, text: String) {
        unsafe self.raw = raw
        self.text = text
    }

    deinit { unsafe sqlite3_finalize(raw) }

    /// Gives `$1`, `$2` and so on their values; result codes are SQLite's.
    func bind(_ values: [String?]) -> Int32 {
        for (index, value) in values.enumerated() {
            let place = unsafe sqlite3_bind_parameter_index(raw, "$\(index + 1)")
            let code = bind(value, at: place)
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    /// Gives the parameters their values in order; result codes are SQLite's.
    func bind(_ values: [SQLiteValue]) -> Int32 {
        for (index, value) in values.enumerated() {
            let place = Int32(clamping: index + 1)
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(raw, place)
                case .text(let text): bind(text, at: place)
                case .integer(let number): unsafe sqlite3_bind_int64(raw, place, number)
                case .real(let number): unsafe sqlite3_bind_double(raw, place, number)
                }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    /// Goes to the next row; result codes are SQLite's.
    func step() -> Int32 { unsafe sqlite3_step(raw) }

    /// The row of the last step.
    var row: [String?] {
        let count = unsafe sqlite3_column_count(raw)
        return (0..<count).map { column in
            guard let text = unsafe sqlite3_column_text(raw, column) else { return nil }
            let count = unsafe Int(sqlite3_column_bytes(raw, column))
            return unsafe String(
                decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
        }
    }

    /// Makes the statement ready to be run again, and forgets the values.
    func reset() {
        // The result repeats the last step's error, which was reported already.
        _ = unsafe sqlite3_reset(raw)
        unsafe sqlite3_clear_bindings(raw)
    }

    private func bind(_ value: String?, at place: Int32) -> Int32 {
        guard var value else { return unsafe sqlite3_bind_null(raw, place) }
        return value.withUTF8 { unsafe bind($0, at: place) }
    }

    private func bind(_ text: ArraySlice<UInt8>, at place: Int32) -> Int32 {
        unsafe text.withUnsafeBufferPointer { unsafe bind($0, at: place) }
    }

    private func bind(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int32) -> Int32 {
        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
            // An empty text may have no address, which SQLite would take for NULL.
            unsafe characters.isEmpty
                ? csqlite_bind_text(raw, place, "", 0)
                : csqlite_bind_text(
                    raw, place, characters.baseAddress, Int32(clamping: characters.count))
        }
    }
}
