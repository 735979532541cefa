/// What SQLite answered instead of a result.
package struct SQLiteError: Error, Equatable {
    package enum Kind: Equatable, Sendable {
        /// Two rows would have the same value in this column, such as `partners.name`.
        case duplicate(column: String)
        /// A column's value breaks a rule of its table, or is larger than SQLite can hold.
        case constraint
        /// Others held the database for too long.
        case busy
        case fileMissing
        case tableMissing
        case full
        case readOnly
        /// The file system failed.
        case inputOutput
        case notADatabase
        case other
    }

    package let kind: Kind
    /// SQLite's extended result code.
    package let code: Int32
    /// SQLite's words, which name tables, columns and the problem, and never a value.
    package let message: String

    package init(_ kind: Kind, code: Int32, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }
}
