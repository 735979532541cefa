/// A value that a statement stores.
package enum SQLiteValue: Sendable, Equatable {
    case null
    /// UTF-8.
    case text(ArraySlice<UInt8>)
    case integer(Int64)
    case real(Double)
}
